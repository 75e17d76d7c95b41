#include "tests/fuzz/laws.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "solver/case/yaml.hpp"

namespace kelvolt::fuzz {

namespace fs = std::filesystem;

namespace {

constexpr double flow_bound = 1e-6;                       // of the flows that meet at a connection
constexpr double least_heat = 0.1 * Audit::least_energy;  // W: less is rounding

void require_finite(const Solution& s, const std::string& text) {
    for (int u = 0; u < s.network().size(); ++u)
        require(std::isfinite(s.y[static_cast<std::size_t>(u)]),
                s.network().variable_name(u) + " is not a finite number", text);
}

/// Sum and size of the flows of one quantity into a connection.
struct Meeting {
    double sum = 0.0, size = 0.0;
};

void require_node_sums(const Solution& s, const std::string& text) {
    const Network& net = s.network();
    std::vector<ValueRef> refs;
    std::vector<int> meets;  // per flow: the unknown of the potential it belongs to
    for (const Node& node : net.nodes) {
        if (node.kind->is_signal) continue;
        for (const PortRef& at : node.ports) {
            const Component& c = net.component(at.component);
            const PortInfo& port = c.info->ports[static_cast<std::size_t>(at.port)];
            for (std::size_t q = 0; q < node.kind->pairs.size(); ++q) {
                const int local = port.first + static_cast<int>(q);
                refs.push_back({ValueRef::Kind::flow, at.component, local, declared(node.kind->pairs[q].flow_unit),
                                fmt::format("{}.{}.{}", c.path, port.name, node.kind->pairs[q].flow)});
                meets.push_back(net.global(c, local));
            }
        }
    }
    const std::vector<double> flows = s.read(refs);
    std::vector<Meeting> meetings(static_cast<std::size_t>(net.size()));
    double largest = 0.0;
    for (std::size_t k = 0; k < flows.size(); ++k) {
        Meeting& m = meetings[static_cast<std::size_t>(meets[k])];
        m.sum += flows[k], m.size += std::abs(flows[k]);
        if (refs[k].quantity.unit == "W") largest = std::max(largest, std::abs(flows[k]));
    }
    for (const Node& node : net.nodes)
        for (std::size_t q = 0; !node.kind->is_signal && q < node.kind->pairs.size(); ++q) {
            const Meeting& m = meetings[static_cast<std::size_t>(node.first) + q];
            const auto& pair = node.kind->pairs[q];
            const double floor = pair.flow_unit == "W" ? least_heat + 1e-9 * largest : 1e-7 * pair.flow_nominal;
            require(std::abs(m.sum) <= flow_bound * m.size + floor,
                    fmt::format("{}: the flows {} add up to {:g} {} where {:g} meets",
                                net.variable_name(node.first + static_cast<int>(q)), pair.flow, m.sum, pair.flow_unit,
                                m.size),
                    text);
        }
}

void require_honest_verdicts(const Solution& s, const std::string& text) {
    for (const Verdict& v : s.verdicts) {
        const bool right_side = v.at_most ? v.value <= v.limit : v.value >= v.limit;
        const std::string_view word = std::isnan(v.limit) || std::isnan(v.value) ? "not assessed"
                                      : right_side                               ? "held"
                                                                                 : "broken";
        require(v.word() == word,
                fmt::format("{} {}: {} against {} is called {}", v.element, v.id, v.value, v.limit, v.word()), text);
    }
}

/// Balances computed again from what crosses the boundary; a verdict that says they are open is an honest answer.
void require_balances(const Solution& s, const std::string& text) {
    const auto broken = [&](std::string_view id) {
        return std::any_of(s.verdicts.begin(), s.verdicts.end(),
                           [&](const Verdict& v) { return v.id == id && v.word() == "broken"; });
    };
    const Network& net = s.network();
    if (!broken("energy_balance")) {
        Tally t;
        tally(net, Point{s.y.data(), nullptr, s.values}, t);
        require(std::abs(t.power_in) <= Audit::bound * std::max(t.power_size, Audit::least_energy),
                fmt::format("{:g} W of {:g} W are missing", t.power_in, t.power_size), text);
    }
    if (broken("second_law")) return;
    for (const Component& c : net.components) {
        if (c.info->surroundings) continue;
        const auto [production, tolerance] = entropy_production(net, c, Point{s.y.data(), nullptr, s.values});
        require(production >= -tolerance, fmt::format("{} destroys {:g} W/K", c.path, -production), text);
    }
}

/// Ends a run after so many looks: what it costs stays bounded, on any machine the same.
struct Patience {
    int looks;
    bool operator()() { return --looks < 0; }
};

void run_for_a_while(const Case& the_case) {
    RunOptions options;
    options.interrupted = Patience{40};
    try {
        the_case.simulate(options);
    } catch (const Error&) {
    }
}

/// From rest, without profiles and events, nothing moves. A run that cannot be done is no proof.
void require_rest(const Case& the_case, const Solution& s, const std::string& text) {
    if (!s.subject->inputs.empty() || !s.subject->events.empty() || !s.warnings.empty()) return;
    RunOptions options;
    options.duration = 60.0;
    options.every = 60.0;
    options.interrupted = Patience{2000};
    Run run;
    try {
        run = the_case.simulate(options);
    } catch (const Error& e) {
        if (e.kind == Error::Kind::interrupted) return;
        require(false, std::string("a run from the steady state ends: ") + e.what(), text);
    }
    for (int u = 0; u < s.network().size(); ++u) {
        if (!s.network().temperature[static_cast<std::size_t>(u)]) continue;
        const double moved = run.end.y[static_cast<std::size_t>(u)] - s.y[static_cast<std::size_t>(u)];
        require(std::abs(moved) < 0.05,
                fmt::format("{} leaves its steady state by {:g} K in {:g} s", s.network().variable_name(u), moved,
                            *options.duration),
                text);
    }
}

}  // namespace

fs::path empty_folder() {
    const fs::path folder = fs::temp_directory_path() / fmt::format("kelvolt_fuzz_{}", ::getpid());
    fs::create_directories(folder);
    return folder;
}

void require(bool holds, const std::string& law, const std::string& text) {
    if (!holds) throw BrokenProperty(law + "\n" + text);
}

double Answer::value(const std::string& path) const {
    return solution.read(find_values(solution.network(), path)).at(0);
}

bool Answer::is_broken(std::string_view id, std::string_view element) const {
    return std::any_of(solution.verdicts.begin(), solution.verdicts.end(),
                       [&](const Verdict& v) { return v.id == id && v.element == element && v.word() == "broken"; });
}

std::optional<Answer> solve_and_judge(const std::string& text, const fs::path& folder, Depth depth) {
    std::optional<Case> the_case;
    std::optional<Answer> answer;
    try {
        the_case.emplace(read_case(text, "fuzz.yaml", folder));
        answer.emplace(the_case->steady());
    } catch (const Error& e) {
        require(!e.message.empty(), "a refusal without a word", text);
    }
    if (answer) {
        require_finite(answer->solution, text);
        require_node_sums(answer->solution, text);
        require_honest_verdicts(answer->solution, text);
        require_balances(answer->solution, text);
        if (depth == Depth::steady_and_rest) require_rest(*the_case, answer->solution, text);
    }
    if (the_case && depth == Depth::steady_and_start_of_run) run_for_a_while(*the_case);
    return answer;
}

}  // namespace kelvolt::fuzz
