#include "solver/case/curve_value.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "solver/case/file_access.hpp"
#include "solver/curve/curve_csv.hpp"

namespace kelvolt {

namespace {

/// Reads one curve and what all its forms have in common.
class CurveReader {
   public:
    CurveReader(const yaml::Node& node, const ParamInfo& param, const Origin& origin, std::string_view about)
        : node_(node),
          param_(param),
          origin_(origin),
          about_(about),
          x_(declared(param.x_unit)),
          y_(declared(param.unit)) {}

    Given read() const {
        Given given;
        given.where = node_.where();
        Provenance from{origin_.entry, origin_.grade, origin_.source, origin_.date};
        Curve curve;
        if (node_.is_list())
            throw input_error(
                fmt::format("{} is a list; a curve is a number or one of {{points: [[x, y], ...]}}, {{table: file}}, "
                            "{{power_law: {{x: ..., y: ..., exponent: ...}}}}, {{parabola: [a, b, c]}} of a + b x + "
                            "c x^2{}",
                            about_, is_loss() ? ", {efficiency: [[load share, efficiency], ...]}" : ""),
                node_.where());
        if (!node_.is_map()) {
            from.value = read_number(node_, y_, about_);
            curve = Curve::constant(from.value);
        } else {
            const yaml::Fields fields(node_, about_, format::curve_block);
            const std::string_view form = fields.choice();
            // the range of a constant is in its unit, that of a curve is a pair of factors on it
            from = read_provenance(node_, form == "value" ? y_ : Quantity{"1"}, origin_, about_);
            from.value = 1.0;
            if (form == "value") curve = Curve::constant(from.value = read_number(*fields.find("value"), y_, about_));
            if (form == "points") curve = points(fields);
            if (form == "csv" || form == "table") curve = table(fields, form);
            if (form == "power_law") curve = power_law(fields);
            if (form == "parabola") curve = parabola(fields);
            if (form == "efficiency") curve = loss(fields);
        }
        curve.source = from.source;
        given.curve = std::make_shared<const Curve>(std::move(curve));
        if (!from.entry.empty() || !from.grade.empty() || !from.source.empty())
            given.from = std::make_shared<const Provenance>(std::move(from));
        return given;
    }

   private:
    const yaml::Node& node_;
    const ParamInfo& param_;
    const Origin& origin_;
    std::string about_;
    Quantity x_, y_;

