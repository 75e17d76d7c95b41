/// All instances of one model, behind an interface with one virtual call per model instead of one per component.
/// TypedBlock<M> (typed_block.hpp) implements it with the model's equations.
#pragma once

#include <algorithm>
#include <complex>
#include <memory>
#include <vector>

#include "solver/model/fault.hpp"
#include "solver/model/report.hpp"

namespace kelvolt {

/// The numbers that may change between evaluations (each thread has its own): parameters and discrete variables of
/// every instance, and what follows from them for the electric network.
struct Values {
    std::vector<double> params, discretes;
    double time = 0.0;           ///< of a run [s]; root functions and decisions may depend on it, equations never
    std::vector<double> live;    ///< at the first unknown of every electric node: 1 energised, 0 dead; empty: all are
    std::vector<int> collapsed;  ///< electric nodes whose voltage collapsed in a run: what draws there is off
    double load = 1.0;           ///< factor on the power of all electric loads
};
/// State and values at which the equations are evaluated.
struct Point {
    const double* y;
    const double* yp;  ///< time derivatives; null: all zero
    const Values& values;
};
/// Seeds of the Jacobian: column u is seeds.value[u] * dF/dy_u + seeds.der[u] * dF/dy'_u.
struct Seeds {
    const double* value = nullptr;  ///< null: 1 for all
    const double* der = nullptr;    ///< null: der_of_all
    double der_of_all = 0.0;
};
/// One structural entry of a component's Jacobian.
struct LocalEntry {
    int row, col;
    bool on_value, on_der;
};

class Block {
   public:
    virtual ~Block() = default;

    const ModelInfo* info = nullptr;
    int count = 0;
    std::size_t param_offset = 0, discrete_offset = 0;
    std::vector<int> index;            ///< [instance * size + local] -> unknown and equation
    std::vector<int> slots;            ///< [instance * entries + entry] -> position in the sparse matrix
    std::vector<const Medium*> media;  ///< [instance * ports + port]
    std::vector<int> circuits;         ///< likewise
    std::vector<char> connected;  ///< likewise: another component is connected there; of a signal: one that decides
    std::vector<int> choices;     ///< [instance * number of choices + k]
    std::vector<const Curve*> curves;  ///< [instance * number of curves + k]
    std::vector<LocalEntry> entries;   ///< the structure, the same for every instance

    double& param(Values& v, int k, int instance) const {
        return v.params[param_offset + std::size_t(k) * count + instance];
    }

    /// Called once, when everything above is filled.
    virtual void prepare() {}
    virtual void residual(const Point& at, double* r) const = 0;
    /// Adds the Jacobian with these seeds into `jacobian` (by slot) and F into `r`.
    virtual void jacobian(const Point& at, const Seeds& seeds, double* r, double* jacobian) const = 0;
    /// grad[p] += lambda^T dF/dp for every number parameter.
    virtual void param_product(const Point& at, const double* lambda, double* grad) const = 0;
    /// Residuals and port flows of one instance, by local number.
    virtual void local_residual(int instance, const Point& at, double* r) const = 0;
    /// Runs the model's `outputs` on one instance.
    virtual void outputs(int instance, const Point& at, Report<double>& report) const = 0;
    /// Derivatives of output `k` of one instance with respect to its local variables and its number parameters. Numbers
    /// k beyond the outputs are the margins of its checks.
    virtual void output_gradient(int instance, int k, const Point& at, double* by_local, double* by_param) const = 0;

