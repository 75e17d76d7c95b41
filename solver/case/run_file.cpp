#include "solver/case/run_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "solver/case/case.hpp"
#include "solver/case/time_stamps.hpp"
#include "solver/network/path_text.hpp"

namespace kelvolt {

namespace {

constexpr const char* suffixes[] = {"", "_mean", "_min", "_max"};
constexpr const char* words[] = {"", ", mean of the interval", ", minimum of the interval",
                                 ", maximum of the interval"};

std::string long_name(const Network& net, const ValueRef& ref) {
    const ModelInfo& info = *net.component(ref.component).info;
    if (ref.kind == ValueRef::Kind::output) return info.outputs[ref.index].doc;
    for (const UnknownInfo& u : info.unknowns)
        if (ref.kind == ValueRef::Kind::unknown && u.local == ref.index) return u.doc;
    return std::string(last_level(ref.path));
}

ResultSchema schema_of(const Case& the_case, const std::vector<ValueRef>& recorded,
                       const std::vector<ArrayGroup>& groups) {
    const BuiltCase& subject = the_case.subject();
    ResultSchema schema;
    std::set<std::string> known;
    for (const ArrayGroup& g : groups) {
        for (std::size_t d = 0; d < g.layout.dims.size(); ++d) {
            if (!known.insert(g.layout.dims[d]).second) continue;
            ResultDimension dim;
            dim.name = g.layout.dims[d];
            dim.size = g.layout.sizes[d];
            for (std::size_t i = 1; i <= dim.size; ++i) dim.coordinate.push_back(double(i));
            dim.unit = "1";
            dim.long_name = "element of " + dim.name + ", from 1";
            schema.dimensions.push_back(std::move(dim));
        }
        const ValueRef& first = recorded[g.values.front()];
        for (int k = 0; k < 4; ++k)
            schema.variables.push_back({g.layout.name + suffixes[k],
                                        g.layout.dims,
                                        true,
                                        first.quantity.unit,
                                        long_name(subject.network, first) + words[k],
                                        {}});
    }
    schema.attributes = {{"title", subject.title},
                         {"source", fmt::format("Kelvolt {}", KELVOLT_VERSION)},
                         {"Conventions", "CF-1.10"},
                         {"case_text", subject.text},
                         {"case_file", std::filesystem::path(subject.file).filename().string()}};
    schema.attributes.emplace_back("result_format", "1");  // RESULT of python/kelvolt/base/formats.py
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