    Curve::Scale scale(const yaml::Fields& fields) const {
        const yaml::Node* kind = fields.find("kind");
        if (!kind || kind->text == "table") return Curve::Scale::linear;
        if (kind->text == "log_table") return Curve::Scale::log_log;
        throw input_error(fmt::format("{}: kind '{}' is not one of {}", about_, kind->text,
                                      fmt::join(fields.section().form("kind").words, ", ")),
                          kind->where());
    }
    /// Unit of bare numbers on an axis; empty if every point states its own. `which`: index of the axis in a point.
    std::string unit(const yaml::Fields& fields, std::string_view axis, const Quantity& quantity,
                     const yaml::Node& list, std::size_t which) const {
        if (const yaml::Node* node = fields.find(axis)) return yaml::text(*node, fmt::format("{}: {}", about_, axis));
        const bool any_bare = std::any_of(list.items.begin(), list.items.end(), [&](const yaml::Node& point) {
            return !point.is_list() || point.items.size() != 2 || is_bare(point.items[which].text);
        });
        if (quantity.unit == "1" || !any_bare) return "";
        throw input_error(fmt::format("{}: the points have no unit for {}; add {}: {}", about_, axis, axis,
                                      accepted_units(quantity).front()),
                          node_.where());
    }
    static bool is_bare(std::string_view word) {
        return word.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
    }
    // a bare number is in the unit of its axis; a text may state its own unit
    double coordinate(const yaml::Node& node, const std::string& unit, const Quantity& quantity) const {
        const std::string& word = yaml::text(node, fmt::format("{}: a point", about_));
        try {
            return is_bare(word) ? to_si(to_si(word, Quantity{"1"}), unit, quantity) : to_si(word, quantity);
        } catch (const Error& e) {
            rethrow(e, about_, node.where());
        }
    }
    Curve points(const yaml::Fields& fields) const {
        const yaml::Node& list = yaml::list(*fields.find("points"), fmt::format("{}: points", about_));
        const std::string x_unit = unit(fields, "x", x_, list, 0), y_unit = unit(fields, "y", y_, list, 1);
        std::vector<double> x, y;
        for (const yaml::Node& point : list.items) {
            if (!point.is_list() || point.items.size() != 2)
                throw input_error(fmt::format("{}: a point must be a list of two numbers, [x, y]", about_),
                                  point.where());
            x.push_back(coordinate(point.items[0], x_unit, x_));
            y.push_back(coordinate(point.items[1], y_unit, y_));
        }
        try {
            return Curve::table(std::move(x), std::move(y), scale(fields));
        } catch (const Error& e) {
            rethrow(e, about_, list.where());
        }
    }
    bool is_loss() const { return param_.unit == "1" && param_.x_unit == "1"; }
    // the range of x that a curve without points covers
    std::pair<double, double> covers(const yaml::Fields& fields, double lo, double hi) const {
        const yaml::Node* covers = fields.find("covers");
        if (!covers) return {lo, hi};
        if (!covers->is_list() || covers->items.size() != 2)
            throw input_error(fmt::format("{}: covers must be a list of two values, [lowest, highest]", about_),
                              covers->where());
        const std::string about = about_ + ": covers";
        return {read_number(covers->items[0], x_, about), read_number(covers->items[1], x_, about)};
    }
    // one unit in SI; a unit with another zero point (degC) is refused in a polynomial
    double factor(const yaml::Fields& fields, std::string_view axis, const Quantity& quantity) const {
        const yaml::Node* node = fields.find(axis);
        if (!node) return 1.0;
        const std::string unit = yaml::text(*node, fmt::format("{}: {}", about_, axis));
        try {
            const double one = to_si(1.0, unit, quantity);
            if (std::abs(to_si(2.0, unit, quantity) - 2.0 * one) <= 1e-12 * std::abs(one)) return one;
        } catch (const Error& e) {
            rethrow(e, about_, node->where());
        }
        throw input_error(fmt::format("{}: {}: the zero of {} is not that of its SI unit; give the parabola in {}",
                                      about_, axis, unit, quantity.unit),
                          node->where());
    }
    // [a, b, c] in SI, or in the units of x and y
    Curve parabola(const yaml::Fields& fields) const {
        const yaml::Node& list = yaml::list(*fields.find("parabola"), fmt::format("{}: parabola", about_));
        if (list.items.size() != 3)
            throw input_error(
                fmt::format(
                    "{}: parabola takes three numbers, [a, b, c] of a + b x + c x^2, in SI or in the units given "
                    "as x and y; points [x, y] go under `points`",
                    about_),
                list.where());
        std::array<double, 3> k{};
        for (int i = 0; i < 3; ++i)
            k[i] = read_number(list.items[i], {"1"}, fmt::format("{}: parabola: {}", about_, "abc"[i]));
        const double by_x = factor(fields, "x", x_), by_y = factor(fields, "y", y_);
        const auto [lo, hi] = covers(fields, -infinite, infinite);
        try {
            return Curve::parabola(k[0] * by_y, k[1] * by_y / by_x, k[2] * by_y / (by_x * by_x), lo, hi);
        } catch (const Error& e) {
            rethrow(e, about_, list.where());
        }
    }
    // converts points [load share, efficiency] to the loss as a share of the rating
    Curve loss(const yaml::Fields& fields) const {
        const yaml::Node& list = yaml::list(*fields.find("efficiency"), fmt::format("{}: efficiency", about_));
        std::vector<double> x, eta;
        for (const yaml::Node& point : list.items) {
            if (!point.is_list() || point.items.size() != 2)
                throw input_error(fmt::format("{}: a point must be [load share, efficiency]", about_), point.where());
            x.push_back(read_number(point.items[0], {"1"}, about_));
            eta.push_back(read_number(point.items[1], {"1"}, about_));
        }
        if (!is_loss())
            throw input_error(
                fmt::format("{}: efficiency points are for loss curves only; give points or a parabola", about_),
                list.where());
        try {
            return Curve::loss_from_efficiency(x, eta);
        } catch (const Error& e) {
            rethrow(e, about_, list.where());
        }
    }
    Curve table(const yaml::Fields& fields, std::string_view form) const {
        const std::string about = fmt::format("{}: {}", about_, form);
        const yaml::Node& node = *fields.find(form);
        const std::string& name = yaml::text(node, about);
        const auto word = [&](std::string_view key) {
            const yaml::Node* given = fields.find(key);
            return given ? yaml::text(*given, fmt::format("{}: {}", about_, key)) : std::string();
        };
        const std::string decimal = word("decimal");
        if (!decimal.empty() && decimal != "point" && decimal != "comma")
            throw input_error(fmt::format("{}: decimal = '{}' is not one of point, comma", about_, decimal),
                              node.where());
        CsvPick pick;
        if (const yaml::Node* where = fields.find("where")) {
            yaml::map(*where, about_ + ": where");
            for (std::size_t k = 0; k < where->keys.size(); ++k)
                pick.emplace_back(where->keys[k].name, yaml::text(where->items[k], about_ + ": where"));
        }
        NamedText text =
            origin_.files->table(origin_.folder, name, word("sheet"), form == "table", about, node.where());
        text.decimal_comma = decimal == "comma";
        try {
            return curve_of_table(text, {word("x"), param_.x_unit}, {word("y"), param_.unit}, pick, scale(fields));
        } catch (const Error& e) {
            if (e.where.line == 0) rethrow(e, fmt::format("{}: {}", about_, name), node_.where());
            rethrow(e, about_, e.where);
        }
    }
    Curve power_law(const yaml::Fields& fields) const {
        const std::string about = fmt::format("{}: power_law", about_);
        const yaml::Fields law(*fields.find("power_law"), about, format::power_law);
        const double x = read_number(law.at("x"), x_, about), y = read_number(law.at("y"), y_, about);
        const double n = number_at(law, "exponent");
        const auto [lo, hi] = covers(fields, 0.0, infinite);
        try {
            return Curve::power(x, y, n, lo, hi);
        } catch (const Error& e) {
            rethrow(e, about_, node_.where());
        }
    }
};

}  // namespace

Given read_curve(const yaml::Node& node, const ParamInfo& param, const Origin& origin, std::string_view about) {
    return CurveReader(node, param, origin, about).read();
}

}  // namespace kelvolt
