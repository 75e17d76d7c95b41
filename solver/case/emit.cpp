#include "solver/case/emit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "solver/case/connections.hpp"
#include "solver/model/registry.hpp"
#include "solver/network/path_text.hpp"

namespace kelvolt {

namespace {

bool is_assumed(std::string_view grade) { return grade == "assumed" || grade == "M" || grade == "default"; }

// A pattern for two paths with as many levels: `*` where they differ; the first one for others.
std::string shared_pattern(const std::string& one, const std::string& two) {
    std::vector<std::string> levels[2];
    for (const int k : {0, 1}) {
        std::istringstream text(k == 0 ? one : two);
        for (std::string level; std::getline(text, level, '.');) levels[k].push_back(level);
    }
    if (levels[0].size() != levels[1].size()) return one;
    for (std::size_t k = 0; k < levels[0].size(); ++k)
        if (levels[0][k] != levels[1][k]) levels[0][k] = "*";
    return fmt::format("{}", fmt::join(levels[0], "."));
}

// The default of a parameter that no source gives, as its declaration says (models/README.md).
bool is_assumed_default(const ParamInfo& p) {
    return p.type == ParamInfo::Type::number && !p.required && std::isfinite(p.fallback) &&
           p.doc.find("(assumed") != std::string::npos;
}

// What stands in for a range that nobody states: a quarter up and down, of a temperature 10 K, within what the
// parameter may be; halfway to an end that it may not take. Of 0 there is none.
std::pair<double, double> stand_in(const ParamInfo& p) {
    const double value = p.fallback, by = p.unit == "K" ? 10.0 : 0.25 * std::abs(value);
    if (by == 0.0) return {not_given, not_given};
    const auto within = [&](double x) {
        if (p.range.holds(x)) return x;
        const double end = x < value ? p.range.lo : p.range.hi;
        return p.range.holds(end) ? end : 0.5 * (value + end);
    };
    return {within(value - by), within(value + by)};
}

class Emitter {
   public:
    explicit Emitter(Builder& builder) : builder_(builder), connector_(builder) {}

    EmittedFacts run(Part& root) {
        components(root, "");
        connections(root, "");
        for (Use& use : uses_)
            (is_assumed(use.line.grade) ? facts_.assumptions : facts_.tolerances).push_back(std::move(use.line));
        for (Use& use : defaults_) facts_.assumptions.push_back(std::move(use.line));
        return std::move(facts_);
    }

   private:
    struct Use {
        Assumption line;
        std::string pattern;
    };
    Builder& builder_;
    Connector connector_;
    EmittedFacts facts_;
    std::vector<Use> uses_;
    std::map<const Provenance*, std::size_t> use_of_;
    std::map<std::pair<const ParamInfo*, std::string>, std::size_t> use_of_default_;
    std::vector<Use> defaults_;
    std::set<std::string> sources_seen_, owners_seen_;

    void components(const Part& part, const std::string& path) {
        for (const PartGroup& group : part.groups)
            for (std::size_t i = 0; i < group.elements.size(); ++i) {
                const Part& child = group.elements[i];
                const std::string child_path = path_of(path, group, i);
                if (child.is_leaf())
                    leaf(child, child_path);
                else
                    components(child, child_path);
            }
        if (path.empty() || !part.assembly || part.assembly->short_names.empty()) return;
        const std::string owner = without_indices(path);
        if (!owners_seen_.insert(owner).second) return;
        for (const auto& s : part.assembly->short_names) facts_.short_names.push_back({owner, s.name, s.targets});
    }

    void leaf(const Part& part, const std::string& path) {
        if (part.cells > 0)
            builder_.add_chain(path, *part.info, part.cells, part.where);
        else
            builder_.add(path, *part.info, part.where);
        for (const Setting& s : part.settings) {
            give(s, path);
            note(s, path);
        }
        for (const ParamInfo& p : part.info->params)
            if (is_assumed_default(p) && std::none_of(part.settings.begin(), part.settings.end(),
                                                      [&](const Setting& s) { return s.param == &p; }))
                note_default(p, path);
    }

