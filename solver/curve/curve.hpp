/// A measured or published relation y(x) as a model parameter, in SI: a constant, a table, a power law or a parabola.
///   power law: y = y_ref (|x|/x_ref)^n
///   parabola: y = a + b x + c x^2
/// Table: cubic Hermite interpolation with slopes after Fritsch & Butland (PCHIP): no overshoot, monotone data stay
/// monotone, C1. log_log: the same in (ln(x), ln(y)), for data that span decades; x and y > 0. Outside its points a
/// table continues with its end slope, which never changes sign. A table that is positive everywhere stays positive:
/// where the straight line would fall to zero it is y_end exp(slope (x - x_end)/y_end), with the same value and slope
/// at the end. `line` keeps the straight line (the head of a pump does become negative). In the power law |x| is
/// sqrt(x^2 + w^2) with w = 1e-3 x_ref, scaled to be exact at x_ref; it is finite at 0 for any n. Curves do not change
/// once built, so any thread may read them.
/// Source: F. N. Fritsch & J. Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300 (slopes).
#pragma once

#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "solver/scalar/dual.hpp"
#include "solver/scalar/pattern.hpp"

namespace kelvolt {

class Curve {
   public:
    enum class Kind { constant, table, power, parabola };
    enum class Scale { linear, log_log };
    struct Value {
        double y, slope;
    };

    Curve() = default;  ///< zero everywhere
    static Curve constant(double y);
    /// At least two points, x strictly increasing, all finite; otherwise Error that names the point.
    static Curve table(std::vector<double> x, std::vector<double> y, Scale scale = Scale::linear);
    /// x_ref > 0; covers lo..hi.
    static Curve power(double x_ref, double y_ref, double n, double lo = 0.0,
                       double hi = std::numeric_limits<double>::infinity());
    /// y = a + b x + c x^2, everywhere; covers lo..hi.
    static Curve parabola(double a, double b, double c, double lo = -std::numeric_limits<double>::infinity(),
                          double hi = std::numeric_limits<double>::infinity());
    /// Losses of a converter as a share of its rating, a + b x + c x^2 with the load share x, from points of efficiency
    /// (0 < efficiency <= 1): least squares of the error in efficiency, with a, b, c >= 0. fit_error: the largest error
    /// of an efficiency.
    static Curve loss_from_efficiency(const std::vector<double>& x, const std::vector<double>& efficiency);

    /// y(x) with its derivative, for any scalar.
    template <class X>
    auto operator()(const X& x) const {
        return apply(x, [this](const auto& at) { return positive(at); });
    }
    /// The same, with straight continuation at both ends.
    template <class X>
    auto line(const X& x) const {
        return apply(x, [this](const auto& at) { return straight(at); });
    }
    /// A pressure drop against flow, for both directions: y(-x) = -y(x), through (0, 0), which is added to a table in
    /// linear scale that does not contain it. The slope at zero is at least 1 % of the nearest chord, so always positive.
    /// Beyond the last point it is a power law with the value and the slope there; a table that would end flat takes the
    /// exponent of its last two points. A power law has the slope y_ref/x_ref (1e-3)^(n-1) at zero, and so has the power law by which
    /// a log_log table goes on below its first point, with value and slope of that point.
    /// `require_drop` must be called once when the model is built.
    template <class X>
    auto odd(const X& x) const {
        return apply(x, [this](const auto& at) { return odd_value(at); });
    }
    /// Error that states why the curve is not a pressure drop: y must rise strictly, from (0, 0) or from a point with
    /// x, y > 0.
    void require_drop(std::string_view what) const;

    bool covers(double x) const { return x >= lo_ && x <= hi_; }
    double lo() const { return lo_; }
    double hi() const { return hi_; }
    Kind kind() const { return kind_; }
    double exponent() const { return n_; }                              ///< of a power law
    const std::array<double, 3>& coefficients() const { return abc_; }  ///< of a parabola
    const std::vector<double>& x() const { return table_.x; }
    const std::vector<double>& y() const { return table_.y; }

    /// The same curve with every x times `x_factor` (> 0) and every y times `y_factor`.
    Curve scaled(double x_factor, double y_factor) const;

    double fit_error = 0.0;  ///< largest relative error against its data; 0 for tables
    std::string source;      ///< source of the numbers

   private:
    struct Lanes {
        Pack y, slope;
    };
    /// y + d (slope + d (b + d c)) with d = x - x0
    struct Cubic {
        double x0, y, slope, b, c;
    };
    struct Table {
        std::vector<double> x, y, slope;
        std::vector<Cubic> pieces;
        void find_slopes();
        void find_pieces();
        Value inside(double at) const;  ///< x.front() <= at <= x.back()
        Lanes inside(const Pack& at) const;
    };

    Value straight(double x) const;
    Value positive(double x) const;
    Value odd_value(double x) const;
    Value power_at(double x) const;
    Value log_drop(double x) const;
    Value inside(double x) const;
    void prepare_drop();
    // for a pack; lane by lane if one of the eight values lies outside the table
    Lanes positive(const Pack& x) const;
    Lanes straight(const Pack& x) const;
    Lanes odd_value(const Pack& x) const;

    /// A curve depends on x only: value and slope are computed on numbers, and the chain rule is applied to the scalar.
    template <class X, class F>
    static auto apply(const X& x, const F& at) {
        using S = decltype(x + 0.0);
        const S argument(x);
        const auto v = at(value(argument));
        return S(chained(v.y, v.slope, argument));
    }

    Kind kind_ = Kind::constant;
    Scale scale_ = Scale::linear;
    double x_ref_ = 1.0, y_ref_ = 0.0, n_ = 0.0;
    std::array<double, 3> abc_{};
    double lo_ = -std::numeric_limits<double>::infinity(), hi_ = std::numeric_limits<double>::infinity();
    Table table_, log_,
        drop_;  ///< the points; their logarithms (log_log); of these two what `scale_` says, with (0, 0) in linear
                ///< scale, and slopes kept positive
    Value first_{}, last_{};  ///< value and slope at both ends of the table
    bool all_positive_ = false;
};

/// For `problem` of a model: why the curve is not a pressure drop; empty if it is one.
std::string drop_problem(const Curve& curve, std::string_view what);

}  // namespace kelvolt
