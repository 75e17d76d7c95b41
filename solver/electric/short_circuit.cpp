#include "solver/electric/short_circuit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "solver/electric/energised.hpp"
#include "solver/electric/fault_network.hpp"
#include "solver/electric/nominal.hpp"

namespace kelvolt {

namespace {

constexpr double root2 = 1.4142135623730951, root3 = 1.7320508075688772;
constexpr double method_C = 0.4;        // equivalent frequency over frequency: 20 Hz at 50 Hz, 24 Hz at 60 Hz
constexpr double dead_impedance = 1e5;  // ohm: above it nothing but the insulation feeds a bus
constexpr double near_generator = 2.0;  // current over rated current of a generator, from which its decay counts

/// Factor mu of the decay of a machine's current until t_min (IEC 60909-0, 9.1.1), between the stated times linear.
///   mu = a + b e^(-d r), r = current over rated current
double decay_of_machine(double r, double t_min) {
    constexpr double t[] = {0.02, 0.05, 0.10, 0.25}, a[] = {0.84, 0.71, 0.62, 0.56}, b[] = {0.26, 0.51, 0.72, 0.94},
                     d[] = {0.26, 0.30, 0.32, 0.38};
    if (r <= near_generator) return 1.0;
    const auto mu = [&](int k) { return std::min(a[k] + b[k] * std::exp(-d[k] * r), 1.0); };
    if (t_min <= t[0]) return mu(0);
    for (int k = 1; k < 4; ++k)
        if (t_min <= t[k]) return mu(k - 1) + (t_min - t[k - 1]) / (t[k] - t[k - 1]) * (mu(k) - mu(k - 1));
    return mu(3);
}
/// Factor q of the decay of an asynchronous motor (IEC 60909-0, 9.1.1); m: power per pair of poles [W].
///   q = a + b ln(m/MW), between 0 and 1
double decay_of_motor(double m, double t_min) {
    constexpr double t[] = {0.02, 0.05, 0.10, 0.25}, a[] = {1.03, 0.79, 0.57, 0.26}, b[] = {0.12, 0.12, 0.12, 0.10};
    const auto q = [&](int k) { return std::clamp(a[k] + b[k] * std::log(m / 1e6), 0.0, 1.0); };
    if (t_min <= t[0]) return q(0);
    for (int k = 1; k < 4; ++k)
        if (t_min <= t[k]) return q(k - 1) + (t_min - t[k - 1]) / (t[k] - t[k - 1]) * (q(k) - q(k - 1));
    return q(3);
}

using Complex = FaultNetwork::Complex;
using Kind = BusFault::Kind;

/// What one source gives into a fault.
struct Given {
    const FaultNetwork::Source* source;
    double I_own, I;  ///< at its own voltage, at that of the fault [A]
    double share;     ///< of the voltage of the source lost in its reactance
};

std::vector<double> open_voltages(const Network& net, const Point& at) {
    std::vector<double> found;
    for (const Complex v : net.electric->look(net, at).open) found.push_back(std::abs(v));
    return found;
}
class ShortCircuits {
   public:
    ShortCircuits(const Network& net, const Point& at, const FaultOptions& options)
        : net_(net),
          options_(options),
          open_(open_voltages(net, at)),
          nominal_(nominal_voltages(net, at, fault_case(true, false), open_)),
          V_n_(nominal_.V),
          largest_(net, at, fault_case(true, false), V_n_, 1.0),
          peak_(net, at, fault_case(true, true), V_n_, method_C),
          smallest_(net, at, fault_case(false, false), V_n_, 1.0),
          tap_of_(net.nodes.size(), nullptr) {
        for (std::size_t k = 0; k < largest_.taps().size(); ++k) drive(k);
        for (FaultNetwork* network : {&largest_, &peak_, &smallest_})
            if (!network->taps().empty()) network->factor();
        for (int n = 0; n < static_cast<int>(net.nodes.size()); ++n)
            if (net.nodes[n].is_dc() && !nominal_.stated[n]) V_n_[n] = highest(n);
    }

