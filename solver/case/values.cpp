#include "solver/case/values.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <regex>

#include "solver/case/curve_value.hpp"
#include "solver/case/fluids.hpp"
#include "solver/data_folder.hpp"
#include "solver/model/registry.hpp"

namespace kelvolt {

namespace {
void check_grade(const yaml::Node& node, const std::string& grade, std::string_view about) {
    const auto grades = format::number_block.form("grade").words;
    if (std::find(grades.begin(), grades.end(), grade) == grades.end())
        throw input_error(fmt::format("{}: grade '{}' is not one of {}", about, grade, fmt::join(grades, ", ")),
                          node.where());
}

bool has_provenance(const Provenance& p) { return !p.entry.empty() || !p.grade.empty() || !p.source.empty(); }

std::shared_ptr<const Provenance> shared(Provenance p) {
    return has_provenance(p) ? std::make_shared<const Provenance>(std::move(p)) : nullptr;
}

Provenance of_file(const Origin& origin) { return {origin.entry, origin.grade, origin.source, origin.date}; }

Provenance number_with_provenance(const yaml::Node& node, const Quantity& quantity, const Origin& origin,
                                  std::string_view about) {
    const yaml::Fields fields(node, std::string(about), format::number_block);
    Provenance p = read_provenance(node, quantity, origin, about);
    p.value = read_number(fields.at("value"), quantity, about);
    if (p.value < p.lo || p.value > p.hi)
        throw input_error(fmt::format("{}: value {:g} lies outside its own range {:g} to {:g} {}", about, p.value, p.lo,
                                      p.hi, quantity.unit),
                          node.where());
    return p;
}

bool is_bare_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
}

// ---- diameters written as the size of a pipe: "DN50 sch 40", "1-1/2 in sch 80" (data/pipes) ----

constexpr double pipe_inch = 0.0254;

struct PipeTable {
    yaml::Node root;
    static const PipeTable& of_steel() {
        static const PipeTable table = [] {
            const auto file = data_directory() / "pipes" / "asme.yaml";
            return PipeTable{yaml::parse(yaml::read_text(file), file.string())};
        }();
        return table;
    }
    std::vector<std::string> texts(const yaml::Node& list) const {
        std::vector<std::string> found;
        for (const yaml::Node& item : list.items) found.push_back(item.text);
        return found;
    }
    const yaml::Node& in(std::string_view key) const { return *root.find(key); }
};

double inner_diameter(const std::string& size, bool metric, std::string schedule) {
    const PipeTable& table = PipeTable::of_steel();
    const std::vector<std::string> sizes = table.texts(table.in(metric ? "DN" : "NPS"));
    const auto row = std::find(sizes.begin(), sizes.end(), size);
    if (row == sizes.end())
        throw input_error(fmt::format("pipe of {}{}{} is not in the table; there are {}{}", metric ? "DN" : "", size,
                                      metric ? "" : " in", metric ? "DN " : "", fmt::join(sizes, ", ")));
    std::transform(schedule.begin(), schedule.end(), schedule.begin(), [](unsigned char c) { return std::toupper(c); });
    const yaml::Node& walls = table.in("wall");
    const yaml::Node* column = walls.find(schedule);
    std::vector<std::string> schedules;
    for (const auto& key : walls.keys) schedules.push_back(key.name);
    if (!column)
        throw input_error(
            fmt::format("schedule {} is not in the table; there are {}", schedule, fmt::join(schedules, ", ")));
    const std::size_t k = row - sizes.begin();
    const std::string &wall = column->items[k].text, &outside = table.in("outside").items[k].text;
    if (column->items[k].is_null() || wall == "~")
        throw input_error(fmt::format("pipe of {}{} has no schedule {}", metric ? "DN" : "", size, schedule));
    return (std::strtod(outside.c_str(), nullptr) - 2.0 * std::strtod(wall.c_str(), nullptr)) * pipe_inch;
}

/// Inner diameter [m] where the text is a size; none where it is another text.
std::optional<double> pipe_size(std::string_view given) {
    static const std::regex stated(
        R"(\s*(?:DN\s*(\d+)|(\d+(?:[- ]\d+/\d+|/\d+)?)\s*(?:in|inch|"))\s+(?:sch|schedule)\.?\s*(\w+)\s*)",
        std::regex::icase),
        bare(R"(\s*DN\s*\d+\s*)", std::regex::icase);
    constexpr std::size_t longest = 40;  // no size is longer; std::regex is recursive in the length of its text
    if (given.size() > longest) return std::nullopt;
    const std::string text(given);
    std::smatch part;
    if (std::regex_match(text, part, stated)) {
        std::string size = part[1].matched ? part[1].str() : part[2].str();
        std::replace(size.begin(), size.end(), ' ', '-');
        return inner_diameter(size, part[1].matched, part[3].str());
    }
    if (std::regex_match(text, bare))
        throw input_error(
            fmt::format("'{}' needs a schedule, on which the inner diameter depends: write {} sch 40", text, text));
    return std::nullopt;
}
}  // namespace

