/// All instances of one model as the network sees them: one virtual call per type, not per component.
/// TypedBlock<M> (typed_block.hpp) runs the model's own equations behind it.
#pragma once

#include <complex>
#include <memory>
#include <vector>

#include "solver/model/report.hpp"

namespace kelvolt {

/// The numbers a thread may change: parameters and discrete variables of every instance; what follows from them on the
/// graph of the electric network.
struct Values {
    std::vector<double> params, discretes;
    std::vector<double> live;  ///< at the first unknown of every electric node: 1 energised, 0 dead; empty: all are
    double load = 1.0;         ///< factor on what electric loads draw
};
/// Where the equations are evaluated.
struct Point {
    const double* y;
    const double* yp;  ///< null: everything at rest
    const Values& values;
};
/// What the derivatives are taken by: each unknown times its seed in `value`, each derivative times its seed in `der`.
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
    std::vector<char> connected;       ///< likewise: something else is joined there
    std::vector<int> choices;          ///< [instance * number of choices + k]
    std::vector<const Curve*> curves;  ///< [instance * number of curves + k]
    std::vector<LocalEntry> entries;   ///< the structure, the same for every instance

    double& param(Values& v, int k, int instance) const {
        return v.params[param_offset + std::size_t(k) * count + instance];
    }

    /// Called once, when everything above is filled.
    virtual void prepare() {}
    virtual void residual(const Point& at, double* r) const = 0;
    /// Adds dF/dy seeds.value + dF/dy' seeds.der into `jacobian` (by slot) and F into `r`.
    virtual void jacobian(const Point& at, const Seeds& seeds, double* r, double* jacobian) const = 0;
    /// grad[p] += lambda^T dF/dp for every number parameter.
    virtual void param_product(const Point& at, const double* lambda, double* grad) const = 0;
    /// Residuals and port flows of one instance, by local number.
    virtual void local_residual(int instance, const Point& at, double* r) const = 0;
    /// Runs the model's `outputs` on one instance.
    virtual void outputs(int instance, const Point& at, Report<double>& report) const = 0;
    /// Derivatives of output `k` of one instance with respect to its local variables and its number parameters; past
    /// the outputs come the margins of its checks.
    virtual void output_gradient(int instance, int k, const Point& at, double* by_local, double* by_param) const = 0;

    /// What is wrong with an instance's parameters taken together; empty when nothing is.
    virtual std::string problem(int, const Values&) const { return {}; }
    /// Is this component shut, so that only a stated leak joins its sides?
    virtual bool separates(int, const Point&) const { return false; }
    virtual bool can_separate() const { return false; }
    /// Electric components. Does port `from` (-1: an own store or supply) energise port `to` at this point?
    virtual bool feeds(int, int /*from*/, int /*to*/, const Point&) const { return true; }
    /// What a source or a converter's output gives at no load [V]: a phasor, of phase a for three phases.
    virtual std::complex<double> open_voltage(int, int /*port*/, const Values&) const { return 0.0; }
    /// No-load voltage at a port over that at the first electric port of the same circuit (transformers).
    virtual std::complex<double> ratio(int, int /*port*/, const Values&) const { return 1.0; }
    /// Values of the component's first unknown from which another steady state of its law may be found (the far side of
    /// a hump in a pump curve); empty where its law has one branch.
    virtual std::vector<double> other_starts(int, const Point&) const { return {}; }
    virtual bool has_other_starts() const { return false; }
    /// Fluid ports that are a pressure reference: does this one fix the pressure of its connection, or only its flow?
    virtual bool holds_pressure(int, int /*port*/, const Values&) const { return true; }
    virtual NeutralPath neutral(int, int /*port*/) const { return NeutralPath::through; }
    /// Joins its ports without any impedance.
    virtual bool ideal() const { return false; }
    /// Root functions per instance, each above zero exactly while its change is due: the integrator finds where they
    /// rise through zero, and after a jump those above zero are updated at once.
    virtual int roots() const { return 0; }
    virtual void root_values(int, const Point&, double*) const {}
    virtual double sample_period(int, const Values&) const { return 0.0; }  ///< 0: not sampled
    /// After a root (`which` >= 0) or at a sample (-1): changes discretes; true when an output of the component
    /// changed.
    virtual bool update(int, const Point&, Values&, int) const { return false; }
};

/// What the network's own limits and the entropy balance ask of a coolant. Not a number where its source does not say.
struct MediumLimits {
    double T_min, T_max;  ///< temperatures its data cover [K]
    double T_freeze;      ///< [K]
    std::string_view source;
};
MediumLimits limits_of(const Medium& medium);
double vapour_pressure(const Medium& medium, double T);              ///< absolute [Pa]
double specific_entropy(const Medium& medium, double T);             ///< over that at 273.15 K [J/(kg K)]
double specific_enthalpy(const Medium& medium, double T, double p);  ///< [J/kg]
double temperature_at_enthalpy(const Medium& medium, double h, double p, double T_near);  ///< [K]

/// A neutral medium and curve, so that structure and names can be found without data.
const Medium* probe_medium();
const Curve* probe_curve();

}  // namespace kelvolt
