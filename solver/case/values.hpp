/// Values as written in a case or library entry: a number, text with a unit, or a block with provenance; words and
/// curves.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "solver/case/yaml.hpp"
#include "solver/curve/curve.hpp"
#include "solver/model/info.hpp"
#include "solver/units/units.hpp"

namespace kelvolt {

struct Medium;
class Fluids;

/// Source of a value. `lo` and `hi` are NaN if no range is given.
struct Provenance {
    std::string entry;  ///< library entry or assembly that states it; empty: the case itself
    std::string grade, source, date;
    double value = not_given, lo = not_given, hi = not_given;  ///< SI; of a curve given by points: factors on it
};

class FileAccess;

/// What the values in one file have in common: provenance, the folder to which CSV files are relative, and the files
/// that may be read.
struct Origin {
    std::string entry, grade, source, date;
    std::filesystem::path folder;
    const FileAccess* files;
    const Fluids* fluids = nullptr;  ///< those of the case; null: shipped ones only
};

/// One value given to a parameter, shared by all elements that take it.
struct Given {
    double number = not_given;
    std::string word;  ///< for choices
    std::shared_ptr<const Curve> curve;
    const Medium* medium = nullptr;
    Where where;
    std::shared_ptr<const Provenance> from;  ///< null for a plain value of the case
};

/// A number in SI, without provenance; `about` is for example "tray[1].gpu: power".
double read_number(const yaml::Node& node, const Quantity& quantity, std::string_view about);
/// The number of a key in the unit and within the bounds that the format declares; none where the key is absent.
std::optional<double> find_number(const yaml::Fields& fields, std::string_view key);
double number_at(const yaml::Fields& fields, std::string_view key);
/// Any value of the parameter, with its provenance.
std::shared_ptr<const Given> read_value(const yaml::Node& node, const ParamInfo& param, const Origin& origin,
                                        std::string_view about);
/// The same for a signal: a plain number.
std::shared_ptr<const Given> read_signal(const yaml::Node& node, const Origin& origin, std::string_view about);

/// Provenance keys of a block or a library entry; the file's own provenance gives the defaults. `what`: the quantity of
/// the range.
Provenance read_provenance(const yaml::Node& block, const Quantity& what, const Origin& origin, std::string_view about);

/// Throws the error again with `about` in front and a place, if it has none.
[[noreturn]] void rethrow(const Error& error, std::string_view about, const Where& where);

}  // namespace kelvolt
