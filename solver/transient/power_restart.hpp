/// Values after a change in a run: consistent ones, with a power flow first where a plain start fails.
#pragma once

#include "solver/newton/load_factor.hpp"
#include "solver/transient/consistent.hpp"

namespace kelvolt {

class PowerRestart {
   public:
    explicit PowerRestart(const Network& net) : net_(net), consistent_(net) {}
    /// As ConsistentStart::solve; sources that take over load may be far from their idle state.
    bool solve(std::vector<double>& y, std::vector<double>& yp, const Values& values);
    /// The equation that is furthest from being met after a failure, for messages.
    std::string worst() const;
    /// Where the power flow is lost, if at the present temperatures none exists for the whole electric load.
    std::optional<LostPowerFlow> lost(const std::vector<double>& y, const Values& values) const;

   private:
    /// The unknowns of a domain without differential ones, so that the charge of batteries is kept.
    Newton part_of(Domain domain) const;

    const Network& net_;
    ConsistentStart consistent_;
};

}  // namespace kelvolt
