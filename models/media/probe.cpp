// A neutral liquid and curve. The registry evaluates every model on them once to find names and structure, without
// reading a file.
#include <cmath>

#include "models/media/medium.hpp"
#include "solver/curve/curve.hpp"
#include "solver/model/block.hpp"

namespace kelvolt {

const Medium* probe_medium() {
    // water at 20 degC (IAPWS textbook values), the same at every temperature
    static const Medium liquid = [] {
        Medium m;
        m.name = "probe";
        m.title = "water at 20 degC, constant";
        m.source = "IAPWS textbook values at 20 degC";
        m.T_min = m.hold_min = 273.15;
        m.T_max = m.hold_max = 373.15;
        m.rho_fit.c[0] = 998.2;
        m.cp_fit.c[0] = 4184.0;
        m.k_fit.c[0] = 0.598;
        m.mu_fit.c[0] = std::log(1.002e-3);
        return m;
    }();
    return &liquid;
}

const Curve* probe_curve() {
    static const Curve line = Curve::table({1.0, 2.0}, {1.0, 2.0});
    return &line;
}

}  // namespace kelvolt
