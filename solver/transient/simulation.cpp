#include "solver/transient/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "solver/assembly/islands.hpp"
#include "solver/electric/energised.hpp"
#include "solver/transient/ida_engine.hpp"
#include "solver/transient/power_restart.hpp"

namespace kelvolt {

namespace {

/// A component with samples or root functions.
struct Active {
    int component;
    double period = 0.0;  ///< of its samples [s]
    double next = 0.0;    ///< time of its next sample [s]
    int first_root = 0;   ///< position among all root functions
};

double mass_relative(const std::vector<double>& in, const std::vector<double>& size) {
    double worst = 0.0;
    for (std::size_t k = 0; k < in.size(); ++k)
        worst = std::max(worst, std::abs(in[k]) / std::max(size[k], Audit::least_mass));
    return worst;
}

class Simulation {
   public:
    Simulation(const Network& net, Values values, Schedule schedule, std::vector<double> y,
               const SimulationOptions& options, Observer& observer)
        : net_(net),
          values_(std::move(values)),
          schedule_(std::move(schedule)),
          options_(options),
          observer_(observer),
          starts_(net),
          y_(std::move(y)),
          yp_(net.size(), 0.0),
          engine_(problem(), options.tolerance) {}

    SimulationResult run() {
        const auto begin = std::chrono::steady_clock::now();
        if (options_.delays)
            for (const Component& c : net_.components)
                net_.block_of(c).begin(c.instance, Point{y_.data(), nullptr, values_}, values_);
        schedule_.start(0.0, values_);
        fire(schedule_.next() <= 0.0);
        restart(0.0);
        const double stored_before = stored();
        while (t_ < options_.duration) advance();
        collect_quadratures(t_);
        if (options_.keep) options_.keep->end(t_, Trajectory::Cause::end);
        SimulationResult result;
        result.audit.energy_stored = stored() - stored_before;
        result.audit.energy_unsure = options_.tolerance * std::abs(stored_at_nominal_rise() - stored());
        result.audit.energy_in = total_[0];
        result.audit.energy_size = total_[1];
        const auto circuits = net_.circuits.size();
        result.audit.mass_relative = mass_relative({total_.begin() + 2, total_.begin() + 2 + circuits},
                                                   {total_.begin() + 2 + circuits, total_.end()});
        result.y = y_;
        result.yp = yp_;
        result.values = values_;
        result.time = t_;
        const IdaStatistics statistics = engine_.statistics();
        result.steps = statistics.steps;
        result.jacobians = statistics.jacobians;
        result.restarts = restarts_;
        result.events = events_;
        result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        return result;
    }

   private:
    const Network& net_;
    Values values_;
    Schedule schedule_;
    const SimulationOptions& options_;
    Observer& observer_;
    PowerRestart starts_;
    std::vector<double> y_, yp_;
    std::vector<Active> sampled_, rooted_;
    double t_ = 0.0;
    long restarts_ = 0, events_ = 0;
    std::vector<double> total_, since_restart_, root_values_, discretes_before_;
    std::string last_switched_;
    Tally tally_;
    std::vector<int> shut_;
    std::vector<double> reported_live_;  // Values::live when events last reported dead buses
    std::vector<std::string> islands_;
    double t_step_ = 0.0;  // t_step_, order_, y_step_: the last step as the integrator accepted it, for the trajectory
    int order_ = 0;
    std::vector<double> y_step_;
    IdaEngine engine_;  // must be the last member: its problem refers to the members above

