/// What a component is in the network of short-circuit impedances. Models state it in `short_circuit`; the network is
/// assembled and solved in solver/electric/short_circuit.hpp.
#pragma once

#include <array>
#include <cmath>
#include <complex>
#include <string_view>
#include <vector>

namespace kelvolt {

/// For which currents the impedances are stated. Voltage factors: IEC 60909-0:2016, table 1.
struct FaultCase {
    bool maximum = true;         ///< the largest currents, else the smallest
    bool peak = false;           ///< impedances for the factor kappa of the peak (generators: fictitious resistance)
    double lv_tolerance = 0.10;  ///< by which low voltage (up to 1 kV) may exceed its nominal value: 0.06 or 0.10
    bool corrections = true;     ///< with the correction factors K_T and K_G

    double c_max(double V) const { return V <= 1000.0 && lv_tolerance < 0.08 ? 1.05 : 1.10; }
    double c_min(double V) const { return V > 1000.0 ? 1.0 : lv_tolerance < 0.08 ? 0.95 : 0.90; }
    double c(double V) const { return maximum ? c_max(V) : c_min(V); }
    /// K_T of a transformer with reactance x_T per unit, and V on its low-voltage side (IEC 60909-0:2016, 6.3.3).
    double transformer_factor(double x_T, double V) const {
        return maximum && corrections ? 0.95 * c_max(V) / (1.0 + 0.6 * x_T) : 1.0;
    }
};

/// Potentials at a port: of the positive (and negative) sequence, of the zero sequence of the phases, of the neutral.
/// On balanced and single-phase ports the neutral is the reference. inner: at a point inside the component, such as the
/// star point of the impedances of a three-winding transformer; its number stands in place of the port.
enum class Wire { phases, zero, neutral, inner };

/// An impedance Z [ohm]. The voltage across it is the sum of factor times potential over its terms; the current
/// voltage/Z leaves each of them in proportion to its factor. In the zero sequence it is the current of one phase, and
/// three times as much is in the neutral (weight).
struct FaultBranch {
    struct Term {
        int port = -1;
        Wire wire = Wire::phases;
        double factor = 0.0;
    };
    std::complex<double> Z;
    std::array<Term, 4> terms;
    double weight = 1.0;  ///< 3: the current is in each of three phases (zero sequence)
    int source = -1;      ///< number in FaultEquivalent::sources; -1: passive
    double L = 0.0;       ///< DC: inductance, for the current in time [H]; NaN: not stated
};

/// What drives current into a fault.
struct FaultSource {
    enum class Kind { grid, generator, motor, converter, battery };
    Kind kind;
    int port;
    double I_rated;                ///< [A]
    double sustained = NAN;        ///< generator: sustained current over rated current; NaN: not stated
    double P_per_pole_pair = 0.0;  ///< motor [W]
    double I_limit = INFINITY;     ///< converter: largest current [A]
    double duration = INFINITY;    ///< converter: for how long it gives that current [s]
    double L = 0.0;                ///< DC: inductance behind the port [H]; NaN: not stated
};

/// The short-circuit equivalent of one component, made of the parts below.
class FaultEquivalent {
   public:
    using Complex = std::complex<double>;
    struct Tie {
        int a, b;
        bool phases, neutral;
    };
    struct Tap {
        int from, to;
        bool between_phases;  ///< two phases; else a phase and the neutral
    };
    std::vector<FaultBranch> branches;
    std::vector<FaultSource> sources;
    std::vector<Tie> ties;
    std::vector<Tap> taps;
    struct Unknown {
        int a, b;               ///< port of a source (b = -1), or ends of a line
        std::string_view what;  ///< what would have to be stated
    };
    std::vector<Unknown> unknown_zero;
    /// A capacitor at a DC port, charged to the voltage of the bus: C [F] behind R [ohm]; NaN: not stated.
    struct Capacitor {
        int port;
        double C, R;
        std::string_view what;  ///< the parameters that state it
    };
    std::vector<Capacitor> capacitors;
    int inner_points = 0;  ///< points inside the component
    bool empty() const {
        return branches.empty() && ties.empty() && taps.empty() && unknown_zero.empty() && capacitors.empty();
    }

