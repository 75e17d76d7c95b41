#include "solver/case/format.hpp"

#include <algorithm>

namespace kelvolt::format {

namespace {

using enum Form::Kind;
using enum Key::Presence;

// ---- forms ----

constexpr Form any{anything}, empty{nothing}, words_of_text{text}, yes_or_no{truth}, patterns{paths};

constexpr Form quantity_in(std::string_view unit, Bounds bounds = {}) {
    Form form{quantity};
    form.unit = unit;
    form.bounds = bounds;
    return form;
}
constexpr Form whole_to(int most) {
    Form form{whole};
    form.bounds = {1.0, double(most)};
    return form;
}
constexpr Form one_word(std::span<const std::string_view> words) {
    Form form{Form::Kind::word};
    form.words = words;
    return form;
}
constexpr Form list_of(const Form& item, int least = 0, int most = 0) {
    Form form{list};
    form.item = &item;
    form.least = least;
    form.most = most;
    return form;
}
constexpr Form map_of(const Form& item) {
    Form form{map};
    form.item = &item;
    return form;
}
constexpr Form named(const Form& item, int least = 0) {
    Form form = map_of(item);
    form.names = true;
    form.least = least;
    return form;
}
constexpr Form block(const Section& section) {
    Form form{Form::Kind::section};
    form.section = &section;
    return form;
}
constexpr Form either_of(std::span<const Form> forms) {
    Form form{either};
    form.forms = forms;
    return form;
}

constexpr Bounds above_zero{0.0, std::numeric_limits<double>::infinity(), true, "must be above 0"};
constexpr Bounds not_negative{0.0, std::numeric_limits<double>::infinity(), false, "must not be negative"};
constexpr Bounds of_the_run{0.0, std::numeric_limits<double>::infinity(), false,
                            "lies before the run, which begins at 0 s"};
constexpr Bounds of_starts{200.0, 600.0, false, "is outside its range (200 to 600 K)"};
constexpr Bounds of_tolerances{0.0, 0.1, true, "is outside its range (above 0 and at most 0.1)"};

constexpr Form seconds = quantity_in("s"), plain_number = quantity_in("1"), own_quantity = quantity_in(""),
               start_temperature = quantity_in("K", of_starts);
constexpr Form pair = list_of(own_quantity, 2, 2);

// A: primary text; B: transcription; C: estimate; D: derived here; M: commonly quoted; assumed
constexpr std::string_view grades[] = {"A", "B", "C", "D", "M", "assumed"};
constexpr Form grade = one_word(grades);
constexpr std::string_view grade_doc = "A (primary text) to D (derived here), M (commonly quoted), or assumed";

// ---- components ----

constexpr Form one_component = block(component);
constexpr Form components = named(one_component, 1);
constexpr Form line{connection};
constexpr Form list_or_nothing[] = {list_of(line), empty};
constexpr Form connections = either_of(list_or_nothing);

constexpr std::string_view metals[] = {"copper", "aluminium"};
constexpr Form two_or_three = whole_to(3);
constexpr Key of_conductor[] = {
    {"size", {text}, "95 mm2 (IEC 60364-5-52), 4/0 AWG or 500 kcmil (NEC 310.16)", required},
    {"material", one_word(metals), "copper where not given"},
    {"insulation", {text}, "XLPE (where not given) or PVC; of NEC its rating 60, 75 or 90 in degC"},
    {"method", {text}, "of installation, A1 to D2 of IEC 60364-5-52; C where not given"},
    {"ambient", quantity_in("K"), "of the air, of the ground for D1 and D2; that of the table where not given"},
    {"grouped", whole_to(1000), "circuits bunched together (IEC), loaded conductors in one raceway (NEC)"},
    {"loaded", two_or_three, "loaded conductors (IEC): 3, on single-phase and DC lines 2, where not given"}};

constexpr Key of_component[] = {
    {"model", {text}, "a built-in model, a library entry or an assembly", required},
    {"count", whole_to(100'000), "makes an array"},
    {"cells", whole_to(10'000), "of a model that can be divided"},
    {"conductor", block(conductor), "of a line: fills R, X, temperature, ampacity and derating from the tables"}};

constexpr Key of_assembly[] = {
    {"title", {text}},
    {"about", {text}},
    {"ports", named(words_of_text), "names of ports inside: {inlet: pump.a}"},
    {"parameters", named(patterns), "short names of values inside: {power: \"gpu[*].power\"}"},
    {"components", components, "", required, "list what it is made of"},
    {"connections", connections},
    {"set", map_of(any), "values by path or pattern, after everything is built"}};

constexpr Key of_library_entry[] = {
    {"title", {text}},
    {"about", {text}},
    {"source", {text}},
    {"date", {text}},
    {"grade", grade, grade_doc},
    {"model", {text}, "the model or entry it builds on", one_of},
    {"parameters", map_of(any), "values of the model", optional, "an assembly has its own inside", {{"model"}}},
    {"assembly", block(assembly), "what it is made of", one_of},
    {"notes", {anything}}};

// ---- values of parameters ----

constexpr Key of_number[] = {{"value", own_quantity, "", required},
                             {"range", pair, "[lowest, highest]"},
                             {"grade", grade, grade_doc},
                             {"source", {text}},
                             {"date", {text}},
                             {"note", {text}}};

constexpr Key of_word[] = {{"value", {text}, "", required},
                           {"grade", grade, grade_doc},
                           {"source", {text}},
                           {"date", {text}},
                           {"note", {text}}};

constexpr std::string_view scales[] = {"table", "log_table"};
constexpr Form three_numbers = list_of(plain_number, 3, 3);
constexpr Key of_curve[] = {
    {"value", own_quantity, "a constant", one_of},
    {"points", list_of(pair, 2), "[[x, y], ...], x rising", one_of},
    {"csv", {text}, "a file of columns", one_of},
    {"power_law", block(power_law), "y of x with an exponent", one_of},
    {"parabola", three_numbers, "[a, b, c] of a + b x + c x^2, in the units x and y", one_of},
    {"efficiency", list_of(pair, 1), "[load share, efficiency]: a loss curve", one_of},
    {"x", {text}, "unit of x; of a CSV its column", optional, "", {{"points", "csv", "parabola"}}},
    {"y", {text}, "unit of y; of a CSV its column", optional, "", {{"points", "csv", "parabola"}}},
    {"kind",
     one_word(scales),
     "between points: straight, or straight on two logarithmic axes",
     optional,
     "",
     {{"points", "csv"}}},
    {"source", {text}},
    {"grade", grade, grade_doc},
    {"date", {text}},
    {"range", pair, "[lowest, highest]: of a constant in its unit, otherwise factors on the curve"},
    {"covers", pair, "[lowest, highest] x that the law was made for", optional, "", {{"power_law", "parabola"}}},
    {"note", {text}}};

constexpr Key of_power_law[] = {
    {"x", own_quantity, "", required}, {"y", own_quantity, "", required}, {"exponent", plain_number, "", required}};

// ---- fluids ----

constexpr Form fluid_row = list_of(plain_number, 5, 5);
constexpr Key of_fluid_table[] = {{"T", {text}, "unit, e.g. degC", required},
                                  {"rho", {text}, "unit, e.g. kg/m3", required},
                                  {"cp", {text}, "unit, e.g. kJ/(kg K)", required},
                                  {"k", {text}, "unit, e.g. W/(m K)", required},
                                  {"mu", {text}, "unit, e.g. mPa.s", required},
                                  {"rows", list_of(fluid_row, 3), "[T, rho, cp, k, mu], T rising", required}};

constexpr Key of_fluid[] = {
    {"name", {text}},
    {"title", {text}},
    {"source", {text}, "", required, "say where the table comes from"},
    {"date", {text}},
    {"grade", {text}, grade_doc},
    {"T_freeze", quantity_in("K"), "where it freezes"},
    {"T_boil", quantity_in("K"), "where it boils at 1 atm"},
    {"table", block(fluid_table), "", required, "give T, rho, cp, k and mu with their units, and rows"},
    {"notes", {anything}}};

// ---- what happens ----

constexpr std::string_view lines_or_steps[] = {"linear", "step"};
constexpr Key of_profile[] = {{"constant", own_quantity, "", one_of},
                              {"step", block(step), "", one_of},
                              {"square_wave", block(square_wave), "", one_of},
                              {"piecewise", list_of(pair, 1), "[[time, value], ...]", one_of},
                              {"csv", {text}, "a file with a column of times", one_of},
                              {"otherwise", own_quantity, "outside from .. until", optional, "", {{"square_wave"}}},
                              {"between", one_word(lines_or_steps), "points", optional, "", {{"piecewise", "csv"}}},
                              {"time",
                               {text},
                               "column of the CSV",
                               required,
                               "name a column of the header, which reads for example 't (s), P (W)'",
                               {{"csv"}}},
                              {"value",
                               {text},
                               "column of the CSV",
                               required,
                               "name a column of the header, which reads for example 't (s), P (W)'",
                               {{"csv"}}}};

constexpr Key of_step[] = {
    {"at", seconds, "", required}, {"before", own_quantity, "", required}, {"after", own_quantity, "", required}};

constexpr Key of_square_wave[] = {{"high", own_quantity, "", required},
                                  {"low", own_quantity, "", required},
                                  {"period", seconds, "", required},
                                  {"duty", plain_number, "share of the period at high", required},
                                  {"from", seconds},
                                  {"until", seconds},
                                  {"phase", seconds, "delay of the wave"}};

constexpr Key of_apply[] = {{"profile", {text}, "its name", required},
                            {"to", {paths}, "parameters", required},
                            {"scale", plain_number, "factor on the profile"},
                            {"phase", seconds, "delay"},
                            {"skew", seconds, "further delay from each element to the next"}};

constexpr Key of_event[] = {{"at", quantity_in("s", of_the_run), "", required},
                            {"set", {text}, "a path or pattern of parameters", required},
                            {"to", own_quantity, "the new value", one_of},
                            {"by", own_quantity, "what is added", one_of},
                            {"over", quantity_in("s", not_negative), "a ramp"}};

constexpr Key of_limit[] = {
    {"of", {paths}, "outputs, unknowns or port values", required},
    {"min", own_quantity, "", some_of},
    {"max", own_quantity, "", some_of},
    {"spread", plain_number, "largest (highest - lowest)/mean of the values, e.g. 5 %", some_of},
    {"id", {text}, "what the verdict is called"},
    {"basis", {text}, "where the limit comes from"}};

// ---- power ----

constexpr Form one_apply = block(apply), one_scheme = block(scheme), one_power_limit = block(power_limit);
constexpr std::string_view kinds_of_scheme[] = {"2N", "N+1", "3-to-make-2", "4-to-make-3", "block redundant"};
constexpr Key of_scheme[] = {{"name", {text}},
                             {"kind", one_word(kinds_of_scheme), "", required},
                             {"units", {paths}, "one pattern or more; a + b is one unit", required},
                             {"catcher", {text}, "of a block redundant scheme"},
                             {"caps", quantity_in("W", above_zero), "sum of the power caps of all loads behind it"},
                             {"cap_reaction", quantity_in("s", not_negative), "from a loss until the caps hold"}};

constexpr Form values_by_path = map_of(own_quantity);
constexpr Form paths_or_values[] = {patterns, values_by_path};
constexpr Form what_fails = either_of(paths_or_values);
constexpr Form listed_or_named[] = {list_of(patterns), map_of(what_fails)};
constexpr Key of_contingencies[] = {
    {"also", either_of(listed_or_named), "what fails together, or by name; or values that something takes"},
    {"leave_out", {paths}, "not failed one by one; `one of ups.modules` is a unit of several"},
    {"accept_lost", {paths}, "loads that may lose their supply"}};

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

constexpr Key of_scenario[] = {{"about", {text}, "what the operating case is"},
                               {"set", values_by_path, "values by path or pattern", required}};

constexpr Key of_knob[] = {
    {"sum_of", {paths}, "parameters of one quantity; setting the knob keeps their shares", required},
    {"about", {text}, "what the knob turns"}};

// ---- how it is solved ----

constexpr Key of_settings[] = {
    {"T_start", start_temperature, "cold-start temperature, e.g. 30 degC"},
    {"junction_volume", quantity_in("m3", above_zero), "coolant volume of a connection without one, e.g. 20 mL"},
    {"strict", {truth}, "true: a value outside its data's range is an error"}};

constexpr Key of_record[] = {{"every", quantity_in("s", above_zero), "between rows, e.g. 1 s"},
                             {"also", {paths}, "patterns to record beside the key outputs"},
                             {"all", {truth}, "every output and unknown"}};

constexpr Key of_start[] = {{"T", start_temperature, "everything at this temperature", required}};

constexpr std::string_view steady[] = {"steady"}, loads[] = {"nominal", "mean"};
constexpr Form starts[] = {one_word(steady), block(start)};
constexpr Form load_or_time[] = {one_word(loads), seconds};
constexpr Key of_run[] = {
    {"duration", quantity_in("s", above_zero), "e.g. 10 min; without it the case is a steady state"},
    {"start", either_of(starts), "what the run begins from"},
    {"tolerance", quantity_in("1", of_tolerances), "relative, of the integrator"},
    {"steady_at", either_of(load_or_time), "nominal, mean, or a time: which load the steady state is for"}};

// ---- the case ----

constexpr Form text_or_nothing[] = {words_of_text, empty};
constexpr Form one_fluid = block(fluid), one_assembly = block(assembly), one_profile = block(profile),
               one_event = block(event), one_limit = block(limit), one_scenario = block(scenario), a_knob = block(knob);
constexpr Key of_case[] = {{"kelvolt", {version}, "version of the case format", required},
                           {"title", either_of(text_or_nothing)},
                           {"about", either_of(text_or_nothing), "prose for the reader"},
                           {"settings", block(settings)},
                           {"fluids", map_of(one_fluid), "coolants of your own, by name"},
                           {"components", components, "", required, "list the parts of the system under it"},
                           {"assemblies", named(one_assembly), "components of your own, by name"},
                           {"connections", connections},
                           {"set", map_of(any), "values by path or pattern, after everything is built"},
                           {"profiles", map_of(one_profile), "courses in time, by name"},
                           {"apply", list_of(one_apply), "which parameters follow which profile"},
                           {"events", list_of(one_event), "what changes at a time"},
                           {"limits", list_of(one_limit), "limits of your own"},
                           {"scenarios", map_of(one_scenario), "operating cases by name: values that differ in each"},
                           {"knobs", map_of(a_knob), "one number for the sum of many parameters, by name"},
                           {"power", block(power), "what the studies of a power network read"},
                           {"record", block(record)},
                           {"run", block(run)}};

}  // namespace

constinit const Section whole_case{"case", of_case}, settings{"settings", of_settings}, fluid{"fluid", of_fluid},
    fluid_table{"fluid_table", of_fluid_table, "",
                "write table: {T: degC, rho: kg/m3, cp: kJ/(kg K), k: W/(m K), mu: mPa.s, rows: [[...], ...]}"},
    component{"component", of_component, "", "give a built-in model, a library entry or an assembly", true},
    conductor{"conductor", of_conductor, "a conductor as installed, from data/conductors",
              "write conductor: {size: 95 mm2}"},
    assembly{"assembly", of_assembly}, profile{"profile", of_profile},
    step{"step", of_step, "", "write {at: 30 s, before: 0.5, after: 1.0}"},
    square_wave{"square_wave", of_square_wave, "", "write {high: 1.0, low: 0.35, period: 1 s, duty: 0.6}"},
    apply{"apply", of_apply, "", "write {profile: training, to: \"tray[*].gpu[*].activity\"}"},
    event{"event", of_event, "", "write {at: 2 min, set: facility.T_supply, to: 40 degC}"},
    limit{"limit", of_limit, "", "write {of: \"tray[*].gpu[*].T_case\", max: 80 degC}"}, power{"power", of_power},
    scheme{"scheme", of_scheme, "", "write {name: sides, kind: 2N, units: [\"ups[1..2]\"]}"},
    contingencies{"contingencies", of_contingencies}, power_limit{"power_limit", of_power_limit},
    harmonics{"harmonics", of_harmonics},
    load_spectrum{"load_spectrum", of_load_spectrum, "", "write {of: \"pumps[*]\", spectrum: six_pulse_choke}"},
    demand{"demand", of_demand, "", "write {of: utility, I: 1200 A}"},
    spectrum{"spectrum", of_spectrum, "", "write {order: [5, 7], current: [20 %, 11 %], angle: [180 deg, 0 deg]}"},
    swings{"swings", of_swings, "", "write {apply: [{profile: training, to: \"rack[*].activity\"}], duration: 20 s}"},
    scenario{"scenario", of_scenario, "", "write {set: {ambient.T: -5 degC}}"}, record{"record", of_record},
    knob{"knob", of_knob, "", "write {sum_of: \"tray[*].gpu[*].power\"}"}, run{"run", of_run},
    start{"start", of_start, "", "write start: {T: 25 degC}"}, library_entry{"library_entry", of_library_entry};
constinit const Section number_block{"number", of_number, "a number with provenance",
                                     "write {value: 0.012 K/W, range: [...], grade: ..., source: ...}"},
    word_block{"word", of_word, "a word with provenance", "write {value: ..., source: ...}"},
    curve_block{"curve", of_curve, "a curve: constant, points, CSV file, power law, parabola or efficiencies"},
    power_law{"power_law", of_power_law, "", "write {x: 10 L/min, y: 50 kPa, exponent: 1.85}"};

std::span<const Section* const> sections() {
    static constexpr const Section* all[] = {
        &whole_case,  &settings,  &fluid,  &fluid_table, &component, &assembly,      &profile,       &step,
        &square_wave, &apply,     &event,  &limit,       &power,     &scheme,        &contingencies, &power_limit,
        &scenario,    &knob,      &record, &run,         &start,     &library_entry, &number_block,  &word_block,
        &curve_block, &power_law, &swings, &harmonics,   &demand,    &load_spectrum, &spectrum,      &conductor};
    return all;
}

bool Key::goes_with(std::string_view choice) const {
    return with[0].empty() || std::find(with.begin(), with.end(), choice) != with.end();
}

const Key* Section::find(std::string_view key) const {
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return k.name == key; });
    return found == keys.end() ? nullptr : &*found;
}

}  // namespace kelvolt::format
