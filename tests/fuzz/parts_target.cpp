// Components of any model, joined at random where their kinds fit. Many are refused, and the refusal has to be clean.
#include <fmt/format.h>

#include "tests/fuzz/laws.hpp"
#include "tests/fuzz/network_text.hpp"

namespace kelvolt::fuzz {

namespace {

/// What holds the first node of each kind of connection.
const std::map<std::string_view, std::vector<std::pair<std::string, std::string>>> anchors{
    {"fluid",
     {{"model: supply, medium: water, T: 30 degC, p: 3 bar(a)", "port"}, {"model: volume, volume: 1 L", "port"}}},
    {"heat", {{"model: ambient, T: 25 degC", "port"}}},
    {"dc", {{"model: dc_source, V: 50 V, R: 0.01 ohm", "bus"}}},
    {"ac", {{"model: ac_utility, V: 400 V, S_sc: 10 MVA", "bus"}}},
    {"ac4", {{"model: ac4_utility, V: 400 V, S_sc: 10 MVA", "bus"}}},
    {"ac1", {{"model: ac1_bus, V: 230 V", "bus"}}},
};
/// What closes a node of one port.
const std::map<std::string_view, std::pair<std::string, std::string>> ends{
    {"fluid", {"model: return_line, p: 2 bar(a)", "port"}},    {"heat", {"model: heat_capacity, C: 100", "port"}},
    {"dc", {"model: dc_load, P: 20 W, V: 50 V", "bus"}},       {"ac", {"model: ac_load, P: 200 W, V: 400 V", "bus"}},
    {"ac4", {"model: ac4_load, P_a: 200 W, V: 400 V", "bus"}}, {"ac1", {"model: ac1_load, P: 200 W, V: 230 V", "bus"}},
};

class Parts {
   public:
    explicit Parts(Choices& choices) : choices_(choices) {
        static const std::vector<const ModelInfo*> models = all_models();
        for (int parts = choices_.between(1, 5); parts > 0; --parts) add(*choices_.of(models));
        for (const auto& [kind, ports_at] : ports_at_) {
            const auto anchor = anchors.find(kind);
            if (anchor != anchors.end())
                for (const auto& [body, port] : anchor->second) put(kind, 0, body, port);
            for (int node = 1; node < static_cast<int>(ports_at.size()); ++node)
                if (const auto end = ends.find(kind);
                    ports_at[static_cast<std::size_t>(node)] == 1 && end != ends.end())
                    put(kind, node, end->second.first, end->second.second);
        }
    }
    std::string text() const { return text_.text(); }

   private:
    Choices& choices_;
    NetworkText text_;
    std::map<std::string_view, std::vector<int>> ports_at_;  // per kind and node
    int parts_ = 0;

    std::string next() { return fmt::format("part{}", ++parts_); }
    void put(std::string_view kind, int node, const std::string& body, const std::string& port) {
        const std::string name = next();
        text_.part(name, body);
        text_.join(fmt::format("{}{}", kind, node), name + "." + port);
    }
    void add(const ModelInfo& info) {
        const std::string name = next();
        text_.part(name, random_body(info, choices_));
        for (const PortInfo& port : info.ports) {
            if (choices_.one_in(8)) continue;
            if (port.kind->is_signal) {
                if (port.writes || choices_.one_in(3)) continue;
                const std::string signal = next();
                text_.part(signal,
                           fmt::format("model: constant, value: {:.4g}", port.nominal * choices_.uniform(0, 1)));
                text_.join(signal, signal + ".signal");
                text_.join(signal, name + "." + port.name);
                continue;
            }
            std::vector<int>& at = ports_at_[port.kind->name];
            if (at.empty() || choices_.one_in(2)) at.push_back(0);
            const int node =
                choices_.one_in(3) ? choices_.below(static_cast<int>(at.size())) : static_cast<int>(at.size()) - 1;
            ++at[static_cast<std::size_t>(node)];
            text_.join(fmt::format("{}{}", port.kind->name, node), name + "." + port.name);
        }
    }
};

}  // namespace

bool solve_any_parts(Bytes input) {
    static const std::filesystem::path folder = empty_folder();
    Choices choices(input);
    const Parts parts(choices);
    const Depth depth = choices.one_in(4) ? Depth::steady_and_start_of_run : Depth::steady;
    return solve_and_judge(parts.text(), folder, depth).has_value();
}

}  // namespace kelvolt::fuzz
