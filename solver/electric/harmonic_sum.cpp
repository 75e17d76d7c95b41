// How the harmonic currents of several loads add.
#include <algorithm>
#include <cmath>
#include <map>

#include "solver/electric/harmonics.hpp"

namespace kelvolt {

namespace {

using Complex = HarmonicNetwork::Complex;
constexpr int several = 100;      // for an angle: the load is on more than one phase
constexpr double alike = 1e-9;    // currents of one pattern but for rounding
constexpr double nothing = 1e-9;  // of the largest: rounding

Complex unit(Complex x, double scale) { return std::abs(x) > nothing * scale ? x / std::abs(x) : Complex(1.0); }

}  // namespace

struct HarmonicNetwork::Pattern {
    /// Complex numbers that add by the law: the magnitude follows from it, the angle is that of their sum as phasors, the
    /// same in whichever order they come.
    struct Sum {
        double magnitude = 0.0;  // to the power alpha
        Complex phasor = 0.0;
        void add(Complex x, double alpha) { magnitude += std::pow(std::abs(x), alpha), phasor += x; }
        Complex value(double alpha) const {
            const double size = std::pow(magnitude, 1.0 / alpha);
            return size * unit(phasor, size);
        }
    };

    HarmonicCurrent first;
    int bus, angle;  // angle: of its only phase in steps of 30 degrees, or `several`
    Sum sum;         // of the currents over that of the first

    /// How often the pattern of the first is in these currents; not a number where they have another pattern.
    Complex share(const HarmonicCurrent& d) const {
        Complex product = 0.0;
        double own = 0.0, other = 0.0;
        for (int k = 0; k < 3; ++k) {
            product += std::conj(first.I[k]) * d.I[k];
            own += std::norm(first.I[k]), other += std::norm(d.I[k]);
        }
        return own * other - std::norm(product) <= alike * own * other ? product / own : Complex(NAN);
    }
};

// Which single-phase nodes hang on which tap.
void HarmonicNetwork::find_circuits() {
    UnionFind sets(size_);
    for (const Stamp& s : stamps_) {
        int before = -1;
        for (const Term& t : s.terms) {
            if (t.unknown >= 0 && before >= 0) sets.join(before, t.unknown);
            if (t.unknown >= 0) before = t.unknown;
        }
    }
    for (int n = 0; n < static_cast<int>(net_.nodes.size()); ++n) {
        circuit_.push_back({n, 0});
        if (index_[4 * n + positive] < 0 || three_phase(n)) continue;
        for (const Tap& tap : taps_)
            if (sets.find(tap.to) == sets.find(index_[4 * n + positive]))
                circuit_[n] = {ports_[tap.from_port].node,
                               static_cast<int>(std::lround(std::arg(tap.terms[0].factor) * 6.0 / M_PI))};
    }
}

std::vector<HarmonicNetwork::Pattern> HarmonicNetwork::patterns(const std::vector<HarmonicCurrent>& stated,
                                                                const std::vector<HarmonicCurrent>& drawn,
                                                                double alpha) const {
    std::map<int, std::vector<Pattern>> at;  // per node
    for (std::size_t j = 0; j < drawn.size(); ++j) {
        const int n = ports_[port_of(drawn[j].component, drawn[j].port)].node;
        double size = 0.0;
        for (const Complex I : stated[j].I) size += std::abs(I);
        if (!(size > 0.0)) continue;
        Circuit circuit = circuit_[n];
        if (three_phase(n)) {
            circuit.angle = several;
            for (int k = 0; k < 3; ++k)
                if (std::abs(stated[j].I[k]) > (1.0 - nothing) * size) circuit.angle = k == 0 ? 0 : k == 1 ? -4 : 4;
        }
        const auto known = std::find_if(at[n].begin(), at[n].end(), [&](const Pattern& p) {
            return p.angle == circuit.angle && !std::isnan(p.share(drawn[j]).real());
        });
        Pattern& pattern =
            known != at[n].end() ? *known : at[n].emplace_back(Pattern{drawn[j], circuit.bus, circuit.angle, {}});
        pattern.sum.add(pattern.share(drawn[j]), alpha);
    }
    std::vector<Pattern> found;
    for (auto& [n, members] : at)
        for (Pattern& p : members) {
            const Complex times = p.sum.value(alpha);
            for (Complex& I : p.first.I) I *= times;
            found.push_back(std::move(p));
        }
    return found;
}

void HarmonicNetwork::add_by_law(const std::vector<Pattern>& all, double alpha, HarmonicFlow& sum) const {
    using Sum = Pattern::Sum;
    std::map<int, std::map<int, std::vector<const Pattern*>>> single;  // by bus and angle
    for (const Pattern& p : all) {
        if (p.angle == several)
            accumulate(parts({p.first}), alpha, sum);
        else
            single[p.bus][p.angle].push_back(&p);
    }
    for (const auto& [bus, angles] : single) {
        Parts whole = parts({});
        for (const auto& [angle, members] : angles) {
            std::vector<std::array<Sum, 4>> V(whole.V.size()), I(whole.I.size());
            const auto add = [alpha](std::vector<std::array<Sum, 4>>& to,
                                     const std::vector<std::array<Complex, 4>>& x) {
                for (std::size_t n = 0; n < x.size(); ++n)
                    for (int part = 0; part < 4; ++part) to[n][part].add(x[n][part], alpha);
            };
            for (const Pattern* p : members) {
                const Parts own = parts({p->first});
                add(V, own.V), add(I, own.I);
            }
            const auto join = [alpha](std::vector<std::array<Complex, 4>>& to,
                                      const std::vector<std::array<Sum, 4>>& x) {
                for (std::size_t n = 0; n < x.size(); ++n)
                    for (int part = 0; part < 4; ++part) to[n][part] += x[n][part].value(alpha);
            };
            join(whole.V, V), join(whole.I, I);
        }
        accumulate(whole, alpha, sum);
    }
}

HarmonicFlow HarmonicNetwork::flow(const std::vector<HarmonicCurrent>& stated, double alpha) const {
    HarmonicFlow found;
    const std::vector<HarmonicCurrent> drawn = flowing(stated, found.blocked);
    found.V.assign(net_.nodes.size(), {}), found.I.assign(ports_.size(), {});
    found.V_zero.assign(net_.nodes.size(), 0.0);
    const double power = alpha > 0.0 ? alpha : 1.0;
    if (alpha > 0.0)
        add_by_law(patterns(stated, drawn, alpha), alpha, found);
    else
        accumulate(parts(drawn), 1.0, found);
    const auto root = [power](double& x) { x = std::pow(x, 1.0 / power); };
    for (auto& v : found.V) std::for_each(v.begin(), v.end(), root);
    for (auto& i : found.I) std::for_each(i.begin(), i.end(), root);
    std::for_each(found.V_zero.begin(), found.V_zero.end(), root);
    for (const HarmonicCurrent& d : drawn) {  // what loads draw themselves
        auto& own = found.I[port_of(d.component, d.port)];
        for (int k = 0; k < 3; ++k) own[k] = std::abs(d.I[k]);
        const int n = ports_[port_of(d.component, d.port)].node;
        own[3] = three_phase(n) ? std::abs(d.I[0] + d.I[1] + d.I[2]) : 0.0;
    }
    return found;
}

}  // namespace kelvolt
