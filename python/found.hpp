/// Values that one pattern names, with the arrays they form.
#pragma once

#include <string>
#include <vector>

#include "solver/network/paths.hpp"

namespace kelvolt::bindings {

struct Found {
    std::vector<ValueRef> refs;
    std::vector<ArrayGroup> groups;

    explicit Found(std::vector<ValueRef> found) : refs(std::move(found)), groups(group_by_array(refs)) {}
};

/// "parameter", "unknown", "potential", "flow", "output" or "discrete".
const char* kind_name(ValueRef::Kind kind);

}  // namespace kelvolt::bindings
