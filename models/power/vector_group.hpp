/// Vector groups of two-winding transformers: shared by ac_transformer and ac4_transformer.
#pragma once

#include <array>
#include <complex>
#include <iterator>
#include <string_view>

#include "models/power/phasor.hpp"
#include "solver/model/fault.hpp"

namespace kelvolt::models {

/// Designations by IEC 60076-1: connection of the high-voltage winding in capitals, of the low-voltage winding in small
/// letters, the clock number. Y star, D delta, z zigzag; N or n: the neutral is brought out.
inline constexpr std::string_view vector_groups[] = {
    "Dyn11", "Dyn1", "Dyn5",  "Dyn7", "Yyn0", "YNyn0", "Dd0",   "Yd11",  "Yd1",   "Yd5",   "YNd11", "Yyn6",
    "Dyn3",  "Dyn9", "Yd3",   "Yd7",  "Yd9",  "YNd1",  "YNd3",  "YNd5",  "YNd7",  "YNd9",  "Yy0",   "Yy6",
    "YNy0",  "YNy6", "YNyn6", "Yyn2", "Yyn4", "Yyn8",  "Yyn10", "Dd2",   "Dd4",   "Dd6",   "Dd8",   "Dd10",
    "Dy1",   "Dy5",  "Dy7",   "Dy11", "Yzn1", "Yzn5",  "Yzn7",  "Yzn11", "YNzn1", "YNzn5", "YNzn7", "YNzn11",
    "Dzn0",  "Dzn2", "Dzn4",  "Dzn6", "Dzn8", "Dzn10", "Yz1",   "Yz5",   "Yz7",   "Yz11",  "Dz0",   "Dz6"};

enum class VectorGroup {
    Dyn11,
    Dyn1,
    Dyn5,
    Dyn7,
    Yyn0,
    YNyn0,
    Dd0,
    Yd11,
    Yd1,
    Yd5,
    YNd11,
    Yyn6,
    Dyn3,
    Dyn9,
    Yd3,
    Yd7,
    Yd9,
    YNd1,
    YNd3,
    YNd5,
    YNd7,
    YNd9,
    Yy0,
    Yy6,
    YNy0,
    YNy6,
    YNyn6,
    Yyn2,
    Yyn4,
    Yyn8,
    Yyn10,
    Dd2,
    Dd4,
    Dd6,
    Dd8,
    Dd10,
    Dy1,
    Dy5,
    Dy7,
    Dy11,
    Yzn1,
    Yzn5,
    Yzn7,
    Yzn11,
    YNzn1,
    YNzn5,
    YNzn7,
    YNzn11,
    Dzn0,
    Dzn2,
    Dzn4,
    Dzn6,
    Dzn8,
    Dzn10,
    Yz1,
    Yz5,
    Yz7,
    Yz11,
    Dz0,
    Dz6
};

/// How the windings of one side are connected.
///   star     from phase k to the star point
///   delta    from phase k to phase k + other
///   zigzag   one half on leg k, the other half reversed on leg k + other, between phase k and the star point
/// sign -1: wound in reverse. shift: the winding of leg k belongs to phase k + shift.
struct Winding {
    enum class Kind { star, delta, zigzag };
    Kind kind = Kind::star;
    bool neutral = false;  ///< the star point is the neutral of the bus
    int other = 0, shift = 0;
    double sign = 1.0;

    bool isolated_star() const { return kind == Kind::star && !neutral; }
    /// Hours by which phase a of the side is ahead of the winding of leg a.
    constexpr int hours() const {
        const int turned = kind == Kind::star ? 0 : (kind == Kind::delta ? -1 : 1) * (other == 1 ? 1 : -1);
        return turned + 4 * shift + (sign < 0.0 ? 6 : 0);
    }
};

struct GroupWindings {
    Winding hv, lv;
    int clock = 0;
};

/// The windings that give a designation. The clock number follows from the phases that a winding connects: the first of
/// all ways to connect that gives it is taken.
constexpr GroupWindings windings_of(std::string_view name) {
    const auto kind = [](char c) {
        return c == 'Y' || c == 'y'   ? Winding::Kind::star
               : c == 'D' || c == 'd' ? Winding::Kind::delta
                                      : Winding::Kind::zigzag;
    };
    GroupWindings found;
    std::size_t at = 0;
    found.hv.kind = kind(name[at++]);
    if (name[at] == 'N') found.hv.neutral = true, ++at;
    found.lv.kind = kind(name[at++]);
    if (name[at] == 'n') found.lv.neutral = true, ++at;
    for (; at < name.size(); ++at) found.clock = 10 * found.clock + (name[at] - '0');
    const int hv_ways = found.hv.kind == Winding::Kind::star ? 0 : 1,
              lv_ways = found.lv.kind == Winding::Kind::star ? 0 : 1;
    for (int shift = 0; shift < 3; ++shift)
        for (const double sign : {1.0, -1.0})
            for (int a = hv_ways; a <= 2 * hv_ways; ++a)
                for (int b = lv_ways; b <= 2 * lv_ways; ++b) {
                    found.hv.other = a, found.lv.other = b, found.hv.sign = sign, found.lv.shift = shift;
                    // both sides' windings of a leg are in phase, so the low-voltage side lags by the difference
                    if (((found.hv.hours() - found.lv.hours() - found.clock) % 12 + 24) % 12 == 0) return found;
                }
    found.clock = -1;  // no way to connect: refused below
    return found;
}

namespace detail {
constexpr auto all_groups() {
    std::array<GroupWindings, std::size(vector_groups)> made{};
    for (std::size_t k = 0; k < made.size(); ++k) made[k] = windings_of(vector_groups[k]);
    return made;
}
inline constexpr auto groups = all_groups();
static_assert(static_cast<std::size_t>(VectorGroup::Dz6) + 1 == std::size(vector_groups));
static_assert([] {
    for (std::size_t k = 0; k < groups.size(); ++k)
        if (vector_groups[k].back() - '0' != groups[k].clock % 10) return false;
    return true;
}());
}  // namespace detail

inline const GroupWindings& windings_of(VectorGroup group) { return detail::groups[static_cast<std::size_t>(group)]; }

/// Zero sequence of a transformer in a fault, by its windings; Z_0 is referred to side lv, ratio = V_lv over V_hv. A
/// zigzag winding with a neutral has a path of its own, a star needs a delta or an earthed star on the other side.
inline void fault_zero_sequence(FaultEquivalent& out, const GroupWindings& group, std::complex<double> Z_0,
                                double ratio) {
    using Kind = Winding::Kind;
    const Winding &hv = group.hv, &lv = group.lv;
    const bool hv_star = hv.kind == Kind::star && hv.neutral, lv_star = lv.kind == Kind::star && lv.neutral;
    if (hv_star && lv_star) out.zero_through(Z_0, 0, 1, ratio);
    if ((lv_star && hv.kind == Kind::delta) || (lv.kind == Kind::zigzag && lv.neutral)) out.zero_to_neutral(Z_0, 1);
    if (hv_star && lv.kind == Kind::delta) out.zero_to_neutral(Z_0 / (ratio * ratio), 0);
}

}  // namespace kelvolt::models