    std::vector<BusFault> all() const {
        std::vector<BusFault> rows;
        for (int n = 0; n < static_cast<int>(net_.nodes.size()); ++n) {
            const Node& node = net_.nodes[n];
            if (!(node.kind->electric > 0.0)) continue;
            if (node.is_dc())
                add_dc(n, rows);
            else if (node.kind->phase_share < 1.0)
                add_three_phase(n, rows);
            else
                add_single_phase(n, rows);
        }
        return rows;
    }

   private:
    const Network& net_;
    const FaultOptions options_;
    const std::vector<double> open_;  // per node: voltage without load of a phase
    Nominal nominal_;
    std::vector<double> V_n_;  // per node: nominal voltage
    FaultNetwork largest_, peak_, smallest_;
    std::vector<const FaultNetwork::Tap*> tap_of_;  // per node of a single-phase circuit; else null
    std::map<int, std::string> no_tap_;             // per set of a single-phase circuit: why its tap is not known

    FaultCase fault_case(bool maximum, bool peak) const {
        return {maximum, peak, options_.lv_tolerance, options_.corrections};
    }
    double c_max(double V) const { return fault_case(true, false).c_max(V); }
    double c_min(double V) const { return fault_case(false, false).c_min(V); }

    /// Impedance of the fault between the two conductors from which a tap is taken, in the network's own case.
    static Complex loop(const FaultNetwork& network, const FaultNetwork::Tap& tap) {
        const Complex Z = network.at(network.column(tap.from), tap.from);
        return tap.between_phases ? 2.0 * Z : (2.0 * Z + network.zero(tap.from)) / 3.0;
    }
    /// Voltage without load of a node over that of the tap behind which it lies (transformers between them).
    double behind(const FaultNetwork::Tap& tap, int n) const {
        return open_[tap.to] > 0.0 && open_[n] > 0.0 ? open_[n] / open_[tap.to] : 1.0;
    }
    void drive(std::size_t k) {
        const FaultNetwork::Tap& tap = largest_.taps()[k];
        const int set = largest_.set_of(tap.to);
        for (int n = 0; n < static_cast<int>(net_.nodes.size()); ++n)
            if (net_.nodes[n].kind == net_.nodes[tap.to].kind && largest_.set_of(n) == set) {
                tap_of_[n] = &tap;
                if (nominal_.stated[n]) continue;
                V_n_[n] = V_n_[tap.from] / (tap.between_phases ? 1.0 : root3) * behind(tap, n);
                nominal_.stated[n] = nominal_.stated[tap.from] && std::abs(behind(tap, n) - 1.0) < 1e-9;
            }
        if (!tap.between_phases && !largest_.zero_unknown(tap.from).empty())
            no_tap_[set] = largest_.zero_unknown(tap.from);
        for (FaultNetwork* network : {&largest_, &peak_, &smallest_})
            network->drive(network->taps()[k], loop(*network, network->taps()[k]));
    }

