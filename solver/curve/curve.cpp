#include "solver/curve/curve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "solver/error.hpp"

namespace kelvolt {
namespace {

constexpr double power_width = 1e-3;       // relative to x_ref
constexpr double least_drop_slope = 0.01;  // relative to the nearest chord

void require_finite(double x, const char* what) {
    if (!std::isfinite(x)) throw input_error(fmt::format("curve: {} is {}; it must be a finite number", what, x));
}

void check_points(const std::vector<double>& x, const std::vector<double>& y, Curve::Scale scale) {
    if (x.size() != y.size())
        throw input_error(fmt::format("curve: {} x values but {} y values; give one y for each x", x.size(), y.size()));
    if (x.size() < 2) throw input_error(fmt::format("curve: a table needs at least 2 points, got {}", x.size()));
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (!std::isfinite(x[i]) || !std::isfinite(y[i]))
            throw input_error(
                fmt::format("curve: point {} is ({}, {}); both numbers must be finite", i + 1, x[i], y[i]));
        if (i > 0 && !(x[i] > x[i - 1]))
            throw input_error(fmt::format(
                "curve: x must increase strictly: point {} has {} after {}; sort the points and drop repeats", i + 1,
                x[i], x[i - 1]));
        if (scale == Curve::Scale::log_log && !(x[i] > 0 && y[i] > 0))
            throw input_error(
                fmt::format("curve: point {} is ({}, {}); a log-log table needs x > 0 and y > 0", i + 1, x[i], y[i]));
    }
}

std::vector<double> logarithms(std::vector<double> numbers) {
    for (double& x : numbers) x = std::log(x);
    return numbers;
}

// one-sided three-point slope at an end, limited so that it neither changes sign nor overshoots
double end_slope(double h0, double h1, double chord0, double chord1) {
    const double s = ((2 * h0 + h1) * chord0 - h0 * chord1) / (h0 + h1);
    if (s * chord0 <= 0) return 0.0;
    if (chord0 * chord1 <= 0 && std::fabs(s) > 3 * std::fabs(chord0)) return 3 * chord0;
    return s;
}

}  // namespace

void Curve::Table::find_slopes() {
    const std::size_t n = x.size();
    std::vector<double> h(n - 1), chord(n - 1);
    for (std::size_t i = 0; i + 1 < n; ++i) {
        h[i] = x[i + 1] - x[i];
        chord[i] = (y[i + 1] - y[i]) / h[i];
    }
    slope.assign(n, chord[0]);
    if (n == 2) return;
    slope[0] = end_slope(h[0], h[1], chord[0], chord[1]);
    slope[n - 1] = end_slope(h[n - 2], h[n - 3], chord[n - 2], chord[n - 3]);
    for (std::size_t i = 1; i + 1 < n; ++i) {
        const double w0 = 2 * h[i] + h[i - 1], w1 = h[i] + 2 * h[i - 1];
        const bool turns = chord[i - 1] * chord[i] <= 0;
        slope[i] = turns ? 0.0 : (w0 + w1) / (w0 / chord[i - 1] + w1 / chord[i]);
    }
}

void Curve::Table::find_pieces() {
    pieces.clear();
    for (std::size_t i = 0; i + 1 < x.size(); ++i) {
        const double h = x[i + 1] - x[i], chord = (y[i + 1] - y[i]) / h;
        pieces.push_back({x[i], y[i], slope[i], (3 * chord - 2 * slope[i] - slope[i + 1]) / h,
                          (slope[i] + slope[i + 1] - 2 * chord) / (h * h)});
    }
}

Curve::Value Curve::Table::inside(double at) const {
    const auto above = std::upper_bound(x.begin() + 1, x.end() - 1, at);
    const Cubic& c = pieces[static_cast<std::size_t>(above - x.begin()) - 1];
    const double d = at - c.x0;
    return {c.y + d * (c.slope + d * (c.b + d * c.c)), c.slope + d * (2.0 * c.b + 3.0 * d * c.c)};
}

