/// Passes the tree of parts to the network builder and collects the provenance of their values for the report.
#pragma once

#include "solver/assembly/builder.hpp"
#include "solver/case/built_case.hpp"
#include "solver/case/parts.hpp"

namespace kelvolt {

/// Facts about the parts that the network does not hold: assumed values, tolerances, sources of data, short names.
struct EmittedFacts {
    std::vector<Assumption> assumptions, tolerances;
    std::vector<std::string> sources;
    std::vector<ShortName> short_names;
};

/// Adds every component with its values, then every connection.
EmittedFacts emit(Part& root, Builder& builder);

}  // namespace kelvolt
