// The section `power:` of a case.
#include "solver/case/format_forms.hpp"

namespace kelvolt::format {

namespace {

using namespace forms;

constexpr Form one_scheme = block(scheme), one_power_limit = block(power_limit);
constexpr std::string_view kinds_of_scheme[] = {"2N", "N+1", "3-to-make-2", "4-to-make-3", "block redundant"};
constexpr Key of_scheme[] = {{"name", {text}},
                             {"kind", one_word(kinds_of_scheme), "", required},
                             {"units", {paths}, "one pattern or more; a + b is one unit", required},
                             {"catcher", {text}, "of a block redundant scheme"},
                             {"caps", quantity_in("W", above_zero), "sum of the power caps of all loads behind it"},
                             {"cap_reaction", quantity_in("s", not_negative), "from a loss until the caps hold"}};

constexpr Form paths_or_values[] = {patterns, values_by_path};
constexpr Form what_fails = either_of(paths_or_values);
constexpr Form listed_or_named[] = {list_of(patterns), map_of(what_fails)};
constexpr Key of_contingencies[] = {
    {"also", either_of(listed_or_named),
     "what fails together, or by name; or values that something takes: {utility.in_service: 0, ups.on_battery: 1}"},
    {"leave_out", {paths}, "not failed one by one; `one of ups.modules` is a unit of several"},
    {"accept_lost", {paths}, "loads that may lose their supply, whatever fails"},
    {"accept_failures",
     {paths},
     "failures that the plan need not survive: listed with the load they lose, but not broken"}};

constexpr Key of_power_limit[] = {{"max", own_quantity}, {"min", own_quantity}, {"basis", {text}}};

constexpr Form radians = quantity_in("rad"), angles = list_of(radians), plain_numbers = list_of(plain_number),
               one_spectrum = block(spectrum), one_load_spectrum = block(load_spectrum), one_demand = block(demand);
constexpr std::string_view summations[] = {"phasor", "iec"};
constexpr Key of_spectrum[] = {
    {"order", plain_numbers, "multiples of the frequency of the supply, from 2 on", required},
    {"current", plain_numbers, "over that of the fundamental, one for each order", required},
    {"angle", angles, "against h times the angle of the fundamental's current"},
    {"source", {text}}};
constexpr Key of_load_spectrum[] = {{"of", {paths}, "what draws it: loads, or converters by their input", required},
                                    {"spectrum", {text}, "a name from `spectra` or data/spectra", required}};
constexpr Key of_demand[] = {{"of", {paths}, "connections to the grid", required},
                             {"I", quantity_in("A", above_zero), "largest demand current (IEEE 519: I_L)", required}};
constexpr Key of_harmonics[] = {
    {"default", {text}, "spectrum of every load that `loads` does not name"},
    {"loads", list_of(one_load_spectrum), "spectra of loads; the first that names a load holds"},
    {"spectra", map_of(one_spectrum), "the case's own spectra by name"},
    {"demand", list_of(one_demand), "currents that TDD refers to; otherwise those of the state that is solved"},
    {"summation", one_word(summations), "phasor, or by the exponents of IEC 61000-3-6 (where angles are not stated)"},
    {"eddy_loss", quantity_in("1", not_negative),
     "of transformers: eddy-current loss of the windings over their I2R loss, at rated current (assumed 10 %)"}};

constexpr Key of_swings[] = {
    {"apply", list_of(one_apply), "what the loads follow, in place of `apply:` and `events:` of the case", required},
    {"duration", quantity_in("s", above_zero), "of the run, e.g. 20 s", required},
    {"every", quantity_in("s", above_zero), "between rows, 20 ms if not given"}};

constexpr Form dips_of_window = list_of(pair, 1);
constexpr Key of_power[] = {
    {"spaces", map_of(patterns), "rooms: patterns of components and ambients"},
    {"it", {paths}, "what counts as IT equipment for PUE; otherwise the assemblies with chips"},
    {"cooling", {paths}, "loads that cool; otherwise what moves coolant"},
    {"schemes", list_of(one_scheme), "transfer schemes as the plan states them"},
    {"contingencies", block(contingencies)},
    {"limits", map_of(one_power_limit), "in place of those of data/checks/power.yaml"},
    {"harmonics", block(harmonics), "harmonic currents that the loads draw"},
    {"dips", map_of(dips_of_window), "voltage ride-through by window, in place of the shipped ones"},
    {"swings", block(swings), "the run in time in which load swings are assessed"}};

}  // namespace

constinit const Section power{"power", of_power},
    scheme{"scheme", of_scheme, "", "write {name: sides, kind: 2N, units: [\"ups[1..2]\"]}"},
    contingencies{"contingencies", of_contingencies}, power_limit{"power_limit", of_power_limit},
    harmonics{"harmonics", of_harmonics},
    load_spectrum{"load_spectrum", of_load_spectrum, "", "write {of: \"pumps[*]\", spectrum: six_pulse_choke}"},
    demand{"demand", of_demand, "", "write {of: utility, I: 1200 A}"},
    spectrum{"spectrum", of_spectrum, "", "write {order: [5, 7], current: [20 %, 11 %], angle: [180 deg, 0 deg]}"},
    swings{"swings", of_swings, "", "write {apply: [{profile: training, to: \"rack[*].activity\"}], duration: 20 s}"};

}  // namespace kelvolt::format
