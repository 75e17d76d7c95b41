/// The flows, the power or the heat of a network alone, the rest frozen: a Newton iteration for each, made when first
/// asked for.
#pragma once

#include <map>
#include <memory>

#include "solver/steady/newton.hpp"

namespace kelvolt {

class DomainParts {
   public:
    explicit DomainParts(const Network& net) : net_(net) {}

    /// Null where no unknown is of that domain.
    Newton* of(Domain domain);
    /// As Newton::forget, each.
    void forget();

   private:
    const Network& net_;
    std::map<Domain, std::unique_ptr<Newton>> parts_;
};

}  // namespace kelvolt