    /// Sum of the limits of the converters that feed a node, at the voltage of the node [A].
    double limit(const FaultNetwork& network, int n) const {
        double sum = 0.0;
        for (const FaultNetwork::Source& s : network.sources())
            if (network.set_of(s.node) == network.set_of(n)) sum += s.I_limit * open_[s.node] / open_[n];
        if (const int feeds = before_tap(network, n); feeds != n) return limit(network, feeds) / behind(*tap_of_[n], n);
        return sum;
    }
    bool limited(const FaultNetwork& network, int n) const { return network.limited(before_tap(network, n)); }
    /// The four-wire node from which a single-phase circuit is tapped; n itself where the tap does not reach it in this
    /// network: a UPS passes the mains on for the largest currents only.
    int before_tap(const FaultNetwork& network, int n) const {
        const FaultNetwork::Tap* tap = tap_of_[n];
        return tap && network.set_of(tap->to) == network.set_of(n) ? tap->from : n;
    }
    /// Current of converters beside other sources: each its limit, divided by the network.
    double injected(const FaultNetwork& network, int n, const FaultNetwork::Vector& column,
                    std::vector<FaultShare>* shares) const {
        if (network.limited(n)) return 0.0;
        double sum = 0.0;
        for (const FaultNetwork::Source& s : network.sources()) {
            if (s.kind != FaultSource::Kind::converter || network.set_of(s.node) != network.set_of(n)) continue;
            const double I = s.I_limit * std::abs(network.at(column, s.node) / network.at(column, n));
            sum += I;
            if (shares) shares->push_back({s.component, I});
        }
        return sum;
    }
    /// What each source gives of the current I [A] into a fault at n. Together they are I: a UPS that passes the mains
    /// has another voltage without load than they have.
    std::vector<Given> given(int n, const FaultNetwork::Vector& column, double I) const {
        std::vector<Given> found;
        Complex sum = 0.0;
        for (const FaultNetwork::Source& s : largest_.sources()) {
            if (largest_.set_of(s.node) != largest_.set_of(n)) continue;
            if (s.kind == FaultSource::Kind::converter && !largest_.limited(n)) continue;
            const Complex unit = largest_.at(column, s.node) / s.Z;
            const double own = std::abs(unit) * I, ratio = open_[s.node] / open_[n];
            const double V = c_max(V_n_[s.node]) * V_n_[s.node] / root3;
            sum += unit * ratio;
            found.push_back({&s, own, own * ratio, std::abs(s.Z.imag()) * own / V});
        }
        for (Given& g : found) g.I /= std::abs(sum);
        return found;
    }
    BusFault row(int n, Kind kind) const {
        BusFault r;
        r.node = n, r.kind = kind, r.V_n = V_n_[n], r.stated = nominal_.stated[n];
        if (kind != Kind::dc) r.c_max = c_max(V_n_[n]), r.c_min = c_min(V_n_[n]);
        return r;
    }
    static void rank(std::vector<FaultShare>& shares) {
        std::sort(shares.begin(), shares.end(), [](const FaultShare& a, const FaultShare& b) { return a.I > b.I; });
    }
    double kappa(int n) const {
        const Complex Z = peak_.at(peak_.column(n), n);
        const double R_over_X = method_C * Z.real() / Z.imag();
        return Z.imag() > 0.0 ? 1.02 + 0.98 * std::exp(-3.0 * R_over_X) : 1.02;
    }

    /// Breaking and steady current of a three-phase fault, from what its sources give.
    void decay(BusFault& r, const std::vector<Given>& from, double injected) const {
        r.Ib = r.Ik_max, r.Ik = r.Ik_max - injected;
        std::vector<std::string> open;
        for (const Given& g : from) {
            const FaultNetwork::Source& s = *g.source;
            const double ratio = g.I_own / s.I_rated, mu = decay_of_machine(ratio, options_.t_min);
            if (s.kind == FaultSource::Kind::motor) {
                r.Ib -= g.share * (1.0 - mu * decay_of_motor(s.P_per_pole_pair, options_.t_min)) * g.I;
                r.Ik -= g.I;
            } else if (s.kind == FaultSource::Kind::generator && ratio > near_generator) {
                r.Ib -= g.share * (1.0 - mu) * g.I;
                if (std::isnan(s.sustained)) open.push_back(net_.components[s.component].path);
                r.Ik -= g.I - std::min(g.I, s.sustained * s.I_rated * g.I / g.I_own);
            }
        }
        if (!open.empty()) {
            r.Ik = NAN;
            r.reason = fmt::format("Ik: near generators, {} states no I_sustained", fmt::join(open, ", "));
        }
    }
    /// For how long the converters that alone feed a node give their current [s].
    double duration(const FaultNetwork& network, int n) const {
        if (const int feeds = before_tap(network, n); feeds != n) return duration(network, feeds);
        double least = INFINITY;
        for (const FaultNetwork::Source& s : network.sources())
            if (network.set_of(s.node) == network.set_of(n)) least = std::min(least, s.duration);
        return least;
    }
    /// Cuts the currents off at the limit of the converters that alone feed the bus.
    void cut(BusFault& r) const {
        if (limited(largest_, r.node)) {
            const double most = limit(largest_, r.node), time = duration(largest_, r.node);
            r.limited = r.Ik_max >= most;
            if (r.limited) scale(r.shares, most / r.Ik_max), r.Ik_max = most;
            r.ip = root2 * r.Ik_max, r.kappa = 1.0;
            r.Ib = options_.t_min <= time ? r.Ik_max : NAN;
            r.Ik = std::isfinite(time) ? NAN : r.Ik_max;
            if (std::isfinite(time) && !std::isnan(r.Ik_max))
                r.reason = fmt::format("Ik: the converters give this current for {:g} s only", time);
        }
        if (limited(smallest_, r.node)) {
            const double most = limit(smallest_, r.node);
            r.limited_min = r.Ik_min >= most;
            r.lasts = duration(smallest_, r.node);
            if (r.limited_min) r.Ik_min = most;
        }
    }

