/// Judging an answer: the limits of the case, and the laws of energy, coolant, entropy and charge, as verdicts.
#pragma once

#include "solver/case/case.hpp"

namespace kelvolt {

/// The verdict on one value of a limit of the case, from its lowest and highest value.
void judge(const LimitRule& rule, const ValueRef& ref, const Recorder::Extreme& extreme, std::vector<Verdict>& verdicts,
           const Recorder::Range* range = nullptr);
/// The verdict on the spread of the values of a limit.
Verdict spread_verdict(const LimitRule& rule, double spread, double time);
/// The verdicts on the limits of the case after a run; their values begin at index `k` of what was recorded.
void judge_run(const std::vector<LimitRule>& limits, const Recorder& recorder, std::size_t k,
               std::vector<Verdict>& verdicts);
/// Energy and mass, and of a steady state entropy, as verdicts beside the limits.
void judge_balances(Solution& s, double time);
/// A run that ended before its time, since the system has no answer beyond: broken, like a balance that does not close.
void judge_reach(Solution& s, double reached, double duration);
/// Of a steady state: the current at every bus sums to zero; stability was checked by the solver.
void judge_rest(Solution& s);

/// Per verdict why it is not assessed, empty where it is: the figure that is not given, where giving one would set the
/// limit of a model; else that of `Verdict::reason`. A model says of a limit that it never has ("none: ..." as its basis)
/// why there is none.
std::vector<std::string> reasons(const Solution& s);

/// What a margin is divided by so that margins of different quantities compare: 10 K for temperatures and their
/// differences, whose zero says nothing, else the size of the limit.
double margin_scale(double limit, std::string_view unit);
/// How near a limit is: the margin over its scale. Nothing is near a limit that is no number, nor a limit of zero that
/// is held (a count of what must not be, a flow that must not turn back): 1e12.
double closeness(double margin, double limit, std::string_view unit);
double closeness(const Verdict& v);
/// Verdicts that are not assessed come last, in their order.
void sort_worst_first(std::vector<Verdict>& verdicts);

}  // namespace kelvolt
