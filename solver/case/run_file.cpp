#include "solver/case/run_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <limits>
#include <set>

#include "solver/case/case.hpp"
#include "solver/case/time_stamps.hpp"
#include "solver/model/states.hpp"
#include "solver/network/path_text.hpp"
#include "solver/units/attribute.hpp"

namespace kelvolt {

namespace {

constexpr const char* suffixes[] = {"", "_mean", "_min", "_max"};
constexpr const char* words[] = {"", ", mean of the interval", ", minimum of the interval",
                                 ", maximum of the interval"};

std::string long_name(const Network& net, const ValueRef& ref) {
    const ModelInfo& info = *net.component(ref.component).info;
    if (ref.kind == ValueRef::Kind::output) return info.outputs[ref.index].doc;
    if (ref.kind == ValueRef::Kind::discrete) return info.discretes[ref.index].doc;
    for (const UnknownInfo& u : info.unknowns)
        if (ref.kind == ValueRef::Kind::unknown && u.local == ref.index) return u.doc;
    return std::string(last_level(ref.path));
}

using Attributes = std::vector<std::pair<std::string, std::string>>;

constexpr const char* bounds = "time_bnds";
constexpr const char* cell_methods[] = {"time: point", "time: mean", "time: minimum", "time: maximum"};

/// The path of the level that a dimension stands for: "rack.tray" of rack_tray in "rack.tray.gpu.T_die".
std::string level_of(const ArrayLayout& array, const std::string& dim) {
    std::string_view owner = owner_of(array.name);
    for (; !owner.empty(); owner = owner_of(owner)) {
        std::string name(owner);
        std::replace(name.begin(), name.end(), '.', '_');
        if (name == dim || last_level(owner) == dim) break;
    }
    return std::string(owner.empty() ? std::string_view(dim) : owner);
}

ResultDimension dimension(const ArrayLayout& array, std::size_t d) {
    ResultDimension dim;
    dim.name = array.dims[d];
    dim.size = array.sizes[d];
    for (std::size_t i = 1; i <= dim.size; ++i) dim.coordinate.push_back(double(i));
    dim.unit = "1";
    const std::string level = level_of(array, dim.name);
    dim.long_name = "element of " + level + ", from 1";
    dim.attributes = {{"path", level}};
    return dim;
}

/// One of the arrays of a value: at the end of its intervals, or their mean, minimum or maximum (k = 0 .. 3).
ResultVariable variable(const Network& net, const ValueRef& first, const ArrayLayout& layout, int k) {
    Attributes attributes = {{"cell_methods", cell_methods[k]}};
    if (first.quantity.kind == Kind::temperature) attributes.emplace_back("units_metadata", "temperature: on_scale");
    if (first.quantity.kind == Kind::temperature_difference)
        attributes.emplace_back("units_metadata", "temperature: difference");
    const std::string doc = long_name(net, first);
    std::vector<double> flags;
    std::string meanings;
    if (first.kind == ValueRef::Kind::discrete && k != 1)  // a mean of states is no state
        for (const auto& [value, meaning] : states_in(doc)) {
            flags.push_back(value);
            meanings += (meanings.empty() ? "" : " ") + meaning;
        }
    if (!flags.empty()) attributes.emplace_back("flag_meanings", meanings);
    const std::string unit = units::attribute(first.quantity.unit);
    return {layout.name + suffixes[k], layout.dims, true, unit, doc + words[k], std::move(attributes), flags};
}

std::string now() {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const std::time_t time = std::chrono::system_clock::to_time_t(seconds);
    std::tm utc{};
    gmtime_r(&time, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

ResultSchema schema_of(const Case& the_case, const std::vector<ValueRef>& recorded,
                       const std::vector<ArrayGroup>& groups) {
    const BuiltCase& subject = the_case.subject();
    ResultSchema schema;
    std::set<std::string> known;
    for (const ArrayGroup& g : groups) {
        for (std::size_t d = 0; d < g.layout.dims.size(); ++d) {
            if (known.insert(g.layout.dims[d]).second) schema.dimensions.push_back(dimension(g.layout, d));
        }
        for (int k = 0; k < 4; ++k)
            schema.variables.push_back(variable(subject.network, recorded[g.values.front()], g.layout, k));
    }
    schema.dimensions.push_back({"bnds", 2, {}, {}, "", ""});
    schema.variables.push_back({bounds, {"bnds"}, true, "", "", {}});
    schema.time_attributes = {{"axis", "T"}, {"bounds", bounds}};
    const std::string file = std::filesystem::path(subject.file).filename().string();
    schema.attributes = {{"title", subject.title},
                         {"source", fmt::format("Kelvolt {}", KELVOLT_VERSION)},
                         {"Conventions", "CF-1.11"},
                         {"kelvolt_format", result_format},
                         {"history", fmt::format("{} Kelvolt {}: solved {}", now(), KELVOLT_VERSION, file)},
                         {"case_text", subject.text},
                         {"case_file", file}};
    if (const double begins = subject.run.begins; !std::isnan(begins))
        schema.attributes.emplace_back("begins", TimeStamps::text_of(begins));
    if (std::string changes = the_case.changes_text(); !changes.empty())
        schema.attributes.emplace_back("changes", std::move(changes));
    return schema;
}

std::string lines(const auto& list, auto&& text) {
    std::string all;
    for (const auto& item : list) all += (all.empty() ? "" : "\n") + text(item);
    return all;
}

}  // namespace

RunFile::RunFile(const std::filesystem::path& target, const Case& the_case, const std::vector<ValueRef>& recorded,
                 double tolerance)
    : groups_(group_by_array(recorded)), file_(target, schema_of(the_case, recorded, groups_)) {
    const BuiltCase& subject = the_case.subject();
    buffer_.resize(file_.width());
    file_.attribute("tolerance", tolerance);
    file_.attribute("assumptions", lines(subject.assumptions, [](const Assumption& a) {
                        return fmt::format("{}.{} = {:g} {} ({:g} to {:g}), {}: {}", a.path, a.parameter, a.value,
                                           a.unit, a.lo, a.hi, a.grade, a.source);
                    }));
    for (const std::string& note : subject.network.notes) file_.warning(note);
}

void RunFile::row(double t, const std::vector<double>& value, const std::vector<double>& mean,
                  const std::vector<double>& minimum, const std::vector<double>& maximum) {
    std::fill(buffer_.begin(), buffer_.end(), std::numeric_limits<double>::quiet_NaN());
    double* at = buffer_.data();
    for (const ArrayGroup& g : groups_)
        for (const auto* kind : {&value, &mean, &minimum, &maximum}) {
            for (std::size_t k = 0; k < g.values.size(); ++k) at[g.layout.position[k]] = (*kind)[g.values[k]];
            at += g.layout.size();
        }
    *at++ = std::isnan(last_time_) ? t : last_time_;
    *at = t;
    last_time_ = t;
    file_.append(t, buffer_.data());
}

void RunFile::describe(const Solution& s) {
    file_.attribute("audit_energy_relative", s.audit.energy_relative());
    file_.attribute("audit_energy_in_J", s.audit.energy_in);
    file_.attribute("audit_energy_stored_J", s.audit.energy_stored);
    file_.attribute("audit_mass_relative", s.audit.mass_relative);
    if (s.entropy.worst >= 0) file_.attribute("audit_entropy_production_W_per_K", s.entropy.total);
    file_.attribute("verdicts", lines(s.verdicts, [](const Verdict& v) {
                        return fmt::format("{}: {} {} {} = {:g} {}, limit {:g}, margin {:g} at {:g} s ({})", v.word(),
                                           v.element, v.id, v.quantity, v.value, v.unit, v.limit, v.margin(), v.time,
                                           v.basis);
                    }));
    for (const std::string& w : s.warnings) file_.warning(w);
}

void RunFile::close(const Run& run) {
    describe(run.end);
    file_.attribute("steps", std::int64_t(run.steps));
    file_.attribute("jacobians", std::int64_t(run.jacobians));
    file_.attribute("restarts", std::int64_t(run.restarts));
    file_.attribute("seconds", run.seconds);
    file_.close(run.status);
}

void RunFile::close(const Solution& solution) {
    describe(solution);
    file_.attribute("newton_iterations", std::int64_t(solution.statistics.newton_iterations));
    file_.close("complete");
}

}  // namespace kelvolt
