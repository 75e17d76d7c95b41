#include "solver/case/format.hpp"

#include <algorithm>

#include "solver/case/format_forms.hpp"

namespace kelvolt::format {

namespace {

using namespace forms;

// ---- components ----

constexpr Form one_or_table[] = {block(component), block(component_table)};
constexpr Form one_component = either_of(one_or_table);
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

// what the keys of a table have in common
constexpr Key table_file{"table", {text}, "a file .csv or .xlsx, or the text of the table itself", required};
constexpr Key table_sheet{"sheet", {text}, "of a workbook with several"};
constexpr Key table_header{"header", whole_to(10'000), "row of the headings; the first that is not empty if not given"};
constexpr std::string_view decimals[] = {"point", "comma"};
constexpr Key table_decimal{"decimal", one_word(decimals), "what stands before decimals; point where not given"};
constexpr Form own_words = map_of(words_of_text), words_by_column = map_of(own_words);
constexpr Key table_columns{"columns", map_of(words_of_text), "headings that mean something else: {IT load: power}"};
constexpr Key table_ignore{
    "ignore", {paths}, "headings of columns that are not read; `others`: all that `columns` leaves"};
constexpr Key table_words{"words", words_by_column, "what cells of a column mean: {phase: {L1: a, L2: b, L3: c}}"};

constexpr Key of_component_table[] = {
    table_file,
    table_sheet,
    table_header,
    {"name", {text}, "heading of the column of names; `name` where not given"},
    {"model", {text}, "of rows that say none: a built-in model, a library entry or an assembly"},
    {"cells", whole_to(10'000), "of a model that can be divided"},
    {"conductor", block(conductor), "of lines; columns such as conductor.size say what differs"},
    table_columns,
    table_ignore,
    table_words,
    table_decimal};

constexpr Key of_row_table[] = {table_file,   table_sheet, table_header, table_columns,
                                table_ignore, table_words, table_decimal};

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
    {"table", {text}, "a file of columns, .csv or .xlsx", one_of},
    {"power_law", block(power_law), "y of x with an exponent", one_of},
    {"parabola", three_numbers, "[a, b, c] of a + b x + c x^2, in the units x and y", one_of},
    {"efficiency", list_of(pair, 1), "[load share, efficiency]: a loss curve", one_of},
    {"x", {text}, "unit of x; of a table its column", optional, "", {{"points", "csv", "table", "parabola"}}},
    {"y", {text}, "unit of y; of a table its column", optional, "", {{"points", "csv", "table", "parabola"}}},
    {"sheet", {text}, "of a workbook with several", optional, "", {{"table"}}},
    {"where", own_words, "the rows of one curve among several: {impeller: 220 mm}", optional, "", {{"csv", "table"}}},
    {"decimal", one_word(decimals), "what stands before decimals of the table", optional, "", {{"csv", "table"}}},
    {"kind",
     one_word(scales),
     "between points: a monotone cubic (PCHIP), on linear or on two logarithmic axes",
     optional,
     "",
     {{"points", "csv", "table"}}},
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
constexpr Key of_profile[] = {
    {"constant", own_quantity, "", one_of},
    {"step", block(step), "", one_of},
    {"square_wave", block(square_wave), "", one_of},
    {"piecewise", list_of(pair, 1), "[[time, value], ...]", one_of},
    {"csv", {text}, "a file with a column of times", one_of},
    {"table", {text}, "a file with a column of times, .csv or .xlsx", one_of},
    {"otherwise", own_quantity, "outside from .. until", optional, "", {{"square_wave"}}},
    {"between",
     one_word(lines_or_steps),
     "points, linear if not given; the first value holds before the first point, the last one after the last",
     optional,
     "",
     {{"piecewise", "csv", "table"}}},
    {"sheet", {text}, "of a workbook with several", optional, "", {{"table"}}},
    {"decimal", one_word(decimals), "of the table", optional, "", {{"csv", "table"}}},
    {"zone", {text}, "of time stamps without an offset, e.g. Europe/Berlin", optional, "", {{"csv", "table"}}},
    {"time",
     {text},
     "column of the table",
     required,
     "name a column of the header, which reads for example 't (s), P (W)'",
     {{"csv", "table"}}},
    {"value",
     {text},
     "column of the table",
     required,
     "name a column of the header, which reads for example 't (s), P (W)'",
     {{"csv", "table"}}}};

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
                            {"to", {paths}, "parameters, or a knob, whose parameters keep their shares", required},
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
    {"begins", {text}, "date and time at its begin, e.g. 2026-07-01T00:00+02:00; what time stamps are counted from"},
    {"zone", {text}, "of `begins` without an offset, e.g. Europe/Berlin"},
    {"steady_at", either_of(load_or_time),
     "nominal, mean, or a time: which load the steady state is for, and the state a run begins from; without it "
     "nominal, "
     "and a run begins with its profiles as they are at 0 s"}};

// ---- the case ----

constexpr Form text_or_nothing[] = {words_of_text, empty};
constexpr Form one_fluid = block(fluid), one_assembly = block(assembly), one_profile = block(profile),
               one_event = block(event), one_limit = block(limit), one_scenario = block(scenario), a_knob = block(knob);
constexpr Form events_or_table[] = {list_of(one_event), block(row_table)},
               limits_or_table[] = {list_of(one_limit), block(row_table)};
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
                           {"events", either_of(events_or_table), "what changes at a time"},
                           {"limits", either_of(limits_or_table), "limits of your own"},
                           {"files", own_words, "texts that stand for files beside the case, by their names"},
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
    component_table{"component_table", of_component_table, "one component for each row of a table",
                    "write {table: racks.csv, model: gb200_rack_ac}", true},
    row_table{"row_table", of_row_table, "one entry for each row of a table", "write {table: events.csv}"},
    conductor{"conductor", of_conductor, "a conductor as installed, from data/conductors",
              "write conductor: {size: 95 mm2}"},
    assembly{"assembly", of_assembly}, profile{"profile", of_profile},
    step{"step", of_step, "", "write {at: 30 s, before: 0.5, after: 1.0}"},
    square_wave{"square_wave", of_square_wave, "", "write {high: 1.0, low: 0.35, period: 1 s, duty: 0.6}"},
    apply{"apply", of_apply, "", "write {profile: training, to: \"tray[*].gpu[*].activity\"}"},
    event{"event", of_event, "", "write {at: 2 min, set: facility.T_supply, to: 40 degC}"},
    limit{"limit", of_limit, "", "write {of: \"tray[*].gpu[*].T_case\", max: 80 degC}"},
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
        &whole_case,    &settings,      &fluid,      &fluid_table, &component,       &assembly, &profile,
        &step,          &square_wave,   &apply,      &event,       &limit,           &power,    &scheme,
        &contingencies, &power_limit,   &scenario,   &knob,        &record,          &run,      &start,
        &library_entry, &number_block,  &word_block, &curve_block, &power_law,       &swings,   &harmonics,
        &demand,        &load_spectrum, &spectrum,   &conductor,   &component_table, &row_table};
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
