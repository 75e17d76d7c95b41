/// What is said of one limit at a solved point, or over a run.
#pragma once

#include <cmath>
#include <limits>
#include <string_view>

#include "solver/model/report.hpp"

namespace kelvolt {

/// One verdict: a value, its limit and the margin between. Its texts belong to the models and to the case, which every
/// solution keeps alive.
struct Verdict : CheckValue {
    std::string_view element;
    double time;
    std::string_view of_whole{};  ///< of a limit of many connections, or of a balance: the circuit, or the case
    bool from_case = false;       ///< a limit of the case's own, whatever its id
    double since = std::numeric_limits<double>::quiet_NaN();  ///< of a run: first time broken [s]; NaN: never

    static constexpr std::string_view balance = "balance";  ///< basis of the balances
    bool assessed() const { return !std::isnan(limit) && !std::isnan(value); }
    /// What the limit belongs to, wherever it is tightest: two verdicts of one id and scope compare.
    std::string_view scope() const { return of_whole.empty() ? element : of_whole; }
    /// A balance is closed by the solver; no parameter moves it.
    bool is_balance() const { return !from_case && basis == balance; }
    /// "held", "broken" or "not assessed"
    std::string_view word() const { return !assessed() ? "not assessed" : margin() >= 0.0 ? "held" : "broken"; }
    std::string_view reason() const {
        return assessed()          ? ""
               : std::isnan(limit) ? "no limit is given, or it does not apply in this state"
                                   : "it has no value in this state";
    }
};

}  // namespace kelvolt