Curve::Lanes Curve::Table::inside(const Pack& at) const {
    const Cubic& first = pieces.front();
    Pack x0 = first.x0, y0 = first.y, slope0 = first.slope, b = first.b, c = first.c;
    for (std::size_t i = 1; i < pieces.size(); ++i) {
        const Cubic& piece = pieces[i];
        const PackMask before = at < Pack(piece.x0);
        x0 = select(before, x0, piece.x0);
        y0 = select(before, y0, piece.y);
        slope0 = select(before, slope0, piece.slope);
        b = select(before, b, piece.b);
        c = select(before, c, piece.c);
    }
    const Pack d = at - x0;
    return {y0 + d * (slope0 + d * (b + d * c)), slope0 + d * (2.0 * b + 3.0 * d * c)};
}

Curve Curve::constant(double y) {
    require_finite(y, "the constant");
    Curve curve;
    curve.y_ref_ = y;
    return curve;
}

Curve Curve::table(std::vector<double> x, std::vector<double> y, Scale scale) {
    check_points(x, y, scale);
    Curve curve;
    curve.kind_ = Kind::table;
    curve.scale_ = scale;
    curve.lo_ = x.front();
    curve.hi_ = x.back();
    curve.table_ = {std::move(x), std::move(y), {}, {}};
    curve.table_.find_slopes();
    curve.table_.find_pieces();
    if (scale == Scale::log_log) {
        curve.log_ = {logarithms(curve.table_.x), logarithms(curve.table_.y), {}, {}};
        curve.log_.find_slopes();
        curve.log_.find_pieces();
    }
    curve.all_positive_ = *std::min_element(curve.table_.y.begin(), curve.table_.y.end()) > 0;
    curve.first_ = curve.inside(curve.lo_);
    curve.last_ = curve.inside(curve.hi_);
    curve.prepare_drop();
    return curve;
}

Curve Curve::power(double x_ref, double y_ref, double n, double lo, double hi) {
    require_finite(x_ref, "x_ref");
    require_finite(y_ref, "y_ref");
    require_finite(n, "the exponent");
    if (!(x_ref > 0)) throw input_error(fmt::format("curve: x_ref is {}; a power law needs x_ref > 0", x_ref));
    if (!(lo < hi))
        throw input_error(fmt::format("curve: the power law covers {} to {}; the range must not be empty", lo, hi));
    Curve curve;
    curve.kind_ = Kind::power;
    curve.x_ref_ = x_ref;
    curve.y_ref_ = y_ref;
    curve.n_ = n;
    curve.lo_ = lo;
    curve.hi_ = hi;
    return curve;
}

Curve Curve::parabola(double a, double b, double c, double lo, double hi) {
    for (double k : {a, b, c}) require_finite(k, "a coefficient");
    if (!(lo < hi)) throw input_error(fmt::format("curve: a parabola covers {} to {}; that is no range", lo, hi));
    Curve curve;
    curve.kind_ = Kind::parabola;
    curve.abc_ = {a, b, c};
    curve.lo_ = lo;
    curve.hi_ = hi;
    return curve;
}

// the table with (0, 0) added and with slopes that keep a pressure drop rising at zero flow and beyond the last point;
// in logarithms, in which (0, 0) is no point, the slope of the first one is the exponent below it
void Curve::prepare_drop() {
    drop_ = scale_ == Scale::linear ? table_ : log_;
    if (scale_ == Scale::linear && table_.x.front() > 0) {
        drop_.x.insert(drop_.x.begin(), 0.0);
        drop_.y.insert(drop_.y.begin(), 0.0);
    }
    drop_.find_slopes();
    const std::size_t n = drop_.x.size();
    const auto chord = [&](std::size_t i) { return (drop_.y[i + 1] - drop_.y[i]) / (drop_.x[i + 1] - drop_.x[i]); };
    drop_.slope.front() = std::max(drop_.slope.front(), least_drop_slope * chord(0));
    // the exponent of the last chord, where the cubic would end flat
    const double last = scale_ == Scale::log_log ? chord(n - 2)
                        : drop_.x[n - 2] > 0.0
                            ? std::log(drop_.y[n - 1] / drop_.y[n - 2]) / std::log(drop_.x[n - 1] / drop_.x[n - 2]) *
                                  drop_.y[n - 1] / drop_.x[n - 1]
                            : chord(n - 2);
    if (drop_.slope.back() < 0.5 * last) drop_.slope.back() = std::min(last, 3.0 * chord(n - 2));
    drop_.find_pieces();
}

