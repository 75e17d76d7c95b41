#include "solver/case/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "solver/network/path_text.hpp"

namespace kelvolt {

namespace {

const ParamInfo& declaration(const Network& net, const ValueRef& ref) {
    const auto& params = net.components[ref.component].info->params;
    return *std::find_if(params.begin(), params.end(),
                         [&](const ParamInfo& p) { return p.type == ParamInfo::Type::number && p.index == ref.index; });
}

void require_one_unit(const std::vector<ValueRef>& refs, std::string_view pattern, const Where& where) {
    for (const ValueRef& ref : refs)
        if (ref.quantity.unit != refs.front().quantity.unit || ref.quantity.kind != refs.front().quantity.kind)
            throw input_error(
                fmt::format("'{}' names different quantities: {} is a {} and {} a {}", pattern, refs.front().path,
                            quantity_name(refs.front().quantity), ref.path, quantity_name(ref.quantity)),
                where);
}

/// Refuses parameters on which stored energy or coolant mass depends (volumes, heat capacities): to change them during
/// a run would create energy and coolant.
void refuse_storage(const Network& net, const std::vector<ValueRef>& refs, std::string_view by, const Where& where) {
    std::vector<double> y = net.start;
    for (int u = 0; u < net.size(); ++u)
        if (net.temperature[u]) y[u] = 330.0;
    const std::vector<double> still(net.size(), 0.0);
    Values values = net.initial;
    const auto stored = [&](const Component& c) {
        Tally tally;
        tally.circuits.assign(net.circuits.size(), {});
        Report<double> report;
        report.tally = &tally;
        net.block_of(c).outputs(c.instance, Point{y.data(), still.data(), values}, report);
        return tally.stored;
    };
    for (const ValueRef& ref : refs) {
        const Component& c = net.components[ref.component];
        double& value = values.params[position_of(net, ref)];
        const double before = stored(c), given = value;
        value += value == 0.0 ? 1.0 : 0.01 * value;
        const double after = stored(c);
        value = given;
        if (!(std::abs(after - before) > 1e-9 * (std::abs(before) + 1.0))) continue;
        throw input_error(
            fmt::format("{} cannot change {} during a run: the energy or coolant stored in {} depends on it, so a "
                        "change would create some; compare two runs with different values instead",
                        by, ref.path, c.path),
            where);
    }
}

/// Reads the lines of `apply:`.
class InputReader {
   public:
    InputReader(const BuiltCase& built, ProfileReader& profiles) : case_(built), profiles_(profiles) {}

    void line(const yaml::Node& node) {
        const yaml::Fields f(node, "apply", format::apply);
        const std::string& name = yaml::text(f.at("profile"), "apply: profile");
        const yaml::Node& to = f.at("to");
        const double scale = find_number(f, "scale").value_or(1.0);
        const double phase = find_number(f, "phase").value_or(0.0);
        const double skew = find_number(f, "skew").value_or(0.0);
        const bool log = profiles_.is_log(name);
        for (const std::string& pattern : yaml::texts(to, "apply: to")) {
            if (const Knob* knob = case_.knob(pattern)) {
                drive(*knob, f, name, scale, phase, to.where());
                continue;
            }
            const auto refs = case_.parameters(pattern, to.where());
            require_one_unit(refs, pattern, to.where());
            const Profile& profile =
                profiles_.get(name, declaration(case_.network, refs.front()).unit, f.find("profile")->where());
            check(refs, profile, name, scale, to.where());
            const std::string text = fmt::format("{} on {}", name, pattern);
            if (skew != 0.0) refuse_too_many_points(refs.size(), profile, name, to.where());
            if (skew == 0.0)
                inputs.push_back({positions(refs), phase == 0.0 ? profile : profile.delayed(phase), scale, text, phase,
                                  to.where(), log});
            else
                for (std::size_t i = 0; i < refs.size(); ++i) {
                    const double delay = phase + skew * static_cast<double>(i);
                    inputs.push_back({positions({refs[i]}), profile.delayed(delay), scale,
                                      fmt::format("{} on {}", name, refs[i].path), delay, to.where(), log});
                }
        }
    }
    std::vector<Input> inputs;

   private:
    const BuiltCase& case_;
    ProfileReader& profiles_;
    std::map<std::size_t, std::string> driven_;

