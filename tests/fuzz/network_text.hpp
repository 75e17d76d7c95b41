/// The text of a case, put together part by part, so that what fails can be read and run.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "solver/model/info.hpp"
#include "tests/fuzz/choices.hpp"

namespace kelvolt::fuzz {

class NetworkText {
   public:
    /// `body`: "model: volume, volume: 1 L"
    void part(const std::string& name, const std::string& body);
    /// Joins a port to all that was joined under this name before.
    void join(const std::string& node, const std::string& port);
    std::string text() const;

   private:
    std::string components_, connections_;
    std::map<std::string, std::string> first_of_;
};

/// "model: pipe, length: 0.05, ...": one of the ways to fill its parameters that the model accepts, as in the property
/// tests of the registry, its numbers moved.
std::string random_body(const ModelInfo& info, Choices& choices);

/// Models with exactly these two ports of coolant in one circuit, or of that electric kind.
std::vector<const ModelInfo*> models_between(std::string_view port_a, std::string_view port_b, std::string_view kind);

}  // namespace kelvolt::fuzz