    void add_three_phase(int n, std::vector<BusFault>& rows) const {
        BusFault r = row(n, Kind::three_phase);
        const FaultNetwork::Vector column = largest_.column(n), column_min = smallest_.column(n);
        const Complex Z = largest_.at(column, n), Z_min = smallest_.at(column_min, n);
        if (!(open_[n] > 0.0) || std::abs(Z) > dead_impedance) {
            r.reason = "dead: nothing feeds this bus";
            for (const Kind kind : {Kind::three_phase, Kind::two_phase, Kind::one_phase})
                r.kind = kind, rows.push_back(r);
            return;
        }
        const double E = r.c_max * r.V_n / root3, I = E / std::abs(Z), extra = injected(largest_, n, column, &r.shares);
        r.R = Z.real(), r.X = Z.imag(), r.kappa = kappa(n);
        r.Ik_max = I + extra, r.ip = root2 * (r.kappa * I + extra);
        r.Ik_min = r.c_min * r.V_n / root3 / std::abs(Z_min);
        const std::vector<Given> from = given(n, column, I);
        decay(r, from, extra);
        for (const Given& g : from) r.shares.push_back({g.source->component, g.I});
        rank(r.shares);
        BusFault two = r;
        two.kind = Kind::two_phase;
        two.Ik_min *= root3 / 2.0;
        cut(r);
        rows.push_back(std::move(r));
        two.Ik_max = root3 / 2.0 * I + extra, two.ip = root2 * (two.kappa * root3 / 2.0 * I + extra);
        two.Ib = two.Ik_max;
        two.R = 2.0 * Z.real(), two.X = 2.0 * Z.imag();
        two.Ik = steady(two, from, I, root3 / 2.0 * I);
        scale(two.shares, two.Ik_max / (I + extra));
        cut(two);
        rows.push_back(std::move(two));
        add_one_phase(n, rows, Z, Z_min, from, I);
    }
    static void scale(std::vector<FaultShare>& shares, double factor) {
        for (FaultShare& s : shares) s.I *= factor;
    }
    /// Steady current of a fault of one or two phases: without the motors; not known near a generator.
    double steady(BusFault& r, const std::vector<Given>& from, double I_three, double I) const {
        double motors = 0.0;
        for (const Given& g : from) {
            if (g.source->kind == FaultSource::Kind::motor) motors += g.I;
            if (g.source->kind == FaultSource::Kind::generator && g.I_own > near_generator * g.source->I_rated) {
                r.reason = fmt::format("Ik: near generator {}", net_.components[g.source->component].path);
                return NAN;
            }
        }
        r.reason.clear();
        return I * (1.0 - motors / I_three);
    }
    void add_one_phase(int n, std::vector<BusFault>& rows, Complex Z, Complex Z_min, const std::vector<Given>& from,
                       double I_three) const {
        BusFault r = row(n, Kind::one_phase);
        const Complex Z_0 = largest_.zero(n), Z_0_min = smallest_.zero(n);
        if (!largest_.zero_unknown(n).empty()) {
            r.reason = largest_.zero_unknown(n);
        } else if (!std::isfinite(std::abs(Z_0))) {
            r.reason = "the zero sequence has no path to a neutral: no fault current of one phase";
        } else {
            const Complex whole = (2.0 * Z + Z_0) / 3.0;
            const double I = r.c_max * r.V_n / root3 / std::abs(whole);
            r.R = whole.real(), r.X = whole.imag(), r.kappa = kappa(n);
            r.Ik_max = r.Ib = I, r.ip = root2 * r.kappa * I;
            r.Ik = steady(r, from, I_three, I);
            for (const Given& g : from) r.shares.push_back({g.source->component, g.I * I / I_three});
            rank(r.shares);
        }
        if (smallest_.zero_unknown(n).empty() && std::isfinite(std::abs(Z_0_min)))
            r.Ik_min = r.c_min * r.V_n * root3 / std::abs(2.0 * Z_min + Z_0_min);
        cut(r);
        rows.push_back(std::move(r));
    }
    void add_single_phase(int n, std::vector<BusFault>& rows) const {
        BusFault r = row(n, Kind::one_phase);
        const Complex Z = largest_.at(largest_.column(n), n), Z_min = smallest_.at(smallest_.column(n), n);
        const auto unknown = no_tap_.find(largest_.set_of(n));
        if (unknown != no_tap_.end()) {
            r.reason = unknown->second;
        } else if (!(open_[n] > 0.0) || std::abs(Z) > dead_impedance) {
            r.reason = "dead: nothing feeds this bus";
        } else {
            r.Ik_max = r.Ib = r.Ik = r.c_max * r.V_n / std::abs(Z);
            r.R = Z.real(), r.X = Z.imag(), r.kappa = kappa(n), r.ip = root2 * r.kappa * r.Ik_max;
            r.Ik_min = r.c_min * r.V_n / std::abs(Z_min);
            for (const Given& g : given(n, largest_.column(n), r.Ik_max))
                r.shares.push_back({g.source->component, g.I});
            if (tap_of_[n]) r.shares.push_back({tap_of_[n]->component, r.Ik_max});
            cut(r);
        }
        rows.push_back(std::move(r));
    }
    /// Highest voltage without load of the sources that feed a DC node, the same in whichever order they are listed.
    double highest(int n) const {
        double V = open_[n];
        for (const FaultNetwork::Source& s : largest_.sources())
            if (largest_.set_of(s.node) == largest_.set_of(n)) V = std::max(V, s.E);
        return V;
    }
    /// DC: what all voltages behind their resistances give together into a fault at n (superposition).
    ///   I = sum of E_k/R_k z_kn/z_nn
    double superposed(const FaultNetwork& network, int n, const FaultNetwork::Vector& column,
                      std::vector<FaultShare>* shares) const {
        double sum = 0.0;
        for (const FaultNetwork::Source& s : network.sources()) {
            if (network.set_of(s.node) != network.set_of(n)) continue;
            if (s.kind == FaultSource::Kind::converter && !network.limited(n)) continue;
            const double E = s.E > 0.0 ? s.E : highest(n);
            const double I = E / s.Z.real() * (network.at(column, s.node) / network.at(column, n)).real();
            sum += I;
            if (shares) shares->push_back({s.component, I});
        }
        return sum;
    }
    /// DC: steady current of batteries and supplies behind their resistances, and of converters at their limit.
    void add_dc(int n, std::vector<BusFault>& rows) const {
        BusFault r = row(n, Kind::dc);
        const FaultNetwork::Vector column = largest_.column(n), column_min = smallest_.column(n);
        const double R = largest_.at(column, n).real();
        if (!(open_[n] > 0.0) || R > dead_impedance) {
            r.reason = "dead: nothing feeds this bus";
            rows.push_back(std::move(r));
            return;
        }
        const double extra = injected(largest_, n, column, &r.shares);
        r.R = R, r.X = 0.0;
        r.Ik_max = superposed(largest_, n, column, &r.shares) + extra;
        r.Ik_min = superposed(smallest_, n, column_min, nullptr) + injected(smallest_, n, column_min, nullptr);
        rank(r.shares);
        cut(r);
        r.Ik = r.Ik_max, r.Ib = r.ip = r.kappa = NAN;
        rows.push_back(std::move(r));
    }
};

}  // namespace

std::vector<BusFault> short_circuits(const Network& net, const Point& at, const FaultOptions& options) {
    return net.electric ? ShortCircuits(net, at, options).all() : std::vector<BusFault>();
}

}  // namespace kelvolt
