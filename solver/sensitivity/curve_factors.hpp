/// Curves multiplied by factors. Curves of a built network are shared and constant, so the case's text is read again
/// once into a separate network; after that, a factor costs one scaled curve. For one thread.
#pragma once

#include "solver/case/case.hpp"

namespace kelvolt {

class CurveFactors {
   public:
    /// Error(input) if the case was built in code and has no text.
    explicit CurveFactors(const Case& of);
    /// Restores the curves, because solutions of the case may still be in use.
    ~CurveFactors();
    CurveFactors(const CurveFactors&) = delete;
    CurveFactors& operator=(const CurveFactors&) = delete;

    /// A case on the separate network, with the values of `of`. Its unknowns have the same numbers, so solutions may
    /// be used as starts.
    Case& the_case() { return case_; }
    /// Sets curve `parameter` of a component to the given curve times `factor` > 0. Earlier solutions refer to the
    /// earlier factors and must be read before.
    void set(const std::string& component, const std::string& parameter, double factor);

   private:
    struct Changed {
        const Curve** place;
        const Curve* given;
        std::unique_ptr<const Curve> scaled;
    };
    const Curve** place_of(const std::string& component, const std::string& parameter) const;

    Case case_;
    std::vector<Changed> changed_;
};

}  // namespace kelvolt