    IdaProblem problem() {
        int roots = 0;
        for (int c = 0; c < static_cast<int>(net_.components.size()); ++c) {
            const Component& component = net_.components[c];
            const Block& block = net_.block_of(component);
            if (const double period = block.sample_period(component.instance, values_); period > 0.0)
                sampled_.push_back({c, period, period, 0});
            if (block.roots() > 0 && (options_.delays || !block.decides_in_time())) {
                rooted_.push_back({c, 0.0, 0.0, roots});
                roots += block.roots();
            }
        }
        total_.assign(2 + 2 * net_.circuits.size(), 0.0);
        IdaProblem p;
        p.net = &net_;
        p.values = &values_;
        p.at_time = [this](double t) { set_time(t); };
        p.roots = roots;
        p.root_values = [this](const Point& at, double* g) {
            for (const Active& a : rooted_) {
                const Component& c = net_.components[a.component];
                net_.block_of(c).root_values(c.instance, at, g + a.first_root);
            }
        };
        p.quadratures = options_.audit ? static_cast<int>(total_.size()) : 0;
        p.quadrature_rates = [this](const Point& at, double* dq) {
            tally(net_, at, tally_);
            dq[0] = tally_.power_in;
            dq[1] = tally_.power_size;
            const std::size_t circuits = net_.circuits.size();
            for (std::size_t k = 0; k < circuits; ++k) {
                dq[2 + k] = tally_.circuits[k].in;
                dq[2 + circuits + k] = tally_.circuits[k].size;
            }
        };
        if (options_.resolve > 0.0) {
            constexpr double fastest = 1e-3, apart = 3.0;  // shortest time constant [s]; ratio of consecutive ones
            p.decay_tolerance = options_.resolve;
            for (double tau = fastest; tau < 2.0 * options_.duration; tau *= apart) p.decays.push_back(tau);
        }
        return p;
    }

    Point here() const { return {y_.data(), yp_.data(), values_}; }

    double stored() {
        tally(net_, here(), tally_);
        return tally_.stored;
    }

    // Stored energy if every temperature were higher by its nominal. The tolerance is relative to the nominals, so the
    // tolerance times this rise bounds the error of the stored energy.
    double stored_at_nominal_rise() {
        const std::vector<double> before = y_;
        for (int u = 0; u < net_.size(); ++u)
            if (net_.temperature[u]) y_[u] += net_.nominal[u];
        const double risen = stored();
        y_ = before;
        return risen;
    }

    void collect_quadratures(double t) {
        engine_.quadratures(t, since_restart_);
        for (std::size_t k = 0; k < since_restart_.size(); ++k) total_[k] += since_restart_[k];
    }

    // Start or restart after an event: solves for consistent values, updates switches whose root functions are
    // positive, then restarts the integrator.
    void restart(double t) {
        t_ = t;
        set_time(t);
        make_consistent(t);
        for (int round = 0; trip_due_switches(); ++round) {
            if (round == 20)
                throw Error(
                    Error::Kind::no_convergence,
                    fmt::format(
                        "{} keeps switching at t = {:g} s; put a lag or a wider band between what it watches and what "
                        "it changes",
                        last_switched_, t));
            make_consistent(t);
        }
        engine_.restart(t, y_, yp_, std::min(schedule_.next(), options_.duration));
        ++restarts_;
        if (options_.keep) options_.keep->begin(t, y_, yp_, values_);
        name_islands(t);
        observer_.point(t, here());
    }

    // The integrator detects zero crossings only within its steps. A jump may make a root function positive without
    // one, so all of them are checked here.
    bool trip_due_switches() {
        bool changed = false;
        for (const Active& a : rooted_) {
            const Component& c = net_.components[a.component];
            const Block& block = net_.block_of(c);
            root_values_.resize(block.roots());
            block.root_values(c.instance, here(), root_values_.data());
            for (int k = 0; k < block.roots(); ++k)
                if (root_values_[k] > 0.0 && update(a, k, t_)) changed = true;
        }
        return changed;
    }

    bool update(const Active& a, int which, double t) {
        const Component& c = net_.components[a.component];
        if (options_.keep) options_.keep->about_to_switch(a.component, which, t, here());
        const std::vector<double> before = discretes_of(c);
        if (!net_.block_of(c).update(c.instance, here(), values_, which)) return false;
        if (options_.keep) options_.keep->switched(a.component, which);
        ++events_;
        last_switched_ = c.path;
        const std::string text = net_.block_of(c).change(c.instance, here());
        observer_.event(t, c.path, text.empty() ? c.info->describe_change(before, discretes_of(c)) : text);
        return true;
    }

    void energise_buses(double t) {
        if (!net_.electric) return;
        const Energised power = energise(net_, y_.data(), yp_.data(), values_);
        net_.electric->adapt(net_, power, y_);
        if (values_.live == reported_live_) return;
        for (const BusChange& change : describe_changes(net_, power, reported_live_))
            observer_.event(t, change.component, change.text);
        reported_live_ = values_.live;
    }

