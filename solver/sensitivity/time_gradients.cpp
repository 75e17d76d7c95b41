#include "solver/sensitivity/time_gradients.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "solver/case/timeline.hpp"
#include "solver/sensitivity/backward.hpp"

namespace kelvolt {

namespace {

constexpr double most_memory = 8e9;  // bytes of a trajectory

class Nobody final : public Observer {
   public:
    void point(double, const Point&) override {}
    void event(double, const std::string&, const std::string&) override {}
    double next_wanted(double) const override { return INFINITY; }
};

Error no_gradient(const std::string& message) { return {Error::Kind::no_gradient, message}; }

void check_functionals(const std::vector<TimeFunctional>& functionals) {
    using Kind = ValueRef::Kind;
    for (const TimeFunctional& f : functionals) {
        if (f.of.kind != Kind::unknown && f.of.kind != Kind::potential && f.of.kind != Kind::output)
            throw input_error(
                fmt::format("{} is no result that has a gradient; ask for that of an unknown, a node value or an "
                            "output, by a parameter",
                            f.of.path));
        if (f.kind == TimeFunctional::Kind::soft_max && !(f.width > 0.0))
            throw input_error(fmt::format("{}: a soft maximum needs a width above 0, in {}", f.of.path,
                                          f.of.quantity.unit.empty() ? "the unit of the value" : f.of.quantity.unit));
    }
}

void refuse_switches_at_once(const Network& net, const Trajectory& run) {
    for (const Trajectory::Segment& s : run.segments()) {
        if (s.cause != Trajectory::Cause::root || s.switched.size() < 2) continue;
        std::vector<std::string> names;
        for (const auto& [component, which] : s.switched) names.push_back(net.component(component).path);
        throw no_gradient(
            fmt::format("{} switch together at t = {:g} s: a small change would make one of them the first, so the run "
                        "has no derivative there; ask for a time before, or watch one of them",
                        fmt::join(names, ", "), s.t1));
    }
}

void refuse_delays(const Network& net, const Trajectory& run) {
    for (const Trajectory::Segment& s : run.segments())
        for (const auto& [component, which] : s.switched) {
            const Component& c = net.component(component);
            if (s.cause == Trajectory::Cause::root && net.block_of(c).timed())
                throw no_gradient(
                    fmt::format("{} switches at t = {:g} s after a delay that began with an earlier switch; gradients "
                                "through such a chain are not computed: ask for a time before, or compare two runs",
                                c.path, s.t1));
        }
}

std::string parameter_path(const Component& c, int number) {
    for (const ParamInfo& p : c.info->params)
        if (p.type == ParamInfo::Type::number && p.index == number) return c.path + "." + p.name;
    return c.path;
}

/// Parameters which discrete variables follow continuously, or which determine when discrete variables change. If they
/// are named they are refused; among all parameters their derivative is NaN.
class Decided {
   public:
    Decided(const Network& net, const Trajectory& run, const std::vector<ValueRef>* by) : net_(net) {
        if (by)
            for (const ValueRef& r : *by) asked_.push_back(position_of(net, r));
        std::sort(asked_.begin(), asked_.end());
        named_ = by != nullptr;
        for (const Trajectory::Follower& f : run.followers()) {
            const Component& c = net.component(f.component);
            if (f.of_state)
                throw no_gradient(
                    fmt::format("{} sets a discrete value at t = {:g} s that follows its state continuously; such an "
                                "event has no derivative here",
                                c.path, f.time));
            for (const int number : f.params) refuse(c, number, f.time, "determines the result of a decision");
        }
        for (const Trajectory::Segment& s : run.segments())
            if (s.cause == Trajectory::Cause::sample)
                for (const auto& [component, which] : s.switched) refuse_sample_times(net.component(component), s);
    }
    void mark(std::vector<double>& by_params) const {
        for (const std::size_t p : without_) by_params[p] = NAN;
    }

