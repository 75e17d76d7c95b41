#include "solver/newton/domain_parts.hpp"

namespace kelvolt {

Newton* DomainParts::of(Domain domain) {
    const auto [found, fresh] = parts_.try_emplace(domain);
    if (fresh) {
        Subsystem part(net_, [&](int u) { return net_.domain[u] == domain; });
        if (part.size() > 0) found->second = std::make_unique<Newton>(net_, std::move(part));
    }
    return found->second.get();
}

void DomainParts::forget() {
    for (auto& [domain, part] : parts_)
        if (part) part->forget();
}

}  // namespace kelvolt
