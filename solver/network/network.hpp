/// The immutable system of equations F(t, y, dy/dt, p) = 0: components in blocks of one model each, unknowns numbered
/// and scaled, structure of the Jacobian known. Values, workspaces and factorisations are separate, one set per thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "solver/error.hpp"
#include "solver/model/block.hpp"

namespace kelvolt {

/// One component: its place in the case, and its place in the blocks.
struct Component {
    std::string path;
    const ModelInfo* info;
    int block, instance;
    Where where;
};
struct PortRef {
    int component = -1, port = -1;
    friend bool operator==(const PortRef&, const PortRef&) = default;
};
/// A connection: ports that share potentials. Its unknowns are numbered from `first`.
struct Node {
    const PortKind* kind;
    int first;
    int circuit;  ///< of fluid nodes; else -1
    std::vector<PortRef> ports;
    bool is_dc() const { return kind->pairs.size() == 1; }
    bool is_four_wire() const { return kind->pairs.size() == 8; }
};
/// Fluid nodes that exchange coolant, and the ports that fix their pressure.
struct Circuit {
    const Medium* medium;
    std::vector<PortRef> references;
    bool closed;  ///< it has an expansion vessel and no boundary
};

/// Structure of the sparse Jacobian, compressed columns, 64-bit integers as required by SUNDIALS and KLU.
struct Structure {
    std::vector<std::int64_t> col_ptr, row;
    std::vector<char> on_value, on_der;  ///< per entry
    std::int64_t nonzeros() const { return col_ptr.back(); }
};

class ElectricGraph;

class Network {
   public:
    int size() const { return static_cast<int>(nominal.size()); }

    std::vector<std::unique_ptr<Block>> blocks;
    std::vector<Component> components;
    std::vector<Node> nodes;
    std::vector<Circuit> circuits;
    std::deque<std::shared_ptr<const Curve>> curves;  ///< keeps the curves of the blocks alive

    std::vector<double> nominal;     ///< per unknown
    std::vector<double> start;       ///< cold-start guess per unknown
    std::vector<Domain> domain;      ///< per unknown
    std::vector<char> differential;  ///< per unknown: its derivative appears somewhere
    std::vector<char> temperature;   ///< per unknown: an absolute temperature [K]
    std::vector<char> integrator;    ///< per unknown: a controller's integral
    Structure structure;
    std::shared_ptr<const ElectricGraph> electric;  ///< null without electric connections
    Values initial;                                 ///< parameters as given, discrete variables at their start
    std::vector<std::string> notes;                 ///< what the builder added or assumed, for the report

    /// `only`: blocks to evaluate; the equations of others are left at zero. Null: all.
    void residual(const Point& at, double* r, const std::vector<int>* only = nullptr) const;
    void jacobian(const Point& at, const Seeds& seeds, double* r, double* values,
                  const std::vector<int>* only = nullptr) const;
    /// grad[p] = lambda^T dF/dp for all number parameters.
    void param_product(const Point& at, const double* lambda, double* grad) const;

    /// Is it a potential of a node? Those are numbered first, then the unknowns of components.
    bool is_node(int unknown) const {
        return !nodes.empty() && unknown < nodes.back().first + static_cast<int>(nodes.back().kind->pairs.size());
    }
    /// -1 if absent.
    int find(std::string_view path) const;
    const Component& component(int id) const { return components[id]; }
    const Block& block_of(const Component& c) const { return *blocks[c.block]; }
    /// Global number of local variable `local` of a component.
    int global(const Component& c, int local) const {
        return blocks[c.block]->index[std::size_t(c.instance) * c.info->size + local];
    }
    std::size_t param_position(const Component& c, int number) const {
        const Block& b = *blocks[c.block];
        return b.param_offset + std::size_t(number) * b.count + c.instance;
    }
    /// "rack.tray[3].gpu[2].plate: T_fluid" or "node of rack.hose.b: p".
    std::string variable_name(int unknown) const;
    std::string variable_unit(int unknown) const;
    /// "rack.tray[3].gpu[2].plate: energy balance" or "node of rack.hose.b: sum of m_flow".
    std::string equation_name(int unknown) const;
    std::string equation_unit(int unknown) const;

    std::unordered_map<std::string, int> by_path;

   private:
    struct Owner {
        int component = -1, local = -1, node = -1;
    };
    Owner owner_of(int unknown) const;
};

}  // namespace kelvolt
