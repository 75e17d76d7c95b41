#include "solver/assembly/heights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "solver/electric/energised.hpp"
#include "solver/model/rise.hpp"

namespace kelvolt {

namespace {

constexpr double closes_within = 1e-4;  // m, of a loop; the weight of 0.1 mm of coolant is about 1 Pa

double rise_of(const Network& net, const Component& component, const Values& values) {
    const int k = component.info->output("rise");
    if (k < 0) return 0.0;
    std::vector<double> outputs(component.info->outputs.size());
    Report<double> report;
    report.values = outputs.data();
    net.block_of(component).outputs(component.instance, Point{net.start.data(), nullptr, values}, report);
    return outputs[k];
}

struct Step {
    int component = -1, from = -1;  // the node before
    double rise = 0.0;
};

class Heights {
   public:
    Heights(const Network& net, const Values& values)
        : net_(net), height_(net.nodes.size(), 0.0), via_(height_.size()) {
        for (const Component& c : net.components) rise_.push_back(rise_of(net, c, values));
        for (const Circuit& circuit : net.circuits)
            for (const PortRef& r : circuit.references) walk(node_of(net, net.components[r.component], r.port));
        for (int n = 0; n < static_cast<int>(net.nodes.size()); ++n)
            if (net.nodes[n].kind->has_medium) walk(n);
    }
    std::vector<double> found() && { return std::move(height_); }

   private:
    const Network& net_;
    std::vector<double> height_, rise_;  // per node, per component
    std::vector<Step> via_;              // how the walk came to a node
    std::vector<char> seen_ = std::vector<char>(net_.nodes.size(), 0);

    double at(int c, int port) const { return height_of_port(*net_.components[c].info, port, rise_[c]); }
    void walk(int first) {
        if (seen_[first]) return;
        std::deque<int> reached{first};
        seen_[first] = 1;
        while (!reached.empty()) {
            const int n = reached.front();
            reached.pop_front();
            for (const PortRef& here : net_.nodes[n].ports) cross(n, here, reached);
        }
    }
    void cross(int n, const PortRef& here, std::deque<int>& reached) {
        const Component& c = net_.components[here.component];
        const int circuit = c.info->ports[here.port].circuit;
        for (int k = 0; k < static_cast<int>(c.info->ports.size()); ++k) {
            const PortInfo& port = c.info->ports[k];
            if (k == here.port || !port.kind->has_medium || port.circuit != circuit) continue;
            const int other = node_of(net_, c, k);
            const Step step{here.component, n, at(here.component, k) - at(here.component, here.port)};
            if (seen_[other]) {
                if (std::abs(height_[n] + step.rise - height_[other]) > closes_within) refuse(other, step);
                continue;
            }
            seen_[other] = 1;
            height_[other] = height_[n] + step.rise;
            via_[other] = step;
            reached.push_back(other);
        }
    }

    std::vector<Step> way_to(int node) const {
        std::vector<Step> steps;
        for (int n = node; via_[n].component >= 0; n = via_[n].from) steps.push_back(via_[n]);
        std::reverse(steps.begin(), steps.end());
        return steps;
    }
    // The loop: from where both ways part to the node before the last step, over that step, and back the other way.
    [[noreturn]] void refuse(int node, const Step& last) const {
        std::vector<Step> loop = way_to(last.from), back = way_to(node);
        std::size_t common = 0;
        const auto same = [](const Step& a, const Step& b) { return a.component == b.component && a.from == b.from; };
        while (common < std::min(loop.size(), back.size()) && same(loop[common], back[common])) ++common;
        loop.erase(loop.begin(), loop.begin() + common);
        loop.push_back(last);
        for (std::size_t k = back.size(); k-- > common;) loop.push_back({back[k].component, -1, -back[k].rise});
        std::vector<std::pair<std::string, double>> rises;  // cells of one chain together
        double sum = 0.0;
        for (const Step& step : loop) {
            sum += step.rise;
            if (step.rise == 0.0) continue;
            const std::string& path = net_.components[step.component].path;
            const std::string name = path.substr(0, path.rfind(".cell["));
            if (rises.empty() || rises.back().first != name) rises.emplace_back(name, 0.0);
            rises.back().second += step.rise;
        }
        std::vector<std::string> texts;
        for (const auto& [name, rise] : rises) texts.push_back(fmt::format("{} {:+.6g} m", name, rise));
        const Circuit& circuit = net_.circuits[net_.nodes[node].circuit];
        const Component& named =
            net_.components[circuit.references.empty() ? last.component : circuit.references.front().component];
        throw topology_error(
            fmt::format(
                "the circuit of {} does not close in height: around one of its loops the rises add up to {:+.6g} "
                "m instead of 0 ({}); every connection has one height, so correct a `rise`, or give one to the "
                "component that leads back",
                named.path, sum, fmt::join(texts, ", ")),
            net_.components[last.component].where);
    }
};

}  // namespace

bool has_heights(const Network& net, const Values& values) {
    return std::any_of(net.components.begin(), net.components.end(),
                       [&](const Component& c) { return rise_of(net, c, values) != 0.0; });
}

std::vector<double> node_heights(const Network& net, const Values& values) { return Heights(net, values).found(); }

}  // namespace kelvolt
