/// From the tree of parts to the builder, and what the report must say about the values on the way.
#pragma once

#include "solver/case/case.hpp"
#include "solver/case/parts.hpp"
#include "solver/network/builder.hpp"

namespace kelvolt {

/// What the parts tell beside the network.
struct Told {
    std::vector<Assumption> assumptions, tolerances;
    std::vector<std::string> sources;
    std::vector<ShortName> short_names;
};

/// Adds every component with its values, then every connection.
Told emit(Part& root, Builder& builder);

}  // namespace kelvolt