void Curve::require_drop(std::string_view what) const {
    const auto refuse = [&](const std::string& why) {
        throw input_error(fmt::format("{}: {}; a pressure drop must rise strictly with flow from zero", what, why));
    };
    if (kind_ == Kind::constant) refuse(fmt::format("the curve is the constant {}", y_ref_));
    if (kind_ == Kind::power && !(y_ref_ > 0 && n_ >= 1))
        refuse(fmt::format("the power law has y_ref {} and exponent {} (needed: above 0, and at least 1)", y_ref_, n_));
    if (kind_ == Kind::parabola && !(abc_[0] == 0.0 && abc_[1] > 0.0 && abc_[2] >= 0.0))
        refuse(fmt::format("the parabola has the coefficients {}, {}, {} (needed: 0, above 0, at least 0)", abc_[0],
                           abc_[1], abc_[2]));
    if (kind_ != Kind::table) return;
    if (table_.x.front() < 0) refuse(fmt::format("the table begins at the negative flow {}", table_.x.front()));
    if (table_.x.front() == 0 && table_.y.front() != 0)
        refuse(fmt::format("the table has {} at zero flow", table_.y.front()));
    const bool through_zero = scale_ == Scale::log_log || table_.x.front() == 0 || table_.y.front() > 0;
    if (!through_zero) refuse(fmt::format("at {} the drop is {}, not above the 0 before it", table_.x[0], table_.y[0]));
    for (std::size_t i = 1; i < table_.x.size(); ++i)
        if (!(table_.y[i] > table_.y[i - 1]))
            refuse(fmt::format("at {} the drop is {}, not above the {} before it", table_.x[i], table_.y[i],
                               table_.y[i - 1]));
}

Curve::Value Curve::inside(double x) const {
    if (scale_ == Scale::linear) return table_.inside(x);
    const Value v = log_.inside(std::log(x));
    const double y = std::exp(v.y);
    return {y, v.slope * y / x};
}

Curve::Value Curve::power_at(double x) const {
    constexpr double w2 = power_width * power_width;
    const Dual<1> r = Dual<1>::seeded(x, 0) / x_ref_, y = y_ref_ * pow((r * r + w2) / (1.0 + w2), 0.5 * n_);
    return {y.v, y.d[0]};
}

namespace {

// sign(x)|x|^n as x (x^2 + w^2)^((n-1)/2), exact at x_ref
Curve::Value odd_power(double x, double x_ref, double y_ref, double n) {
    constexpr double w2 = power_width * power_width;
    const Dual<1> r = Dual<1>::seeded(x, 0) / x_ref, y = y_ref * r * pow((r * r + w2) / (1.0 + w2), 0.5 * (n - 1.0));
    return {y.v, y.d[0]};
}

}  // namespace

// of a log_log table for x >= 0, and of any table beyond its last point: a power law with the value and slope there
Curve::Value Curve::log_drop(double x) const {
    const double first = table_.y.front(), last = table_.y.back();
    if (x > hi_) {
        const double exponent = drop_.slope.back() * (scale_ == Scale::log_log ? 1.0 : hi_ / last);
        const double y = last * std::pow(x / hi_, exponent);
        return {y, exponent * y / x};
    }
    if (x >= lo_) {
        const Value v = drop_.inside(std::log(x));
        const double y = std::exp(v.y);
        return {y, v.slope * y / x};
    }
    // the exponent that gives the smoothed law the slope of the table at the first point
    constexpr double w2 = power_width * power_width;
    return odd_power(x, lo_, first, 1.0 + (drop_.slope.front() - 1.0) * (1.0 + w2));
}

Curve::Value Curve::straight(double x) const {
    if (kind_ == Kind::constant) return {y_ref_, 0.0};
    if (kind_ == Kind::power) return power_at(x);
    if (kind_ == Kind::parabola) return {abc_[0] + x * (abc_[1] + x * abc_[2]), abc_[1] + 2.0 * x * abc_[2]};
    if (x < lo_) return {first_.y + first_.slope * (x - lo_), first_.slope};
    if (x > hi_) return {last_.y + last_.slope * (x - hi_), last_.slope};
    return inside(x);
}

