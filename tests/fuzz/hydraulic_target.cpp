// Meshed networks of every model with an inlet and an outlet of coolant, heated at random.
#include <fmt/format.h>

#include <algorithm>

#include "models/media/library.hpp"
#include "tests/fuzz/laws.hpp"
#include "tests/fuzz/network_text.hpp"

namespace kelvolt::fuzz {

namespace {

std::string celsius(double T) { return fmt::format("{:.2f} degC", T); }

class HydraulicNetwork {
   public:
    explicit HydraulicNetwork(Choices& choices) : choices_(choices) {
        const int nodes = choices_.between(2, 6);
        static const std::vector<std::string> media = medium_names();
        const std::string medium = choices_.of(media);
        for (int n = 1; n < nodes; ++n) edge(choices_.below(n), n);
        for (int extra = choices_.below(4); extra > 0; --extra) {
            const int from = choices_.below(nodes);
            edge(from, (from + 1 + choices_.below(nodes - 1)) % nodes);
        }
        for (int n = 0; n < nodes; ++n) {
            text_.part(fmt::format("v{}", n), "model: volume, volume: 1 L");
            text_.join(node(n), fmt::format("v{}.port", n));
        }
        if (choices_.one_in(3))
            closed(medium);
        else
            open(medium, nodes);
    }

    std::string text() const { return text_.text(); }
    double coldest() const { return coldest_; }
    double warmest() const { return warmest_; }
    bool is_heated() const { return heated_; }
    bool is_cooled() const { return cooled_; }
    int edges() const { return edges_; }

   private:
    Choices& choices_;
    NetworkText text_;
    int edges_ = 0;
    double coldest_ = 1e9, warmest_ = -1e9;  // degC, of all that gives a temperature
    bool heated_ = false, cooled_ = false;

    static std::string node(int n) { return fmt::format("n{}", n); }

    double source_temperature() {
        const double T = choices_.uniform(10.0, 50.0);
        coldest_ = std::min(coldest_, T), warmest_ = std::max(warmest_, T);
        return T;
    }
    void edge(int from, int to) {
        static const std::vector<const ModelInfo*> models = models_between("a", "b", "fluid");
        const ModelInfo& info = *choices_.of(models);
        const std::string name = fmt::format("e{}", ++edges_);
        text_.part(name, random_body(info, choices_));
        text_.join(node(from), name + ".a");
        text_.join(node(to), name + ".b");
        // what takes power, or states a temperature of its own, may warm or cool the coolant
        const bool neutral =
            info.role != Role::pump && std::none_of(info.params.begin(), info.params.end(), [](const ParamInfo& p) {
                return p.unit == "W" || p.unit == "K" || p.name == "power";
            });
        heated_ |= !neutral, cooled_ |= !neutral;
        const bool rejects = info.role == Role::heat_rejection || info.role == Role::chiller;
        for (const PortInfo& port : info.ports)
            if (port.kind->name == "heat") warm(name, port.name, rejects);
    }
    // what rejects heat always gets surroundings
    void warm(const std::string& owner, const std::string& port, bool rejects) {
        const std::string name = owner + "_" + port;
        const int how = rejects ? 2 : choices_.below(3);
        if (how == 1) {
            text_.part(name + "_heat", fmt::format("model: heat_source, power: {:.4g} W", choices_.decades(1.0, 3e3)));
            text_.join(name, owner + "." + port);
            text_.join(name, name + "_heat.port");
            heated_ = true;
        } else if (how == 2) {
            text_.part(name + "_room", "model: ambient, T: " + celsius(source_temperature()));
            text_.part(name + "_way", fmt::format("model: conductance, G: {:.4g} W/K", choices_.decades(0.1, 500.0)));
            text_.join(name, owner + "." + port);
            text_.join(name, name + "_way.a");
            text_.join(name + "_room", name + "_way.b");
            text_.join(name + "_room", name + "_room.port");
        }
    }
    void open(const std::string& medium, int nodes) {
        const int out = choices_.below(nodes);
        text_.part(
            "supply",
            fmt::format("model: supply, medium: {}, T: {}, {}", medium, celsius(source_temperature()),
                        choices_.one_in(3) ? fmt::format("mode: flow, V_flow: {:.4g} L/min", choices_.decades(0.1, 60))
                                           : fmt::format("p: {:.4g} bar(a)", choices_.uniform(1.5, 5.0))));
        text_.join(node(0), "supply.port");
        text_.part("return", fmt::format("model: return_line, p: {:.4g} bar(a), T_back: {}", choices_.uniform(1.2, 3.0),
                                         celsius(source_temperature())));
        text_.join(node(out), "return.port");
        if (choices_.one_in(4)) {
            text_.part("more", fmt::format("model: supply, medium: {}, T: {}, p: {:.4g} bar(a)", medium,
                                           celsius(source_temperature()), choices_.uniform(1.5, 5.0)));
            text_.join(node(choices_.below(nodes)), "more.port");
        }
    }
    void closed(const std::string& medium) {
        text_.part("vessel", fmt::format("model: expansion_vessel, medium: {}, p: 2 bar(a)", medium));
        text_.join(node(0), "vessel.port");
        text_.part("sink", "model: ambient, T: " + celsius(source_temperature()));
        text_.part("loss", "model: pipe, length: 20 m, diameter: 10 mm, heat: overall, U: 800 W/(m2 K)");
        text_.join(node(0), "loss.a");
        text_.join(node(1), "loss.b");
        text_.join("loss", "loss.wall");
        text_.join("loss", "sink.port");
    }
};

}  // namespace

bool solve_hydraulic(Bytes input) {
    static const std::filesystem::path folder = empty_folder();
    Choices choices(input);
    const bool in_time = choices.one_in(4);
    const HydraulicNetwork network(choices);
    const std::string text = network.text();
    const auto answer = solve_and_judge(text, folder, in_time ? Depth::steady_and_rest : Depth::steady);
    if (!answer) return false;
    // coolant between its sources, unless something heats or cools it; a drop of 4 bar warms it by 0.12 K
    constexpr double slack = 0.01, warmed = 0.15;
    const Solution& s = answer->solution;
    for (int u = 0; u < s.network().size(); ++u) {
        if (!s.network().temperature[static_cast<std::size_t>(u)]) continue;
        const double T = s.y[static_cast<std::size_t>(u)] - 273.15;
        const std::string at = s.network().variable_name(u);
        require(network.is_cooled() || T >= network.coldest() - slack,
                fmt::format("{} is {:.3f} degC, colder than all there is, {:.3f} degC", at, T, network.coldest()),
                text);
        require(network.is_heated() || T <= network.warmest() + warmed,
                fmt::format("{} is {:.3f} degC, warmer than all there is, {:.3f} degC", at, T, network.warmest()),
                text);
    }
    return true;
}

}  // namespace kelvolt::fuzz
