#include "solver/case/emit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "solver/case/connections.hpp"
#include "solver/model/registry.hpp"
#include "solver/network/path_text.hpp"

namespace kelvolt {

namespace {

bool is_assumed(std::string_view grade) { return grade == "assumed" || grade == "M"; }

class Emitter {
   public:
    explicit Emitter(Builder& builder) : builder_(builder), connector_(builder) {}

    EmittedFacts run(Part& root) {
        components(root, "");
        connections(root, "");
        for (Use& use : uses_)
            (is_assumed(use.line.grade) ? facts_.assumptions : facts_.tolerances).push_back(std::move(use.line));
        return std::move(facts_);
    }

   private:
    struct Use {
        Assumption line;
        std::string pattern, first_path;
    };
    Builder& builder_;
    Connector connector_;
    EmittedFacts facts_;
    std::vector<Use> uses_;
    std::map<const Provenance*, std::size_t> use_of_;
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
                             any_element(path),
                             path});
        }
        Use& use = uses_[at->second];
        use.line.count += 1;
        use.line.elements.push_back(path);
        if (use.line.count == 1 || use.line.path == from->entry) return;
        use.line.path = use.pattern == any_element(path) || from->entry.empty() ? use.pattern : from->entry;
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