Curve::Value Curve::positive(double x) const {
    if (kind_ != Kind::table || !all_positive_ || covers(x)) return straight(x);
    const bool below = x < lo_;
    const Value end = below ? first_ : last_;
    const double rise = end.slope * (x - (below ? lo_ : hi_)) / end.y;  // relative; negative where the line falls
    if (rise >= 0) return straight(x);
    const double share = std::exp(rise);
    return {end.y * share, end.slope * share};
}

Curve::Value Curve::odd_value(double x) const {
    if (kind_ == Kind::constant) return {0.0, 0.0};
    if (kind_ == Kind::power) return odd_power(x, x_ref_, y_ref_, n_);
    if (kind_ == Kind::parabola)
        return {x * (abc_[1] + std::fabs(x) * abc_[2]), abc_[1] + 2.0 * std::fabs(x) * abc_[2]};
    const double size = std::fabs(x);
    const Value v = scale_ == Scale::log_log || size > hi_ ? log_drop(size) : drop_.inside(size);
    return {std::copysign(v.y, x), v.slope};
}

namespace {

template <class Lanes, class F>
Lanes one_by_one(const Pack& x, const F& at) {
    Lanes found;
    for (int k = 0; k < Pack::size; ++k) {
        const auto v = at(x[k]);
        found.y.set(k, v.y);
        found.slope.set(k, v.slope);
    }
    return found;
}

}  // namespace

Curve::Lanes Curve::positive(const Pack& x) const {
    const bool direct = kind_ == Kind::table && scale_ == Scale::linear;
    if (direct && !any((x < Pack(lo_)) | (x > Pack(hi_)) | is_nan(x))) return table_.inside(x);
    return one_by_one<Lanes>(x, [this](double at) { return positive(at); });
}

Curve::Lanes Curve::straight(const Pack& x) const {
    const bool direct = kind_ == Kind::table && scale_ == Scale::linear;
    if (direct && !any((x < Pack(lo_)) | (x > Pack(hi_)) | is_nan(x))) return table_.inside(x);
    return one_by_one<Lanes>(x, [this](double at) { return straight(at); });
}

Curve::Lanes Curve::odd_value(const Pack& x) const {
    const Pack size = select(x < Pack(0.0), -x, x);
    if (kind_ != Kind::table || scale_ == Scale::log_log || any((size > Pack(hi_)) | is_nan(x)))
        return one_by_one<Lanes>(x, [this](double at) { return odd_value(at); });
    const Lanes v = drop_.inside(size);
    return {select(x < Pack(0.0), -v.y, v.y), v.slope};
}

Curve Curve::scaled(double x_factor, double y_factor) const {
    require_finite(y_factor, "the factor on y");
    if (!(x_factor > 0) || !std::isfinite(x_factor))
        throw input_error(fmt::format("curve: the factor on x is {}; it must be above 0", x_factor));
    Curve curve;
    if (kind_ == Kind::constant) curve = constant(y_ref_ * y_factor);
    if (kind_ == Kind::power) curve = power(x_ref_ * x_factor, y_ref_ * y_factor, n_, lo_ * x_factor, hi_ * x_factor);
    if (kind_ == Kind::parabola)
        curve = parabola(abc_[0] * y_factor, abc_[1] * y_factor / x_factor, abc_[2] * y_factor / (x_factor * x_factor),
                         lo_ * x_factor, hi_ * x_factor);
    if (kind_ == Kind::table) {
        std::vector<double> xs = table_.x, ys = table_.y;
        for (double& x : xs) x *= x_factor;
        for (double& y : ys) y *= y_factor;
        curve = table(std::move(xs), std::move(ys), scale_);
    }
    curve.fit_error = fit_error;
    curve.source = source;
    return curve;
}

std::string drop_problem(const Curve& curve, std::string_view what) {
    try {
        curve.require_drop(what);
    } catch (const Error& e) {
        return e.message;
    }
    return {};
}

}  // namespace kelvolt