    // A profile of a knob is their sum: each parameter follows its share, as when the knob is set.
    void drive(const Knob& knob, const yaml::Fields& line, const std::string& name, double scale, double phase,
               const Where& where) {
        if (const yaml::Node* skew = line.find("skew"))
            throw input_error(fmt::format("apply: {} is a knob, whose parameters follow a profile together; leave out "
                                          "skew, or drive the parameters that it sums up",
                                          knob.name),
                              skew->where());
        const Profile& profile = profiles_.get(name, knob.of.front().quantity.unit, where);
        const std::vector<double> shares = shares_of(knob, case_.network, case_.network.initial, where);
        std::map<double, std::vector<ValueRef>> alike;  // the parameters of each share
        for (std::size_t k = 0; k < shares.size(); ++k) alike[shares[k]].push_back(knob.of[k]);
        for (const auto& [share, refs] : alike) {
            check(refs, profile, name, scale * share, where);
            inputs.push_back({positions(refs), phase == 0.0 ? profile : profile.delayed(phase), scale * share,
                              fmt::format("{} on {}", name, knob.name), phase, where, profiles_.is_log(name)});
        }
    }
    // with a skew, every value has its own points
    static void refuse_too_many_points(std::size_t values, const Profile& profile, const std::string& name,
                                       const Where& where) {
        constexpr std::size_t most = 20'000'000;
        if (profile.size() <= most / values) return;
        throw input_error(
            fmt::format("profile {}: {} points for each of {} values are {:.3g}; at most {:.3g} are kept; give fewer "
                        "points, drive fewer values, or leave out skew",
                        name, profile.size(), values, static_cast<double>(profile.size()) * static_cast<double>(values),
                        static_cast<double>(most)),
            where);
    }
    std::vector<std::size_t> positions(const std::vector<ValueRef>& refs) const {
        std::vector<std::size_t> all;
        for (const ValueRef& ref : refs) all.push_back(position_of(case_.network, ref));
        return all;
    }
    void check(const std::vector<ValueRef>& refs, const Profile& profile, const std::string& name, double scale,
               const Where& where) {
        for (const ValueRef& ref : refs) {
            for (const double value : {profile.lowest() * scale, profile.highest() * scale}) try {
                    check_parameter(case_.network, ref, value, where);
                } catch (const Error& e) {
                    throw input_error(fmt::format("profile {}: {}", name, e.message), where);
                }
            const auto [at, fresh] = driven_.try_emplace(position_of(case_.network, ref), name);
            if (!fresh)
                throw input_error(fmt::format("{} is given two profiles, {} and {}; one value follows one profile",
                                              ref.path, at->second, name),
                                  where);
        }
        refuse_storage(case_.network, refs, "a profile", where);
    }
};

// Checks an event's value for every parameter it sets, and fills in what it changes.
void fill_event(const BuiltCase& built, Event& event, const std::vector<ValueRef>& refs, std::string_view pattern,
                const Where& value_at) {
    for (const ValueRef& ref : refs) {
        const double from = event.relative ? read_parameter(built.network, built.network.initial, ref) : 0.0;
        const std::size_t position = position_of(built.network, ref);
        for (const Input& input : built.inputs)
            if (std::find(input.positions.begin(), input.positions.end(), position) != input.positions.end())
                throw input_error(
                    fmt::format("event: {} follows a profile ({}), so an event cannot change it", ref.path, input.text),
                    event.where);
        check_parameter(built.network, ref, from + event.value, value_at);
        event.positions.push_back(position);
    }
    refuse_storage(built.network, refs, "an event", event.where);
    const bool one = std::all_of(refs.begin(), refs.end(),
                                 [&](const ValueRef& ref) { return ref.component == refs.front().component; });
    event.component = one ? built.network.component(refs.front().component).path : std::string(owner_of(pattern));
}

Event read_event(const BuiltCase& built, const yaml::Node& node) {
    const yaml::Fields f(node, "event", format::event);
    Event event{};
    event.where = node.where();
    event.time = number_at(f, "at");
    const std::string pattern = yaml::text(f.at("set"), "event: set");
    if (built.knob(pattern))
        throw input_error(
            fmt::format("event: {} is a knob of the case; an event sets the parameters that it sums up", pattern),
            f.find("set")->where());
    const auto refs = built.parameters(pattern, f.find("set")->where());
    require_one_unit(refs, pattern, node.where());
    const std::string_view how = f.choice();
    event.relative = how == "by";
    Quantity quantity = refs.front().quantity;
    if (event.relative && quantity.kind == Kind::temperature) quantity.kind = Kind::temperature_difference;
    if (event.relative && quantity.kind == Kind::pressure_absolute) quantity.kind = Kind::pressure_difference;
    const yaml::Node& value = *f.find(how);
    event.value = read_number(value, quantity, fmt::format("event: {}", pattern));
    event.ramp = find_number(f, "over").value_or(0.0);
    fill_event(built, event, refs, pattern, value.where());
    event.text = fmt::format("{} {} {}{}", pattern, how, value.text,
                             event.ramp > 0.0 ? " over " + f.find("over")->text : std::string());
    return event;
}

}  // namespace

std::vector<Input> read_inputs(const BuiltCase& built, const yaml::Node& apply, ProfileReader& profiles) {
    InputReader reader(built, profiles);
    for (const yaml::Node& node : yaml::list(apply, "apply").items) reader.line(node);
    return std::move(reader.inputs);
}

Event added_event(const BuiltCase& built, double time, const std::string& pattern, double si) {
    Event event{};
    event.time = time;
    event.value = si;
    const auto refs = built.parameters(pattern, {});
    require_one_unit(refs, pattern, {});
    fill_event(built, event, refs, pattern, {});
    event.text = fmt::format("{} to {:g}", pattern, si);
    return event;
}

std::vector<Event> read_events(const BuiltCase& built, const yaml::Node& events) {
    std::vector<Event> all;
    for (const yaml::Node& node : yaml::list(events, "events").items) all.push_back(read_event(built, node));
    std::stable_sort(all.begin(), all.end(), [](const Event& a, const Event& b) { return a.time < b.time; });
    return all;
}

namespace {

Error outside(const Input& input, const std::string& asked) {
    const auto [from, to] = input.profile.span();
    return input_error(
        fmt::format("profile {} spans {:.10g} s to {:.10g} s and {}: none of it would be used{}; times count from the "
                    "begin of the run: shift them in the table, or add `phase: {:.10g} s` to its line of apply, which "
                    "begins it with the run",
                    input.text, from, to, asked,
                    from >= first_stamp
                        ? " (its times seem to be time stamps, counted since 1970; `begins` of run says "
                          "the moment of 0 s)"
                        : "",
                    input.phase - from),
        input.where);
}

}  // namespace

void refuse_profiles_outside(const std::vector<Input>& inputs, double duration) {
    for (const Input& input : inputs)
        if (const auto [from, to] = input.profile.span(); !(from < duration && to > 0.0))
            throw outside(input, fmt::format("the run 0 s to {:g} s", duration));
}

std::vector<std::string> held_ends(const std::vector<Input>& inputs, double duration) {
    std::vector<std::string> warnings;
    const auto warn = [&](std::string text) {
        if (std::find(warnings.begin(), warnings.end(), text) == warnings.end()) warnings.push_back(std::move(text));
    };
    for (const Input& input : inputs) {
        const auto [from, to] = input.profile.span();
        if (input.log && from > 0.0)
            warn(
                fmt::format("profile {} begins at {:g} s, after the begin of the run at 0 s: its first value is held "
                            "until then",
                            input.text, from));
        if (input.log && to < duration)
            warn(
                fmt::format("profile {} ends at {:g} s, before the end of the run at {:g} s: its last value is held "
                            "from there on",
                            input.text, to, duration));
    }
    return warnings;
}

void refuse_stamps(const std::vector<Input>& inputs, double t) {
    for (const Input& input : inputs)
        if (const double from = input.profile.span().first; from >= first_stamp && t < from)
            throw outside(input, fmt::format("the steady state is that of {:g} s", t));
}

Schedule schedule_of(const BuiltCase& c, const std::vector<Event>& added) {
    Schedule schedule;
    for (const Input& input : c.inputs) schedule.add(input.positions, input.profile, input.scale);
    for (const std::vector<Event>* events : {&c.events, &added})
        for (const Event& e : *events)
            schedule.add(ScheduledEvent{e.time, e.positions, e.relative, e.value, e.ramp, e.text, e.component});
    return schedule;
}

}  // namespace kelvolt