    /// Ports joined without impedance: all wires, only the positive sequence, or only the neutral.
    void tie(int a, int b) { ties.push_back({a, b, true, true}); }
    void tie_phases(int a, int b) { ties.push_back({a, b, true, false}); }
    void tie_neutral(int a, int b) { ties.push_back({a, b, false, true}); }
    /// A single-phase circuit at port `to`, between two conductors of port `from`.
    void tap(int from, int to, bool between_phases) { taps.push_back({from, to, between_phases}); }
    /// Positive sequence between ports a and b; Z on side b, ratio: voltage of b over that of a without load.
    void branch(Complex Z, int a, int b, double ratio = 1.0) {
        add(Z, {{{a, Wire::phases, ratio}, {b, Wire::phases, -1.0}}}, 1.0);
    }
    /// A DC line: resistance R and inductance L (NaN: not stated) between a and b.
    void dc_branch(double R, double L, int a, int b) {
        branch(R, a, b);
        branches.back().L = L;
    }
    /// A voltage that is the sum of those at two ports (conductors in series), without impedance.
    void sum(int first, int second, int both) {
        add(none, {{{first, Wire::phases, 1.0}, {second, Wire::phases, 1.0}, {both, Wire::phases, -1.0}}}, 1.0);
    }
    /// A new point inside the component.
    int inner() { return inner_points++; }
    /// Positive or zero sequence from a port to a point inside; Z on the side of the point, whose voltage without load
    /// is `ratio` times that of the port.
    void to_inner(Complex Z, int port, int point, double ratio) {
        add(Z, {{{port, Wire::phases, ratio}, {point, Wire::inner, -1.0}}}, 1.0);
    }
    void zero_to_inner(Complex Z, int port, int point, double ratio) {
        add(Z, {{{port, Wire::zero, ratio}, {point, Wire::inner, -1.0}}}, 3.0);
    }
    /// Zero sequence from a point inside to the reference (through a delta winding).
    void inner_to_reference(Complex Z, int point) { add(Z, {{{point, Wire::inner, 1.0}}}, 3.0); }
    void capacitor(double C, double R, int port, std::string_view what) { capacitors.push_back({port, C, R, what}); }
    /// Zero sequence of the phases between a and b, the neutral not included.
    void zero(Complex Z, int a, int b) { add(Z, {{{a, Wire::zero, 1.0}, {b, Wire::zero, -1.0}}}, 3.0); }
    /// Zero sequence between phases and neutral of both ports (a transformer YNyn).
    void zero_through(Complex Z, int a, int b, double ratio) {
        add(Z, {{{a, Wire::zero, ratio}, {a, Wire::neutral, -ratio}, {b, Wire::zero, -1.0}, {b, Wire::neutral, 1.0}}},
            3.0);
    }
    /// Zero sequence from the phases to the neutral of a port (the star of a source, a transformer Dyn).
    void zero_to_neutral(Complex Z, int a) { add(Z, {{{a, Wire::zero, 1.0}, {a, Wire::neutral, -1.0}}}, 3.0); }
    /// Neutral conductor between a and b, and neutral of a to earth.
    void neutral(Complex Z, int a, int b) { add(Z, {{{a, Wire::neutral, 1.0}, {b, Wire::neutral, -1.0}}}, 1.0); }
    void earth(Complex Z, int a) { add(Z, {{{a, Wire::neutral, 1.0}}}, 1.0); }
    /// The zero sequence of a source at port a, or of a line from a to b, is not stated: `what` names the parameters.
    void zero_not_stated(std::string_view what, int a, int b = -1) { unknown_zero.push_back({a, b, what}); }
    /// A source behind Z in the positive sequence.
    void source(Complex Z, const FaultSource& s) {
        sources.push_back(s);
        add(Z, {{{s.port, Wire::phases, 1.0}}}, 1.0);
        branches.back().source = static_cast<int>(sources.size()) - 1;
        branches.back().L = s.L;
    }

    /// Impedance that stands for none [ohm].
    static constexpr double none = 1e-9;

   private:
    void add(Complex Z, const std::array<FaultBranch::Term, 4>& terms, double weight) {
        branches.push_back({std::abs(Z) < none ? Complex(none) : Z, terms, weight, -1});
    }
};

}  // namespace kelvolt