    /// Message about parameters of an instance that do not fit together; empty when they do.
    virtual std::string problem(int, const Values&) const { return {}; }
    /// Is this component closed, so that only a stated leakage connects its sides?
    virtual bool separates(int, const Point&) const { return false; }
    virtual bool can_separate() const { return false; }
    /// Electric components: does port `from` (-1: an internal store or supply) energise port `to` at this point?
    virtual bool feeds(int, int /*from*/, int /*to*/, const Point&) const { return true; }
    /// Voltage without load of a source or a converter's output [V], as a phasor; with three phases that of phase a.
    virtual std::complex<double> open_voltage(int, int /*port*/, const Values&) const { return 0.0; }
    /// Voltage without load at a port divided by that at the first electric port of the same circuit (transformers).
    virtual std::complex<double> ratio(int, int /*port*/, const Values&) const { return 1.0; }
    /// Electric components: adds what it is in the network of short-circuit impedances.
    virtual void short_circuit(int, const Point&, const FaultCase&, FaultEquivalent&) const {}
    virtual bool states_short_circuit() const { return false; }
    /// Start values of the component's first unknown from which another steady state may be found (for example on the
    /// other side of the maximum of a pump curve); empty where its characteristic has only one branch.
    virtual std::vector<double> other_starts(int, const Point&) const { return {}; }
    virtual bool has_other_starts() const { return false; }
    /// For a fluid port that may be a pressure reference: does it fix the pressure there (true) or only the flow?
    virtual bool holds_pressure(int, int /*port*/, const Values&) const { return true; }
    /// Does the component conduct the current of the neutral at this port?
    virtual NeutralPath neutral(int, int /*port*/) const { return NeutralPath::through; }
    /// Does the component connect its ports without any impedance?
    virtual bool ideal() const { return false; }
    /// Number of root functions per instance. A root function is positive exactly while a change of the discrete
    /// variables is due. The integrator finds the time at which one rises through zero; after a jump, `update` is
    /// called at once for those that are positive.
    virtual int roots() const { return 0; }
    /// Do decisions of this model depend on time (delays)? Gradients through such decisions are refused.
    virtual bool timed() const { return false; }
    /// Does the model say that its decisions belong to runs in time only (`acts_in_time`)?
    virtual bool acts_in_time() const { return false; }
    /// Do its decisions belong to runs in time only, because it says so, or because they follow a delay or the content
    /// of a store? A steady state leaves them as they are.
    bool decides_in_time() const {
        const auto is_store = [](const UnknownInfo& u) { return u.store; };
        return acts_in_time() || timed() || std::any_of(info->unknowns.begin(), info->unknowns.end(), is_store);
    }
    /// Sets discrete variables at the begin of a run in time, from the state it starts from.
    virtual void begin(int, const Point&, Values&) const {}
    virtual void root_values(int, const Point&, double*) const {}
    virtual double sample_period(int, const Values&) const { return 0.0; }  ///< [s]; 0: not sampled
    /// Changes the discrete variables after root function `which` crossed zero (>= 0) or at a sample (-1). Returns true
    /// when this changes the equations.
    virtual bool update(int, const Point&, Values&, int) const { return false; }
    /// Text of the event just after `update` changed the discrete variables; empty: these are listed.
    virtual std::string change(int, const Point&) const { return {}; }
    /// The band of a protective device at a current [A] that follows a steady one; 0: from cold.
    virtual TripTimes trip_times(int, const Values&, double /*current*/, double /*before*/) const {
        return {infinite, infinite};
    }
};

/// Limits of a coolant's data, for checks of the whole network. NaN where the source of the data states none.
struct MediumLimits {
    double T_min, T_max;  ///< range of its data [K]
    double T_freeze;      ///< [K]
    std::string_view source;
};
MediumLimits limits_of(const Medium& medium);
double vapour_pressure(const Medium& medium, double T);              ///< absolute [Pa]
double specific_entropy(const Medium& medium, double T);             ///< difference from that at 273.15 K [J/(kg K)]
double specific_enthalpy(const Medium& medium, double T, double p);  ///< [J/kg]
double temperature_at_enthalpy(const Medium& medium, double h, double p, double T_near);  ///< [K]

/// A placeholder medium and curve, so that the structure and the names of outputs can be found without data.
const Medium* probe_medium();
const Curve* probe_curve();

}  // namespace kelvolt