void rethrow(const Error& error, std::string_view about, const Where& where) {
    throw Error(error.kind, fmt::format("{}: {}", about, error.message), error.where.line > 0 ? error.where : where);
}

double read_number(const yaml::Node& node, const Quantity& quantity, std::string_view about) {
    if (!node.is_text())
        throw input_error(
            fmt::format(
                "{} takes a {}{}, but {} is given", about, quantity_name(quantity),
                quantity.unit == "1" ? "" : fmt::format(", for example in {}", accepted_units(quantity).front()),
                node.is_null()   ? "nothing"
                : node.is_list() ? "a list"
                                 : "a block of keys"),
            node.where());
    if (node.cell && quantity.unit != "1" && is_bare_number(node.text))
        throw input_error(
            fmt::format("{} = {} has no unit; write it in the heading of the column, as '({})', or in the "
                        "cell",
                        about, node.text, fmt::join(accepted_units(quantity), ")' or '(")),
            node.where());
    try {
        if (quantity.unit == "m")
            if (const auto diameter = pipe_size(node.text)) return *diameter;
        return to_si(node.text, quantity);
    } catch (const Error& e) {
        rethrow(e, about, node.where());
    }
}

std::optional<double> find_number(const yaml::Fields& fields, std::string_view key) {
    const yaml::Node* node = fields.find(key);
    if (!node) return std::nullopt;
    const format::Form& form = fields.section().form(key);
    const std::string about = fmt::format("{}: {}", fields.about(), key);
    const double value = read_number(*node, declared(form.unit), about);
    if (!form.bounds.hold(value))
        throw input_error(fmt::format("{} = {:g} {}{}{}", about, value, form.unit == "1" ? "" : form.unit,
                                      form.unit == "1" ? "" : " ", form.bounds.refusal),
                          node->where());
    return value;
}

double number_at(const yaml::Fields& fields, std::string_view key) { return *find_number(fields, key); }

Provenance read_provenance(const yaml::Node& block, const Quantity& what, const Origin& origin,
                           std::string_view about) {
    Provenance p = of_file(origin);
    if (const auto* source = block.find("source")) {
        p.source = yaml::text(*source, fmt::format("{}: source", about));
        p.date.clear();  // the date of the file is that of the file's source
    }
    if (const auto* date = block.find("date")) p.date = yaml::text(*date, fmt::format("{}: date", about));
    if (const auto* grade = block.find("grade")) {
        p.grade = yaml::text(*grade, fmt::format("{}: grade", about));
        check_grade(*grade, p.grade, about);
        if (p.grade == "assumed" && !block.find("range"))
            throw input_error(
                fmt::format("{}: an assumed value must say its range; add range: [lowest, highest]", about),
                grade->where());
    }
    if (const auto* range = block.find("range")) {
        if (!range->is_list() || range->items.size() != 2)
            throw input_error(fmt::format("{}: range must be a list of two values, [lowest, highest]", about),
                              range->where());
        p.lo = read_number(range->items[0], what, about);
        p.hi = read_number(range->items[1], what, about);
        if (!(p.lo <= p.hi))
            throw input_error(
                fmt::format("{}: range [{}, {}] runs backwards", about, range->items[0].text, range->items[1].text),
                range->where());
    }
    return p;
}

std::shared_ptr<const Given> read_value(const yaml::Node& node, const ParamInfo& param, const Origin& origin,
                                        std::string_view about) {
    auto given = std::make_shared<Given>();
    given->where = node.where();
    if (param.type == ParamInfo::Type::curve) {
        *given = read_curve(node, param, origin, about);
        return given;
    }
    if (param.type == ParamInfo::Type::number) {
        const Quantity quantity = declared(param.unit);
        Provenance p = of_file(origin);
        if (node.is_map())
            p = number_with_provenance(node, quantity, origin, about);
        else
            p.value = read_number(node, quantity, about);
        given->number = p.value;
        given->from = shared(std::move(p));
        return given;
    }
    // a word, alone or in a block with provenance
    const yaml::Node* word = &node;
    if (node.is_map()) {
        word = &yaml::Fields(node, std::string(about), format::word_block).at("value");
        given->from = shared(read_provenance(node, {"1"}, origin, about));
    } else {
        given->from = shared(of_file(origin));
    }
    given->word = yaml::text(*word, about);
    if (param.type != ParamInfo::Type::medium) return given;
    try {
        given->medium = origin.fluids ? &origin.fluids->find(given->word) : &coolant(given->word);
    } catch (const Error& e) {
        if (e.where.file.empty()) rethrow(e, about, word->where());
        throw;
    }
    return given;
}

std::shared_ptr<const Given> read_signal(const yaml::Node& node, const Origin& origin, std::string_view about) {
    static const ParamInfo signal = [] {
        ParamInfo p;
        p.type = ParamInfo::Type::number;
        p.unit = "1";
        return p;
    }();
    return read_value(node, signal, origin, about);
}

}  // namespace kelvolt
