/// Date and time as text: ISO 8601 with an offset from UTC, or without one in a time zone, whose clock may skip an hour
/// and show another twice.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "solver/error.hpp"

namespace kelvolt {

/// A text and its place.
using Stamp = std::pair<std::string, Where>;

class TimeStamps {
   public:
    /// `zone`: of stamps without an offset, such as Europe/Berlin; empty: they are refused. `about` begins messages.
    TimeStamps(std::string zone, std::string about) : zone_(std::move(zone)), about_(std::move(about)) {}

    /// Seconds since 1970 UTC. Of an hour that the clock shows twice the order of the stamps tells which is meant.
    /// Error(input) at its place for what is no date, for a moment that the clock skips, and for one that stays open.
    std::vector<double> read(const std::vector<Stamp>& stamps) const;

    /// Whether a text looks like a date.
    static bool is_stamp(std::string_view text);
    /// "2026-07-01T00:00:00Z"
    static std::string text_of(double since_1970);

   private:
    std::string zone_, about_;

    void settle(const std::vector<Stamp>& stamps, const std::vector<std::size_t>& open, std::vector<double>& at) const;
};

}  // namespace kelvolt
