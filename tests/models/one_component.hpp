/// One component alone, at any state: the harness of the registry's property tests and of models' closed-form tests.
/// Parameters, curves and states are generated from what the model declares; problem() decides which combinations are
/// real.
#pragma once

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "models/media/library.hpp"
#include "solver/curve/curve.hpp"
#include "solver/data_folder.hpp"
#include "solver/error.hpp"
#include "solver/model/registration.hpp"

namespace kelvolt::test {

/// A plausible size for a quantity of that unit, in SI.
double typical(std::string_view unit);

class OneComponent {
   public:
    const ModelInfo& info;
    std::unique_ptr<Block> block;
    Values values;
    std::vector<double> y, yp, nominal;
    bool at_rest = false;                              ///< evaluated as in a steady state: stores keep their content
    std::vector<std::shared_ptr<const Curve>> curves;  ///< keeps those of the block alive
    std::string variant;                               ///< choices and what was given, for messages

    explicit OneComponent(const ModelInfo& model);

    void fill(const Medium& liquid);
    int size() const { return info.size; }
    Point point() const { return {y.data(), at_rest ? nullptr : yp.data(), values}; }
    double& number(std::string_view name) { return values.params[info.param(name)->index]; }
    void choose(std::string_view name, std::string_view word);
    void give(std::string_view name, Curve curve);
    /// Local number of "port.potential" or of an unknown.
    int local(std::string_view name) const;
    double& at(std::string_view name) { return y[local(name)]; }
    double& der(std::string_view name) { return yp[local(name)]; }
    std::string problem() const { return block->problem(0, values); }

    std::vector<double> residual() const;
    /// Flow into the component at "port.potential", or the residual of an unknown's equation.
    double equation(std::string_view name) const { return residual()[local(name)]; }
    Eigen::MatrixXd jacobian(double value_seed, double der_seed) const;
    std::vector<double> param_product(const std::vector<double>& lambda) const;
    std::vector<double> output_values() const;
    double output(std::string_view name) const { return output_values()[info.output(name)]; }
    std::vector<CheckValue> checks() const;
    Tally tally() const;
    /// Runs the model's update; true when an output changed.
    bool update(int which) { return block->update(0, point(), values, which); }

    /// A state of the kind a running plant shows; trial 0 is at rest, trial 1 runs backwards.
    void random_state(int trial);
    /// Every flow, temperature and pressure at the values given.
    void state_of(double flow, double T, double p);
    std::vector<double> random_weights();
    /// Largest single term of any equation: what differences of it are rounded to.
    double term_size() const;

    /// Moves the state the least it takes to satisfy the component's own equations; false when that fails.
    bool settle();

    /// The same with every time derivative zero and the signals as they are; steps are shortened until the equations
    /// are nearer to being met.
    bool settle_at_rest();

    struct Energy {
        double flows, power_in, stored_rate, size;
    };
    Energy energy_balance() const;
    struct Mass {
        double net = 0.0, size = 0.0;
    };
    /// Per circuit: coolant into the component by its ports and from outside.
    std::map<int, Mass> mass_sums() const;

   private:
    std::mt19937 random_{7};
    double p_about_ = 2e5, p_spread_ = 1e5;

    double uniform(double lo, double hi) { return std::uniform_real_distribution<double>(lo, hi)(random_); }
    double plausible(std::string_view unit, double size, double direction);
    double stored_after(double seconds) const;
};

/// Components with generated parameters that the model accepts: every combination of its choices, optional data given
/// and not.
struct Variants {
    std::vector<OneComponent> accepted;
    std::string refused;  ///< the last complaint, when none was accepted
};

/// Why the component refuses its parameters; empty where it accepts them.
std::string complaint(const OneComponent& c);

Variants variants(const ModelInfo& info);

}  // namespace kelvolt::test
