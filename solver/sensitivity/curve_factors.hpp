/// Curves multiplied by factors. Curves of a built network are shared and constant, so a network of its own is read
/// anew from the case's text, once; after that a factor costs one scaled curve. For one thread.
#pragma once

#include "solver/case/session.hpp"

namespace kelvolt {

class CurveFactors {
   public:
    /// Error(input) when the case was built in code and has no text.
    explicit CurveFactors(const Session& of);
    /// Puts the curves back as they were: solutions of the session may live on.
    ~CurveFactors();
    CurveFactors(const CurveFactors&) = delete;
    CurveFactors& operator=(const CurveFactors&) = delete;

    /// On its own network, with the values of `of`. Its unknowns are numbered alike, so solutions serve as guesses.
    Session& session() { return session_; }
    /// Curve `parameter` of a component as it was given, times `factor` > 0. Solutions made before belong to the
    /// factors of their time: read them first.
    void set(const std::string& component, const std::string& parameter, double factor);

   private:
    struct Changed {
        const Curve** place;
        const Curve* given;
        std::unique_ptr<const Curve> scaled;
    };
    const Curve** place_of(const std::string& component, const std::string& parameter) const;

    Session session_;
    std::vector<Changed> changed_;
};

}  // namespace kelvolt
