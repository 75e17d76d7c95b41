"""DC networks compared with pandapower's DC power flow and with closed forms."""

import math

import electric_nets as nets
import kelvolt as kv


def ladder(V, R, P, count):
    """A cable of several cells, fed from one end, with one load at the other."""
    net = kv.Network()
    source = net.add("dc_source", "source", V=V, R=R)
    cable = net.add("dc_cable", "cable", count=count, length=1.0, R=R, alpha=0.0)
    net.connect(source["bus"], cable["a"][0])
    net.connect(cable["b"][:-1], cable["a"][1:])
    net.connect(cable["b"][-1], net.add("dc_load", "load", V=V, P=P)["bus"])
    return net.build().steady()


def check(bench):
    why = bench.reference["why"]
    for V, R, P, count in ((0.8, 4e-5, 800.0, 3), (50.0, 1e-3, 33e3, 8), (800.0, 2e-4, 13e6, 30)):
        # the upper root of v^2 - V v + R P = 0 with all resistances in series
        v = 0.5 * (V + math.sqrt(V * V - 4.0 * (count + 1) * R * P))
        found, what = ladder(V, R, P, count), f"ladder of {count} cells at {V:g} V"
        bench.expect(f"{what}: v/V", found["load.bus.v"] / V, v / V, "1", 1e-9, why)
        bench.expect(f"{what}: power balance", found.raw.audit.energy_relative, 0.0, "1", 1e-9, "over what passes")
    meshed(bench, nets.quiet(lambda: __import__("pandapower")))


LINES = ((0, 1, 0.8), (1, 2, 0.5), (2, 3, 0.6), (3, 0, 1.1), (1, 3, 0.9), (2, 4, 0.4), (3, 4, 0.7))  # from, to, km


def meshed(bench, pp):
    """Five buses at 800 V, seven cables in loops; the peer's converter holds bus 0 and it carries one DC load."""
    net = pp.create_empty_network(f_hz=50)
    ac = pp.create_bus(net, 10.0)
    pp.create_ext_grid(net, ac)
    bus = [pp.create_bus_dc(net, 0.8) for _ in range(5)]
    held = {"control_mode_ac": "q_mvar", "control_value_ac": 0.0, "control_mode_dc": "vm_pu", "control_value_dc": 1.0}
    pp.create_vsc(net, ac, bus[0], 0.01, 0.1, 0.01, **held)
    for a, b, km in LINES:
        pp.create_line_dc_from_parameters(net, bus[a], bus[b], km, 0.03, 1.0)
    pp.create_load_dc(net, bus[4], 0.4)
    nets.quiet(lambda: pp.runpp(net, tolerance_mva=1e-12))
    ours = kv.Network()
    source = ours.add("dc_source", "source", V=800.0, R=1e-9)
    a, b = ([line[k] for line in LINES] for k in (0, 1))
    cable = ours.add("dc_cable", "cable", count=len(LINES), length=[1e3 * k for _, _, k in LINES], R=3e-5, alpha=0.0)
    load = ours.add("dc_load", "load", V=800.0, P=400e3)
    ends = [[] for _ in bus]
    ends[0].append(source["bus"])
    ends[4].append(load["bus"])
    for name, nodes in (("a", a), ("b", b)):
        for k, node in enumerate(nodes):
            ends[node].append(cable[name][k])
    for first, *others in ends:
        for port in others:
            ours.connect(first, port)
    found = ours.build().steady()
    names = {node: f"cable[{k + 1}].{side}.v" for side, nodes in (("a", a), ("b", b)) for k, node in enumerate(nodes)}
    for k, v in enumerate(net.res_bus_dc.vm_pu):
        bench.expect(f"mesh: v of bus {k}", found[names[k]] / 800.0, v, "1", 1e-6, bench.reference["why_mesh"])