    // Where no power flow exists, the voltage at the bus that gives way collapses and what draws there goes off.
    void make_consistent(double t) {
        energise_buses(t);
        while (!starts_.solve(y_, yp_, values_)) {
            if (!collapse(t))
                throw Error(Error::Kind::no_convergence,
                            fmt::format("no consistent state after the change at t = {:g} s; {}", t, starts_.worst()));
            energise_buses(t);
        }
    }

    // Is the electric load the cause of a failure? Then the voltage of a bus collapses, and true is returned. Before the
    // run has begun, and where its steps are kept for gradients, throws no_power_flow instead.
    bool collapse(double t) {
        const std::optional<LostPowerFlow> lost = starts_.lost(y_, values_);
        if (!lost) return false;
        const std::string text = fmt::format("at the temperatures of that time {}", describe(*lost));
        std::vector<int>& collapsed = values_.collapsed;
        const bool again = std::find(collapsed.begin(), collapsed.end(), lost->node) != collapsed.end();
        if (t > 0.0 && options_.keep)
            throw Error(
                Error::Kind::no_gradient,
                fmt::format("at t = {:.6g} s the voltage at {} collapses and what draws there goes off: the run "
                            "has no derivative beyond",
                            t, ElectricGraph::name(net_, lost->node)));
        if (!(t > 0.0) || again || !options_.delays)
            throw Error(Error::Kind::no_power_flow, fmt::format("no power flow at t = {:.6g} s: {}", t, text));
        const Node& node = net_.nodes[lost->node];
        collapsed.push_back(lost->node);
        reported_live_[node.first] = 0.0;
        observer_.event(t, net_.components[node.ports.front().component].path,
                        "its voltage collapses and what draws there goes off until the next event of the run: " + text);
        ++events_;
        return true;
    }

    // Returns nothing where the integrator has to begin anew, since a voltage has collapsed.
    std::optional<IdaEngine::Outcome> step() {
        try {
            return engine_.step();
        } catch (const Error& e) {
            if (e.kind != Error::Kind::no_convergence || !collapse(t_)) throw;
            return {};
        }
    }

    // Reports new fluid islands. Valves close gradually, so this is checked after every step.
    void name_islands(double t) {
        std::vector<int> shut = shut_components(net_, here());
        if (shut == shut_) return;
        shut_ = std::move(shut);
        std::vector<std::string> now;
        for (const Island& island : find_islands(net_, here())) {
            now.push_back(kelvolt::describe(net_, island));
            if (std::find(islands_.begin(), islands_.end(), now.back()) == islands_.end())
                observer_.event(t, component_of(net_, island), now.back());
        }
        islands_ = std::move(now);
    }

    void fire(bool due) {
        if (!due) return;
        for (const ScheduledEvent* e : schedule_.advance(std::max(t_, schedule_.next()), values_)) {
            values_.collapsed.clear();
            observer_.event(t_, e->component, e->text);
            ++events_;
        }
    }

    void advance() {
        const std::optional<IdaEngine::Outcome> outcome = step();
        if (!outcome) return begin_anew(Trajectory::Cause::root);
        if (options_.keep && engine_.accepted(t_step_, order_, y_step_)) options_.keep->step(t_step_, order_, y_step_);
        double until = engine_.time();
        const bool changed_by_sample = take_samples(until);
        if (!changed_by_sample) show_points(until);
        name_islands(t_);
        stop_when_destroyed();
        if (options_.progress) options_.progress(t_);
        if (options_.interrupted && options_.interrupted())
            throw Error(Error::Kind::interrupted,
                        fmt::format("interrupted at t = {:g} s; what was recorded is kept", t_));
        const bool crossed = !changed_by_sample && outcome == IdaEngine::Outcome::root && cross_roots();
        const bool due = schedule_.next() <= t_;
        if (!changed_by_sample && !crossed && !due) return;
        if (t_ >= options_.duration) {
            t_ = options_.duration;
            return;
        }
        using Cause = Trajectory::Cause;
        begin_anew(changed_by_sample ? Cause::sample : crossed ? Cause::root : Cause::schedule, due);
    }

    void begin_anew(Trajectory::Cause cause, bool due = false) {
        collect_quadratures(t_);
        if (options_.keep) options_.keep->end(t_, cause);
        fire(due);
        restart(t_);
    }

