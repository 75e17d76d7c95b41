/// Connections between parts: "a.out -> hose -> tray[1..18]". Two lists are connected pair by pair; a list of one is
/// connected to all of the other.
#pragma once

#include "solver/assembly/builder.hpp"
#include "solver/case/parts.hpp"

namespace kelvolt {

/// Makes the connections of one assembly, whose components the builder already has.
class Connector {
   public:
    explicit Connector(Builder& builder) : builder_(builder) {}

    void connect(Part& assembly, const std::string& path);

   private:
    /// A component, assembly or port named by an end of a connection.
    struct End {
        Part* part;
        std::string path;
        std::vector<PathStep> rest;  ///< port, or cell and port, of the part; empty: the part itself
    };
    enum class Side { in, out };

    Builder& builder_;
    PartFinder finder_;

    std::vector<End> ends(Part& assembly, const std::string& path, const std::vector<PathStep>& steps,
                          const Where& where);
    PortRef port(const End& end, Side side, const Where& where);
    PortRef named_port(const End& end, const Where& where);
    PortRef outward_port(Part& part, const std::string& path, const Assembly::Port& port);
    PortRef through(const End& end, Side side, const Where& where);
    PortRef port_of_component(const std::string& path, const ModelInfo& info, Side side, const Where& where) const;
};

}  // namespace kelvolt