    // elements of an array and rows of a table share one line
    void note_default(const ParamInfo& p, const std::string& path) {
        const std::string pattern = any_element(path);
        const std::size_t first = pattern.find('.'), last = pattern.rfind('.');
        std::string alike = pattern;  // without what is between the first and the last level but their number
        if (first != last) {
            const auto levels = std::count(pattern.begin(), pattern.end(), '.');
            alike = fmt::format("{} {} {}", pattern.substr(0, first), levels, pattern.substr(last));
        }
        const auto [at, fresh] = use_of_default_.try_emplace({&p, alike}, defaults_.size());
        if (fresh) {
            const auto [lo, hi] = stand_in(p);
            defaults_.push_back(
                {{path, p.name, p.unit, p.fallback, lo, hi, "default", "default of the model", 0, {}}, pattern});
        }
        Use& use = defaults_[at->second];
        use.line.elements.push_back(path);
        if (++use.line.count == 1) return;
        if (use.pattern != pattern) use.pattern = shared_pattern(use.pattern, pattern);
        use.line.path = use.pattern;
    }

    void give(const Setting& s, const std::string& path) {
        const Given& g = *s.given;
        if (!s.param) {
            builder_.set_signal(path, s.signal->name, g.number, g.where);
            return;
        }
        switch (s.param->type) {
            case ParamInfo::Type::number:
                builder_.set_number(path, s.param->name, g.number, g.where);
                break;
            case ParamInfo::Type::choice:
                builder_.set_choice(path, s.param->name, g.word, g.where);
                break;
            case ParamInfo::Type::curve:
                builder_.set_curve(path, s.param->name, g.curve, g.where);
                break;
            case ParamInfo::Type::medium:
                builder_.set_medium(path, s.param->name, *g.medium, g.where);
                break;
        }
    }

    void note(const Setting& s, const std::string& path) {
        if (s.given->medium) cite(coolants().citation(*s.given->medium));
        const Provenance* from = s.given->from.get();
        if (!from) return;
        if (!from->source.empty())
            cite(from->date.empty() ? from->source : fmt::format("{} ({})", from->source, from->date));
        if (!is_assumed(from->grade) && std::isnan(from->lo)) return;
        // a choice has no number that could lie in a range
        if (std::isnan(from->value)) return;
        const auto [at, fresh] = use_of_.try_emplace(from, uses_.size());
        if (fresh) {
            const bool factor = s.param && s.param->type == ParamInfo::Type::curve && from->value == 1.0;
            uses_.push_back({{path,
                              s.param ? s.param->name : s.signal->name,
                              s.param && !factor ? s.param->unit : "1",
                              from->value,
                              from->lo,
                              from->hi,
                              from->grade,
                              from->source,
                              0,
                              {}},
                             any_element(path)});
        }
        Use& use = uses_[at->second];
        use.line.count += 1;
        use.line.elements.push_back(path);
        if (use.line.count == 1 || use.line.path == from->entry) return;
        if (const std::string pattern = any_element(path); use.pattern != pattern) {
            if (!from->entry.empty()) {
                use.line.path = from->entry;
                return;
            }
            use.pattern = shared_pattern(use.pattern, pattern);
        }
        use.line.path = use.pattern;
    }
    void cite(const std::string& source) {
        if (sources_seen_.insert(source).second) facts_.sources.push_back(source);
    }

    // inner connections first, so that errors name the innermost place
    void connections(Part& part, const std::string& path) {
        for (PartGroup& group : part.groups)
            for (std::size_t i = 0; i < group.elements.size(); ++i)
                if (!group.elements[i].is_leaf()) connections(group.elements[i], path_of(path, group, i));
        connector_.connect(part, path);
    }
};

}  // namespace

EmittedFacts emit(Part& root, Builder& builder) { return Emitter(builder).run(root); }

}  // namespace kelvolt
