// Meshed electric networks of one kind with switches, transformers and loads, single-phase ones on four wires.
#include <fmt/format.h>

#include <algorithm>

#include "solver/network/union_find.hpp"
#include "tests/fuzz/laws.hpp"
#include "tests/fuzz/network_text.hpp"

namespace kelvolt::fuzz {

namespace {

/// What stands for each kind of network in this test.
struct Kind {
    std::string name, source, bus, load;
};
const std::vector<Kind> kinds{
    {"dc", "model: dc_source, V: 400 V, R: 0.01 ohm", "dc_bus", "dc_load"},
    {"ac", "model: ac_utility, V: 400 V, S_sc: 10 MVA", "ac_bus", "ac_load"},
    {"ac4", "model: ac4_utility, V: 400 V, S_sc: 10 MVA", "ac4_bus", "ac4_load"},
};

class ElectricNetwork {
   public:
    explicit ElectricNetwork(Choices& choices)
        : choices_(choices), kind_(choices.of(kinds)), buses_(choices_.between(2, 7)), live_(buses_) {
        text_.part("source", kind_.source);
        text_.join(bus(0), "source.bus");
        for (int b = 0; b < buses_; ++b) {
            text_.part(bus(b), fmt::format("model: {}, V: 400 V, V_low: 0.9, V_high: 1.1", kind_.bus));
            text_.join(bus(b), bus(b) + ".bus");
        }
        for (int b = 1; b < buses_; ++b) branch(choices_.below(b), b);
        for (int extra = choices_.below(3); extra > 0; --extra) {
            const int from = choices_.below(buses_);
            branch(from, (from + 1 + choices_.below(buses_ - 1)) % buses_);
        }
        for (int n = choices_.between(1, 6); n > 0; --n) load(choices_.below(buses_));
    }

    std::string text() const { return text_.text(); }
    /// Loads that no closed way joins to the source.
    std::vector<std::string> dead() {
        std::vector<std::string> names;
        for (const auto& [name, at] : loads_)
            if (live_.find(at) != live_.find(0)) names.push_back(name);
        return names;
    }

   private:
    Choices& choices_;
    const Kind& kind_;
    NetworkText text_;
    int buses_, branches_ = 0;
    UnionFind live_;
    std::vector<std::pair<std::string, int>> loads_;

    static std::string bus(int b) { return fmt::format("bus{}", b); }

    void branch(int from, int to) {
        const std::vector<const ModelInfo*> models = models_between("a", "b", kind_.name);
        const ModelInfo& info = *choices_.of(models);
        const std::string name = fmt::format("branch{}", ++branches_);
        bool is_closed = true;
        std::string body = "model: " + info.type;
        if (info.param("closed")) {
            is_closed = !choices_.one_in(3);
            body += fmt::format(", closed: {}, I_rated: {:.4g} A", is_closed ? 1 : 0, choices_.decades(5.0, 1e3));
        } else {
            body += fmt::format(", length: {:.4g} m, R: {:.4g} mohm/m, I_max: {:.4g} A", choices_.decades(1.0, 300.0),
                                choices_.decades(0.05, 5.0), choices_.decades(5.0, 1e3));
            if (info.param("X")) body += fmt::format(", X: {:.4g} mohm/m", choices_.uniform(0.05, 0.2));
            if (choices_.one_in(2)) body += ", V: 400 V, drop_max: 5 %";
        }
        text_.part(name, body);
        text_.join(bus(from), name + ".a");
        text_.join(bus(to), name + ".b");
        if (is_closed) live_.join(from, to);
    }
    void load(int at) {
        const std::string name = fmt::format("load{}", loads_.size() + 1);
        const bool has_phases = kind_.name == "ac4";
        const std::string shares = choices_.one_in(3)
                                       ? fmt::format(", z_share: {:.3g}, i_share: {:.3g}", choices_.uniform(0.0, 0.5),
                                                     choices_.uniform(0.0, 0.5))
                                       : "";
        const auto power = [&] { return choices_.decades(0.05, 30.0); };
        if (has_phases && choices_.one_in(2)) {
            static const std::vector<std::string> phases{"a", "b", "c", "ab", "bc", "ca"};
            const std::string& phase = choices_.of(phases);
            text_.part(name + "_tap", "model: phase_tap, phase: " + phase);
            text_.part(name, fmt::format("model: ac1_load, P: {:.4g} kW, V: {} V{}", power(),
                                         phase.size() == 1 ? "230" : "400", shares));
            text_.join(bus(at), name + "_tap.bus");
            text_.join(name, name + "_tap.line");
            text_.join(name, name + ".bus");
        } else {
            const std::string draw =
                has_phases ? fmt::format("P_a: {:.4g} kW, P_b: {:.4g} kW, P_c: {:.4g} kW", power(), power(), power())
                           : fmt::format("P: {:.4g} kW", power());
            text_.part(name, fmt::format("model: {}, V: 400 V, {}{}", kind_.load, draw, shares));
            text_.join(bus(at), name + ".bus");
        }
        loads_.emplace_back(name, at);
    }
};

/// An element above its rating is called so.
void require_ratings(const Answer& answer, const std::string& text) {
    const Network& net = answer.solution.network();
    for (const Component& c : net.components) {
        if (c.info->output("loading") < 0 || !c.info->param("load_max")) continue;
        const double loading = answer.value(c.path + ".loading"), most = answer.value(c.path + ".load_max");
        if (!(loading > most * (1.0 + 1e-9))) continue;
        const auto& verdicts = answer.solution.verdicts;
        require(std::any_of(verdicts.begin(), verdicts.end(),
                            [&](const Verdict& v) { return v.element == c.path && v.word() == "broken"; }),
                fmt::format("{} is loaded to {:.4g} of {:.4g} and no verdict says so", c.path, loading, most), text);
    }
}

}  // namespace

bool solve_electric(Bytes input) {
    static const std::filesystem::path folder = empty_folder();
    Choices choices(input);
    ElectricNetwork network(choices);
    const std::string text = network.text();
    const auto answer = solve_and_judge(text, folder, choices.one_in(4) ? Depth::steady_and_rest : Depth::steady);
    if (!answer) return false;
    require_ratings(*answer, text);
    for (const std::string& name : network.dead())
        require(answer->is_broken("fed", name), name + " is without supply and no verdict says so", text);
    return true;
}

}  // namespace kelvolt::fuzz
