/// Newton iterations on one domain of a network alone (hydraulic, electric or thermal), the other unknowns held
/// constant. Each is created when it is first needed.
#pragma once

#include <map>
#include <memory>

#include "solver/newton/newton.hpp"

namespace kelvolt {

class DomainParts {
   public:
    explicit DomainParts(const Network& net) : net_(net) {}

    /// The iteration for one domain; null if the network has no unknowns of that domain.
    Newton* of(Domain domain);
    /// Calls Newton::forget on each.
    void forget();

   private:
    const Network& net_;
    std::map<Domain, std::unique_ptr<Newton>> parts_;
};

}  // namespace kelvolt
