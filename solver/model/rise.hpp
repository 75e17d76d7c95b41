/// Height of the ports of one component. A component whose ports do not lie at one height has the output `rise` [m].
#pragma once

#include "solver/model/info.hpp"

namespace kelvolt {

/// Height of a fluid port above the first of the same circuit number [m]; `rise` is the output of that name, which
/// holds for circuit number 0.
inline double height_of_port(const ModelInfo& info, int port, double rise) {
    const PortInfo& at = info.ports[port];
    if (!at.kind->has_medium || at.circuit != 0) return 0.0;
    for (int k = 0; k < port; ++k)
        if (info.ports[k].kind->has_medium && info.ports[k].circuit == 0) return rise;
    return 0.0;
}

}  // namespace kelvolt