    // Ends the run where temperatures leave the range of all models; leakage would otherwise raise them without limit.
    void stop_when_destroyed() const {
        std::vector<std::string> hot;
        for (int u = 0; u < net_.size() && hot.size() < 4; ++u)
            if (net_.temperature[u] && !(y_[u] < options_.T_destroyed)) hot.push_back(net_.variable_name(u));
        for (int u = 0; u < net_.size() && hot.empty(); ++u)
            if (net_.temperature[u] && y_[u] < options_.T_least)
                throw Error(Error::Kind::no_steady_state,
                            fmt::format("heat leaves and nothing replaces it: at t = {:.6g} s {} falls below {:g} degC",
                                        t_, net_.variable_name(u), options_.T_least - 273.15));
        if (hot.empty()) return;
        throw Error(
            Error::Kind::thermal_runaway,
            fmt::format("thermal runaway at t = {:.6g} s: {} passed {:g} degC; losses that rise with temperature grow "
                        "faster than the cooling there, or heat has no way out (a pump off, a valve shut?)",
                        t_, fmt::join(hot, "; "), options_.T_destroyed - 273.15));
    }

    // Takes the samples that were due within the step just made. The first one that changes an output ends the step at
    // its time: `until` is set to it and true is returned.
    bool take_samples(double& until) {
        for (;;) {
            double due = std::numeric_limits<double>::infinity();
            for (const Active& a : sampled_) due = std::min(due, a.next);
            if (due > until) return false;
            show_wanted(due);  // points before the sample are shown with the discrete variables before it
            go_to(due);
            discretes_before_ = values_.discretes;
            bool changed = false;
            for (Active& a : sampled_)
                if (a.next <= due) {
                    changed |= update(a, -1, due);
                    a.next = a.period * (std::floor(due / a.period + 1e-9) + 1.0);
                }
            if (changed) {
                values_.discretes.swap(discretes_before_);
                observer_.point(due, here());
                values_.discretes.swap(discretes_before_);
                until = due;
                return true;
            }
        }
    }

    bool cross_roots() {
        const std::vector<int> crossed = engine_.crossed();
        bool changed = false;
        for (const Active& a : rooted_)
            for (int k = 0; k < net_.block_of(net_.components[a.component]).roots(); ++k)
                if (crossed[a.first_root + k] != 0) changed |= update(a, k, t_);
        return changed;
    }

    std::vector<double> discretes_of(const Component& c) const {
        std::vector<double> now;
        const Block& block = net_.block_of(c);
        for (std::size_t k = 0; k < c.info->discretes.size(); ++k)
            now.push_back(values_.discretes[block.discrete_offset + k * block.count + c.instance]);
        return now;
    }

    // Passes the points that the observer wants after t_ and up to `until`; t_, y_ and yp_ move with them.
    void show_wanted(double until) {
        for (double wanted = observer_.next_wanted(t_); wanted <= until; wanted = observer_.next_wanted(wanted)) {
            go_to(wanted);
            observer_.point(wanted, here());
        }
    }
    void show_points(double until) {
        show_wanted(until);
        if (t_ == until) return;
        go_to(until);
        observer_.point(until, here());
    }
    void go_to(double t) {
        t_ = t;
        engine_.interpolate(t, y_, yp_);
        set_time(t);
    }
    void set_time(double t) {
        values_.time = t;
        schedule_.at_time(t, values_);
    }
};

}  // namespace

SimulationResult simulate_network(const Network& net, Values values, Schedule schedule, std::vector<double> y,
                                  const SimulationOptions& options, Observer& observer) {
    return Simulation(net, std::move(values), std::move(schedule), std::move(y), options, observer).run();
}

Audit steady_audit(const Network& net, const Point& at) {
    Tally t;
    tally(net, at, t);
    return steady_audit(t);
}

Audit steady_audit(const Tally& t) {
    Audit audit;
    audit.energy_in = t.power_in;
    audit.energy_size = t.power_size;
    std::vector<double> in, size;
    for (const auto& m : t.circuits) in.push_back(m.in), size.push_back(m.size);
    audit.mass_relative = mass_relative(in, size);
    return audit;
}

}  // namespace kelvolt
