/// Capacitors at DC ports, which discharge into a short circuit: shared by converters, shelves, drives and loads.
#pragma once

#include "solver/model/declare.hpp"
#include "solver/model/fault.hpp"

namespace kelvolt::models {

/// At the output of a converter: capacitors of one unit, and the bandwidth of its control. They have no effect on the
/// power flow, but on the current of a short circuit in time and on the stability of constant-power loads.
template <class P>
struct OutputCapacitor {
    P C_out, ESR_out, bandwidth;

    template <class Params>
    static constexpr auto output_capacitor() {
        return std::tuple{
            param(&Params::C_out, "C_out", "F",
                  "output capacitors of one unit, for short circuits in time and stability", from(0), not_given),
            param(&Params::ESR_out, "ESR_out", "ohm", "series resistance of C_out", from(0), not_given),
            param(&Params::bandwidth, "bandwidth", "Hz",
                  "of the control that holds the droop line, for the stability of constant-power loads", above(0),
                  not_given)};
    }
    void feed_output(FaultEquivalent& out, double units, int port) const {
        out.capacitor(units * C_out, ESR_out / units, port, "C_out and ESR_out");
    }
};

/// At the input of what draws from a DC bus: filter and link capacitors that nothing keeps from feeding back.
template <class P>
struct InputCapacitor {
    P C_in, ESR_in;

    template <class Params>
    static constexpr auto input_capacitor() {
        return std::tuple{param(&Params::C_in, "C_in", "F",
                                "input capacitors that can feed back, for the current of a short circuit in time; 0 "
                                "behind a blocking device",
                                from(0), not_given),
                          param(&Params::ESR_in, "ESR_in", "ohm", "series resistance of C_in", from(0), not_given)};
    }
    void feed_input(FaultEquivalent& out, int port) const { out.capacitor(C_in, ESR_in, port, "C_in and ESR_in"); }
};

}  // namespace kelvolt::models
