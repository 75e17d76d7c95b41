/// Coolants that a case brings itself: under `fluids:`, or in a file <name>.yaml beside it. Such a fluid is a table of
/// a data sheet,
///   my_coolant:
///     source: "data sheet of ..., edition ..."
///     T_freeze: -12 degC
///     table: {T: degC, rho: kg/m3, cp: kJ/(kg K), k: W/(m K), mu: mPa.s, rows: [[0, 1031, 3.88, 0.44, 3.9], ...]}
/// or, in a file of its own, also the fits of data/fluids.
#pragma once

#include <map>
#include <string>

#include "solver/case/file_access.hpp"
#include "solver/case/yaml.hpp"

namespace kelvolt {

struct Medium;

class Fluids {
   public:
    /// `fluids`: the block of the case, or null; all in it are read, so that a mistake does not wait for its use.
    /// `files`: which files a case may read, its folder among them; outlives this. Error(input) with file and line.
    Fluids(const yaml::Node* fluids, const FileAccess& files);
    /// The fluid of that name: of the case, shipped, or of a file beside the case. It lives until the program ends.
    const Medium& find(const std::string& name) const;

   private:
    const FileAccess& files_;
    std::map<std::string, const Medium*, std::less<>> own_;
};

}  // namespace kelvolt
