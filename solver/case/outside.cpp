#include "solver/case/outside.hpp"

namespace kelvolt {

Outside& outside() {
    static Outside given;
    return given;
}

}  // namespace kelvolt
