#pragma once

#include <fmt/format.h>

#include "models/control/pi_law.hpp"

namespace kelvolt::models {

/// Arithmetic of signals: one operation on the first `inputs` of four.
///   x_k = gain_k in_k
///   sum: y = offset + x_1 + x_2 + ...
///   product: y = offset + x_1 x_2 ...
///   min, max: y = offset + the least, the largest of them, with a corner rounded over `width`
///   output = y, or with limit: between, y held between low and high (hold_between, band 1e-6 of the span)
/// A difference is a sum with the gains 1 and -1, a mean of two one with the gains 0.5.
struct SignalMath {
    static constexpr std::string_view type = "signal_math";
    static constexpr std::string_view doc =
        "Sum, product, minimum or maximum of signals, with gains, offset and limits";
    static constexpr Role role = Role::signal;
    enum class Operation { sum, product, min, max };
    enum class Limit { none, between };

    template <class P>
    struct Params {
        P inputs, gain_1, gain_2, gain_3, gain_4, offset, low, high, width;
        Operation operation;
        Limit limit;
        static constexpr auto declare() {
            const std::string_view gain = "factor on the input";
            return std::tuple{
                param(&Params::inputs, "inputs", "1", "number of inputs that count", between(1, 4), 2.0),
                param(&Params::gain_1, "gain_1", "1", gain, any(), 1.0),
                param(&Params::gain_2, "gain_2", "1", gain, any(), 1.0),
                param(&Params::gain_3, "gain_3", "1", gain, any(), 1.0),
                param(&Params::gain_4, "gain_4", "1", gain, any(), 1.0),
                param(&Params::offset, "offset", "1", "added to the result", any(), 0.0),
                param(&Params::low, "low", "1", "lowest output, for limit: between", any(), 0.0),
                param(&Params::high, "high", "1", "highest output, for limit: between", any(), 1.0),
                param(&Params::width, "width", "1", "rounding of the corner of min and max", above(0), 1e-6),
                choice(&Params::operation, "operation", "what is made of the inputs", {"sum", "product", "min", "max"}),
                choice(&Params::limit, "limit", "whether the output is limited", {"none", "between"})};
        }
    };
    template <class S>
    struct Vars {
        SignalPort<S> in_1, in_2, in_3, in_4, output;
        static constexpr auto declare() {
            return std::tuple{port(&Vars::in_1, "in_1", "first input"),
                              port(&Vars::in_2, "in_2", "second input").otherwise(0.0),
                              port(&Vars::in_3, "in_3", "third input").otherwise(0.0),
                              port(&Vars::in_4, "in_4", "fourth input").otherwise(0.0),
                              port(&Vars::output, "output", "result").writes()};
        }
    };

    template <class S, class P>
    static void equations(Vars<S>& x, const Params<P>& p) {
        const S further[] = {p.gain_2 * x.in_2.value, p.gain_3 * x.in_3.value, p.gain_4 * x.in_4.value};
        S y = p.gain_1 * x.in_1.value;
        for (int k = 0; k < 3; ++k) y = joined(y, further[k], S(value(p.inputs) > k + 1.5 ? 1.0 : 0.0), p);
        y = y + p.offset;
        if (p.limit == Limit::between) y = hold_between(y, p.low, p.high, S(1e-6 * (p.high - p.low)));
        x.output.equation = x.output.value - y;
    }
    template <class S, class P>
    static void outputs(const Vars<S>& x, const Params<P>&, Report<S>& out) {
        out.key("y", "1", "output", x.output.value);
    }
    static std::string problem(const Params<double>& p) {
        if (p.inputs != std::floor(p.inputs))
            return fmt::format("inputs = {:g}; it counts inputs: give 1, 2, 3 or 4", p.inputs);
        return p.limit == Limit::between && p.low >= p.high ? "low must be below high" : "";
    }

   private:
    // the result so far and one input more; used = 0 leaves the result as it is
    template <class S, class P>
    static S joined(const S& y, const S& x, const S& used, const Params<P>& p) {
        using std::sqrt;
        if (p.operation == Operation::sum) return y + used * x;
        if (p.operation == Operation::product) return y * (1.0 + used * (x - 1.0));
        const S apart = sqrt(S((x - y) * (x - y) + p.width * p.width));
        return y + 0.5 * used * (x - y + (p.operation == Operation::max ? apart : S(-apart)));
    }
};

}  // namespace kelvolt::models
