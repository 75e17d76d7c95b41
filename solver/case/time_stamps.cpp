#include "solver/case/time_stamps.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <optional>

#include "solver/case/outside.hpp"

namespace kelvolt {

namespace {

/// Takes digits off a text.
class Digits {
   public:
    explicit Digits(std::string_view text) : rest(text) {}
    std::string_view rest;

    std::optional<int> number(std::size_t digits) {
        if (rest.size() < digits) return std::nullopt;
        int n = 0;
        for (const char c : rest.substr(0, digits)) {
            if (c < '0' || c > '9') return std::nullopt;
            n = 10 * n + (c - '0');
        }
        rest.remove_prefix(digits);
        return n;
    }
    bool take(std::string_view any) {
        const bool there = !rest.empty() && any.find(rest[0]) != std::string_view::npos;
        if (there) rest.remove_prefix(1);
        return there;
    }
};

/// A moment on a clock, as seconds since 1970 if it were UTC, and its offset if the text says it.
struct Moment {
    double clock;
    std::optional<double> offset;
};

std::optional<double> offset_in_stamp(Digits& text) {
    if (text.take("Zz")) return 0.0;
    const double sign = !text.rest.empty() && text.rest[0] == '-' ? -1.0 : 1.0;
    if (!text.take("+-")) return std::nullopt;
    const auto hours = text.number(2);
    text.take(":");
    const auto minutes = text.rest.empty() ? std::optional(0) : text.number(2);
    if (!hours || !minutes || *hours > 15 || *minutes > 59) return std::nullopt;
    return sign * (3600.0 * *hours + 60.0 * *minutes);
}

std::optional<double> seconds_in_stamp(Digits& text) {
    if (!text.take(":")) return 0.0;
    const auto whole = text.number(2);
    if (!whole || *whole > 59) return std::nullopt;
    double seconds = *whole, weight = 0.1;
    if (text.take(".,"))
        while (const auto digit = text.number(1)) {
            seconds += weight * *digit;
            weight *= 0.1;
        }
    return seconds;
}

std::optional<Moment> moment_of(std::string_view written) {
    Digits text(written);
    const auto year = text.number(4);
    if (!year || !text.take("-")) return std::nullopt;
    const auto month = text.number(2);
    if (!month || !text.take("-")) return std::nullopt;
    const auto day = text.number(2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    Moment moment{86400.0 * static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count()), std::nullopt};
    if (text.rest.empty()) return moment;
    if (!text.take("Tt ")) return std::nullopt;
    const auto hour = text.number(2);
    if (!hour || *hour > 23 || !text.take(":")) return std::nullopt;
    const auto minute = text.number(2);
    if (!minute || *minute > 59) return std::nullopt;
    const auto seconds = seconds_in_stamp(text);
    if (!seconds) return std::nullopt;
    moment.clock += 3600.0 * *hour + 60.0 * *minute + *seconds;
    text.take(" ");
    if (text.rest.empty()) return moment;
    moment.offset = offset_in_stamp(text);
    if (!moment.offset || !text.rest.empty()) return std::nullopt;
    return moment;
}

}  // namespace

bool TimeStamps::is_stamp(std::string_view text) {
    Digits digits(text);
    return digits.number(4) && digits.take("-") && digits.number(2) && digits.take("-");
}

std::string TimeStamps::text_of(double since_1970) {
    const double day = std::floor(since_1970 / 86400.0), rest = since_1970 - 86400.0 * day;
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(static_cast<int>(day)))};
    const int seconds = static_cast<int>(rest);
    return fmt::format("{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), seconds / 3600,
                       seconds / 60 % 60, seconds % 60);
}

std::vector<double> TimeStamps::read(const std::vector<Stamp>& stamps) const {
    std::vector<double> at, clocks;
    std::vector<std::size_t> open;
    for (std::size_t k = 0; k < stamps.size(); ++k) {
        const auto& [text, where] = stamps[k];
        const auto moment = moment_of(text);
        if (!moment)
            throw input_error(
                fmt::format("{}: '{}' is no date and time; write it as 2026-07-01T14:30+02:00, or without "
                            "the offset beside zone:",
                            about_, text),
                where);
        at.push_back(moment->clock - moment->offset.value_or(0.0));
        if (moment->offset) continue;
        if (zone_.empty())
            throw input_error(fmt::format("{}: '{}' does not say its offset from UTC; write it, as in +02:00 or Z, or "
                                          "add zone: Europe/Berlin (or UTC)",
                                          about_, text),
                              where);
        open.push_back(k);
        clocks.push_back(moment->clock);
    }
    if (!open.empty() && zone_ != "UTC") settle(stamps, open, at);
    return at;
}

// moments of the zone's clock to UTC
void TimeStamps::settle(const std::vector<Stamp>& stamps, const std::vector<std::size_t>& open,
                        std::vector<double>& at) const {
    const Where& first = stamps[open.front()].second;
    if (!outside().offsets)
        throw input_error(
            fmt::format("{}: the zone {} is known to the Python package of Kelvolt only; write the offset "
                        "of each time stamp",
                        about_, zone_),
            first);
    std::vector<double> clocks;
    for (const std::size_t k : open) clocks.push_back(at[k]);
    std::vector<Offsets> offsets;
    try {
        offsets = outside().offsets(zone_, clocks);
    } catch (const Error& e) {
        throw Error(e.kind, fmt::format("{}: {}", about_, e.message), first);
    }
    const auto refuse_open = [&](std::size_t k) {
        throw input_error(fmt::format("{}: the clock of {} shows '{}' twice, and the rows do not tell which is meant; "
                                      "write its offset from UTC",
                                      about_, zone_, stamps[k].first),
                          stamps[k].second);
    };
    std::optional<std::size_t>
        unsettled;  // first of a group of moments shown twice, of which the later is not seen yet
    for (std::size_t n = 0; n < open.size(); ++n) {
        const std::size_t k = open[n];
        const Offsets& found = offsets.at(n);
        if (found.empty())
            throw input_error(fmt::format("{}: the clock of {} never shows '{}': it is set forward there; write its "
                                          "offset from UTC, or correct it",
                                          about_, zone_, stamps[k].first),
                              stamps[k].second);
        const double clock = at[k];
        at[k] = clock - found.front();
        if (found.size() == 1) {
            if (unsettled) refuse_open(*unsettled);
            continue;
        }
        const bool later = k > 0 && !(at[k] > at[k - 1]);
        if (later)
            at[k] = clock - found.back();
        else if (!unsettled)
            unsettled = k;
        const bool more = n + 1 < open.size() && offsets[n + 1].size() > 1;
        if (later && !more) unsettled.reset();
    }
    if (unsettled) refuse_open(*unsettled);
}

}  // namespace kelvolt