   private:
    void refuse(const Component& c, int number, double t, const char* why) {
        const std::size_t p = net_.param_position(c, number);
        if (!named_)
            without_.push_back(p);
        else if (std::binary_search(asked_.begin(), asked_.end(), p))
            throw no_gradient(fmt::format("{} {} at t = {:g} s: the run has no derivative with respect to it",
                                          parameter_path(c, number), why, t));
    }
    void refuse_sample_times(const Component& c, const Trajectory::Segment& s) {
        const Block& block = net_.block_of(c);
        Values moved = s.values;
        for (int number = 0; number < c.info->numbers; ++number) {
            double& p = moved.params[net_.param_position(c, number)];
            const double before = p;
            p *= 1.0 + 1e-6;
            if (block.sample_period(c.instance, moved) != block.sample_period(c.instance, s.values))
                refuse(c, number, s.t1, "determines the time of a decision");
            p = before;
        }
    }

    const Network& net_;
    std::vector<std::size_t> asked_, without_;
    bool named_ = false;
};

std::vector<char> wanted_blocks(const Network& net, const std::vector<ValueRef>* by) {
    std::vector<char> wanted(net.blocks.size(), by == nullptr);
    if (by)
        for (const ValueRef& r : *by) {
            const std::size_t p = position_of(net, r);
            for (std::size_t b = 0; b < net.blocks.size(); ++b)
                if (net.blocks[b]->param_offset <= p &&
                    (b + 1 == net.blocks.size() || p < net.blocks[b + 1]->param_offset))
                    wanted[b] = 1;
        }
    return wanted;
}

// the steady start does not use the given value of a parameter that an input drives, unless it is for nominal load
std::vector<double> steady_factor(const BuiltCase& c) {
    std::vector<double> factor(c.network.initial.params.size(), 1.0);
    if (c.start_load() != "nominal")
        for (const Input& input : c.inputs)
            for (const std::size_t p : input.positions) factor[p] = 0.0;
    return factor;
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TimeGradient time_gradients(const Run& run, const std::vector<TimeFunctional>& functionals,
                            const std::vector<ValueRef>* by, std::optional<double> tolerance, double resolution,
                            const std::function<bool()>& interrupted) {
    if (run.status != "complete" || !run.end.subject)
        throw input_error("a gradient needs a run that reached its end; this one: " + run.status);
    check_functionals(functionals);
    const BuiltCase& subject = *run.end.subject;
    const Network& net = subject.network;
    if (const double bytes = Trajectory::bytes(net, run.steps); bytes > most_memory)
        throw input_error(
            fmt::format("{} steps of {} unknowns would take {:.0f} GB of memory for the gradient; ask for a "
                        "shorter duration",
                        run.steps, net.size(), bytes / 1e9));
    const auto begin = std::chrono::steady_clock::now();
    Trajectory trajectory(net);
    SimulationOptions settings;
    settings.duration = run.duration;
    settings.tolerance = tolerance.value_or(run.tolerance);
    settings.interrupted = interrupted;
    settings.keep = &trajectory;
    settings.resolve = resolution;
    settings.audit = false;
    Nobody nobody;
    const Schedule schedule = schedule_of(subject);
    TimeGradient out;
    out.steps = simulate_network(net, run.values, schedule, run.initial, settings, nobody).steps;
    out.forward_seconds = seconds_since(begin);
    refuse_switches_at_once(net, trajectory);
    refuse_delays(net, trajectory);
    const Decided decided(net, trajectory, by);

    Driven driven(run.values, schedule, trajectory);
    TimeFunctionals results(net, trajectory, functionals);
    results.evaluate(driven);
    out.value = results.values();
    out.by_params.assign(functionals.size(), std::vector<double>(run.values.params.size()));
    Backward backward(net, trajectory, driven, results, wanted_blocks(net, by));
    auto by_start = backward.go(out.by_params);
    if (!run.start.y.empty()) {
        const std::vector<double> still(net.size());
        backward.through_steady(std::move(by_start), Point{run.start.y.data(), still.data(), run.start.values},
                                steady_factor(subject), out.by_params);
    }
    for (auto& row : out.by_params) decided.mark(row);
    out.backward_seconds = seconds_since(begin) - out.forward_seconds;
    return out;
}

}  // namespace kelvolt
