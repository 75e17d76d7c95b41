// Checks names and sizes against the rules of netCDF-4 files before a long run starts.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "solver/error.hpp"
#include "solver/results/netcdf_writer.hpp"

namespace kelvolt::hdf5 {
namespace {

constexpr std::size_t longest_name = 256;  // NC_MAX_NAME

Error refuse(const std::string& text) { return {Error::Kind::input, "result file: " + text}; }

void check_name(const char* what, const std::string& name) {
    const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    const auto start = static_cast<unsigned char>(name.empty() ? ' ' : name[0]);
    const bool starts_well = std::isalnum(start) || start == '_' || start >= 0x80;
    if (!starts_well || name.find('/') != std::string::npos || name.back() == ' ' || name.size() > longest_name ||
        std::any_of(name.begin(), name.end(), control))
        throw refuse(
            fmt::format("{} '{}' is no netCDF name; begin with a letter, a digit or '_', use no '/', no "
                        "control character, no space at the end, at most {} bytes",
                        what, name, longest_name));
}

void check_dimension(const ResultDimension& d) {
    check_name("dimension", d.name);
    if (d.size == 0) throw refuse(fmt::format("dimension '{}' has size 0; leave it out or give it 1 or more", d.name));
    const auto fits = [&](std::size_t given, const char* what) {
        if (given != 0 && given != d.size)
            throw refuse(
                fmt::format("dimension '{}' has size {} but {} {}; give {}", d.name, d.size, given, what, d.size));
    };
    fits(d.coordinate.size(), "coordinates");
    fits(d.labels.size(), "labels");
    if (!d.coordinate.empty() && !d.labels.empty())
        throw refuse(fmt::format("dimension '{}' has coordinates and labels; give one of them", d.name));
}

void check_variable(const ResultSchema& schema, const ResultVariable& v) {
    check_name("variable", v.name);
    std::set<std::string> dims;
    for (const auto& name : v.dims) {
        const auto same = [&](const ResultDimension& d) { return d.name == name; };
        if (std::none_of(schema.dimensions.begin(), schema.dimensions.end(), same))
            throw refuse(
                fmt::format("variable '{}' uses dimension '{}', which the schema lacks; add it", v.name, name));
        if (!dims.insert(name).second)
            throw refuse(fmt::format("variable '{}' uses dimension '{}' twice; give two names", v.name, name));
    }
    std::set<std::string> attributes = {"units", "long_name"};
    for (const auto& [name, text] : v.attributes) {
        check_attribute_name(name);
        if (!attributes.insert(name).second)
            throw refuse(fmt::format("variable '{}' has attribute '{}' twice; give it once", v.name, name));
    }
}

}  // namespace

void check_attribute_name(const std::string& name) {
    static constexpr std::array reserved = {"CLASS",      "NAME",   "DIMENSION_LIST", "REFERENCE_LIST",
                                            "_FillValue", "status", "part",           "first_row"};
    check_name("attribute", name);
    if (name.rfind("_Netcdf", 0) == 0 || name.rfind("_NC", 0) == 0 ||
        std::find(reserved.begin(), reserved.end(), name) != reserved.end())
        throw refuse(fmt::format("attribute '{}' belongs to the file format; choose another name", name));
}

void check_schema(const ResultSchema& schema) {
    std::set<std::string> taken = {"time",       "event",   "event_time",  "event_component",
                                   "event_text", "warning", "warning_text"};
    const auto take = [&](const std::string& name) {
        if (!taken.insert(name).second)
            throw refuse(fmt::format("the name '{}' is used twice or belongs to the file; choose another", name));
    };
    for (const auto& d : schema.dimensions) check_dimension(d), take(d.name);
    for (const auto& v : schema.variables) check_variable(schema, v), take(v.name);
    for (const auto& [name, text] : schema.attributes) check_attribute_name(name);
}

std::size_t row_size(const ResultSchema& schema, const ResultVariable& variable) {
    std::size_t size = 1;
    for (const auto& name : variable.dims)
        for (const auto& d : schema.dimensions)
            if (d.name == name) size *= d.size;
    return size;
}

}  // namespace kelvolt::hdf5
