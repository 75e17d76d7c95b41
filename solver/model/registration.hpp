/// Makes the registry entry of a model from its declarations.
#pragma once

#include <stdexcept>

#include "solver/model/typed_block.hpp"

namespace kelvolt {

namespace detail {

template <class D>
ParamInfo param_info(const D& d) {
    ParamInfo p;
    p.name = d.name;
    p.doc = d.doc;
    if constexpr (IsNumber<D>) {
        p.type = ParamInfo::Type::number;
        p.unit = d.unit;
        p.range = d.range;
        p.fallback = d.fallback;
        p.required = d.required;
        p.homotopy = d.homotopy_;
        p.answer = d.answer_;
        p.use = d.use_;
    } else if constexpr (IsChoice<D>) {
        p.type = ParamInfo::Type::choice;
        p.fallback = d.fallback;
        p.options.assign(d.options.begin(), d.options.end());
    } else if constexpr (IsCurve<D>) {
        p.type = ParamInfo::Type::curve;
        p.unit = d.unit;
        p.x_unit = d.x_unit;
        p.required = d.required;
    } else {
        p.type = ParamInfo::Type::medium;
        p.required = true;
    }
    return p;
}

/// Parameters are numbered within their own type.
template <class P>
void read_params(ModelInfo& m) {
    int counts[4] = {0, 0, 0, 0};
    each(declared<P>, [&](const auto& d) {
        ParamInfo p = param_info(d);
        p.index = counts[static_cast<int>(p.type)]++;
        m.params.push_back(std::move(p));
    });
    m.numbers = counts[static_cast<int>(ParamInfo::Type::number)];
}

/// Local variables are numbered in the order of declaration: potentials of ports, unknowns.
template <class V>
void read_vars(ModelInfo& m) {
    std::vector<std::pair<int, std::string_view>> feeders;
    each(declared<V>, [&]<class D>(const D& d) {
        if constexpr (IsPort<D>) {
            using Port = MemberOf<V, D>;
            m.ports.push_back({std::string(d.name),
                               std::string(d.doc),
                               &Port::kind(),
                               d.circuit_,
                               d.reference_,
                               d.chain_,
                               d.writes_,
                               d.temperature_,
                               d.otherwise_,
                               d.nominal_,
                               m.size,
                               d.source_,
                               d.draws_,
                               {},
                               d.way_});
            if (!d.rated_.empty()) {
                const ParamInfo* stated = m.param(d.rated_);
                if (!stated) throw std::logic_error(m.type + ": no parameter is called " + std::string(d.rated_));
                m.ports.back().rated = stated->index;
            }
            for (std::string_view feeder : d.feeders_)
                if (!feeder.empty()) feeders.emplace_back(int(m.ports.size()) - 1, feeder);
            m.chainable = m.chainable || d.chain_ != Chain::tied;
            m.size += Port::size;
        } else if constexpr (IsUnknown<D>) {
            m.unknowns.push_back({std::string(d.name), std::string(d.unit), std::string(d.doc), std::string(d.balance),
                                  std::string(d.balance_unit), d.nominal, d.start_,
                                  d.electric_ ? Domain::electric : domain_of_unit(d.unit), m.size, d.integrator_,
                                  d.store_});
            ++m.size;
        } else {
            m.discretes.push_back({std::string(d.name), std::string(d.doc), d.initial});
        }
    });
    for (const auto& [port, feeder] : feeders) {
        const PortInfo* from = m.port(feeder);
        if (!from) throw std::logic_error(m.type + ": no port is called " + std::string(feeder));
        m.ports[port].feeders.push_back(static_cast<int>(from - m.ports.data()));
    }
}

}  // namespace detail

/// Reads a model's declarations into its ModelInfo, once.
template <Model M>
const ModelInfo& register_model() {
    static const ModelInfo info = [] {
        ModelInfo m;
        m.type = M::type;
        m.doc = M::doc;
        m.role = M::role;
        if constexpr (requires { M::former; }) m.former = M::former;
        m.surroundings = requires { M::surroundings; };
        detail::read_params<typename M::template Params<double>>(m);
        detail::read_vars<typename M::template Vars<double>>(m);
        m.outputs = TypedBlock<M>::output_infos(m);
        m.make = [] {
            auto block = std::make_unique<TypedBlock<M>>();
            block->info = &register_model<M>();
            block->entries = TypedBlock<M>::structure();
            return block;
        };
        return m;
    }();
    return info;
}

}  // namespace kelvolt
