/// Coolants defined by a case: under `fluids:`, or in a file <name>.yaml beside it. Such a fluid is a table from a data
/// sheet,
///   my_coolant:
///     source: "data sheet of ..., edition ..."
///     T_freeze: -12 degC
///     table: {T: degC, rho: kg/m3, cp: kJ/(kg K), k: W/(m K), mu: mPa.s, rows: [[0, 1031, 3.88, 0.44, 3.9], ...]}
/// or, in a file of its own, fits as in data/fluids.
#pragma once

#include <map>
#include <string>

#include "solver/case/file_access.hpp"
#include "solver/case/yaml.hpp"

namespace kelvolt {

struct Medium;

class Fluids {
   public:
    /// `fluids`: the block of the case, or null; all fluids in it are read at once, so that faults are found even in
    /// unused ones. `files`: which files the case may read; must outlive this object. Error(input) with file and line.
    Fluids(const yaml::Node* fluids, const FileAccess& files);
    /// The fluid of that name: from the case, shipped, or from a file beside the case. Valid until the program ends.
    const Medium& find(const std::string& name) const;

   private:
    const FileAccess& files_;
    std::map<std::string, const Medium*, std::less<>> own_;
};

}  // namespace kelvolt
