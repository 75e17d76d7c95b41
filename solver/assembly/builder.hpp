/// Makes a Network from components and connections: numbers the unknowns, finds circuits and their pressure references,
/// adds volumes and constants that are missing, and names what cannot be solved.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "solver/network/network.hpp"

namespace kelvolt {

/// Settings of a network.
struct NetworkSettings {
    double T_start = 303.15;          ///< cold-start value of every temperature [K]
    double junction_volume = 2.0e-5;  ///< coolant volume of a connection to which no component gives one [m3], assumed
};

class Builder {
   public:
    NetworkSettings settings;

    /// Adds one component. Throws Error(input) for a duplicate or malformed path.
    int add(std::string path, const ModelInfo& info, Where where = {});
    /// Adds a chain of n cells `path.cell[1..n]`. Outside it has the ports of one component, and `way[i]`, the outlet
    /// of cell i. Heat ports are tied to one temperature if they are connected outside, else every cell is insulated.
    void add_chain(const std::string& path, const ModelInfo& info, int cells, Where where = {});

    /// Sets a number in SI, checked against its range; for a chain in every cell.
    void set_number(std::string_view path, std::string_view param, double si, Where where = {});
    void set_choice(std::string_view path, std::string_view param, std::string_view option, Where where = {});
    void set_curve(std::string_view path, std::string_view param, std::shared_ptr<const Curve> curve, Where where = {});
    /// Gives an unconnected signal port a constant value (a `constant` component named `<path>.<port>_constant`).
    void set_signal(std::string_view path, std::string_view port, double value, Where where = {});
    void set_medium(std::string_view path, std::string_view param, const Medium& medium, Where where = {});

    /// Adds a second name for a port ("rack.inlet" for "rack.manifold.cell[1].a").
    void alias(std::string name, std::string_view port, Where where = {});
    /// The port that a name means: "component.port", or a component whose port is chosen by `otherwise`.
    PortRef port(std::string_view name, Where where = {}) const;
    void connect(PortRef a, PortRef b, Where where = {});
    void connect(std::string_view a, std::string_view b, Where where = {}) {
        connect(port(a, where), port(b, where), where);
    }
    /// The model of the component at a path (of a chain: that of its cells); null if there is none.
    const ModelInfo* info_of(std::string_view path) const;
    /// The components at a path: the component itself, or the cells of a chain.
    const std::vector<int>& members(std::string_view path, Where where = {}) const;

    Network build() &&;

   private:
    friend class NetworkAssembly;
    struct Draft {
        std::string path;
        const ModelInfo* info;
        Where where;
        std::vector<double> numbers;
        std::vector<int> choices;
        std::vector<std::shared_ptr<const Curve>> curves;
        std::vector<const Medium*> media;
    };
    const ParamInfo& param_of(int component, std::string_view param, ParamInfo::Type type, const Where& where) const;
    void tie_ports();

    std::vector<Draft> drafts_;
    std::unordered_map<std::string, std::vector<int>> members_;
    std::unordered_map<std::string, PortRef> aliases_;
    std::vector<std::pair<PortRef, PortRef>> joins_;
    std::vector<std::vector<PortRef>> tied_;  ///< per chain and port: the cells' heat or signal ports
    std::vector<PortRef> inner_joints_;       ///< outlets of cells that end at the next cell of their chain
    std::vector<int> first_port_;             ///< running number of each component's first port
    int port_count_ = 0;
};

}  // namespace kelvolt
