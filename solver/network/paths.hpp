/// Values of a built network by path and pattern: "rack.tray[*].gpu[1..2].power", "hose.cell[2].T",
/// "cdu.primary_in.m_flow". Values of ports are `<component>.<port>.<potential or flow>`; a chain gives the parameters
/// of all its cells at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "solver/network/network.hpp"
#include "solver/units/units.hpp"

namespace kelvolt {

struct ValueRef {
    enum class Kind { parameter, unknown, potential, flow, output, discrete };
    Kind kind;
    int component;
    int index;  ///< parameter, output, discrete: number in the model; unknown, potential, flow: local variable
    Quantity quantity;
    std::string path;
};

/// Every value that the pattern names, in the order of the components. Error(input) if there is none, or if a range
/// exceeds what exists; it states which level is wrong and what exists there.
std::vector<ValueRef> find_values(const Network& net, std::string_view pattern, const Where& where = {});
/// As find_values, but only number parameters; an unconnected signal port means its constant: "pump.speed".
std::vector<ValueRef> find_parameters(const Network& net, std::string_view pattern, const Where& where = {});

/// Position of a parameter in Values::params.
std::size_t position_of(const Network& net, const ValueRef& parameter);
/// Position of an unknown or potential in y.
int unknown_of(const Network& net, const ValueRef& unknown_or_potential);

double read_parameter(const Network& net, const Values& values, const ValueRef& ref);
/// Checks the range; Error(input) names path, value, unit and range.
void write_parameter(const Network& net, Values& values, const ValueRef& ref, double si);
/// The same check without writing.
void check_parameter(const Network& net, const ValueRef& ref, double si, const Where& where = {});

/// How values of one name form an array: "rack.tray.gpu.T_die" with the dimensions tray and gpu.
struct ArrayLayout {
    std::string name;
    std::vector<std::string> dims;
    std::vector<std::size_t> sizes;
    std::vector<std::size_t> position;  ///< of each value in the row-major array; NaN where there is no value
    std::size_t size() const;
};
struct ArrayGroup {
    ArrayLayout layout;
    std::vector<std::size_t> values;  ///< indices into the list that was grouped, in the order of `position`
};
/// Groups values into arrays. Dimensions of the same name and different extent get their prefix: "rack_tray" and
/// "row_tray". Names of dimensions are letters, digits and _.
std::vector<ArrayGroup> group_by_array(const std::vector<ValueRef>& values);

}  // namespace kelvolt
