"""The same loop in pandapipes, made from the values of Kelvolt's case."""

import warnings

import numpy as np
from CoolProp.CoolProp import PropsSI

PIPES = {  # name: from, to
    "feed": ("supply", "split"),
    "branch_1": ("split", "in_1"),
    "branch_2": ("split", "in_2"),
    "tray_1": ("in_1", "mix"),
    "tray_2": ("in_2", "mix"),
    "back": ("mix", "return"),
}
TRAYS = ("tray_1", "tray_2")
BORE = 0.02  # m, diameter to which the peer's loss coefficients refer
T_ROOM = 293.15


def water(pp):
    """Properties of water by CoolProp at 2.5 bar, as tables for the peer."""
    T = np.linspace(280.0, 350.0, 71)
    table = {name: [PropsSI(key, "T", t, "P", 2.5e5, "Water") for t in T] for name, key in KEYS.items()}
    props = {name: pp.FluidPropertyInterExtra(T, np.array(y)) for name, y in table.items()}
    props |= {"compressibility": pp.FluidPropertyConstant(1.0), "der_compressibility": pp.FluidPropertyConstant(0.0)}
    return pp.Fluid("water_coolprop", "liquid", **props)


KEYS = {"density": "D", "viscosity": "V", "heat_capacity": "C"}


def loss_coefficient(case, tray):
    """Loss coefficient of a pressure drop that is quadratic in flow, at the density of its nominal point."""
    rho = PropsSI("D", "T", case[f"{tray}.T_nominal"], "P", 2.5e5, "Water")
    velocity = case[f"{tray}.V_flow_nominal"] / (np.pi / 4 * BORE**2)
    return case[f"{tray}.dp_nominal"] / (0.5 * rho * velocity**2)


def peer(case):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandapipes as pp
    net = pp.create_empty_network(fluid=None)
    net["fluid"] = water(pp)
    T, p = case["facility.T_supply"], (case["facility.p_return"] + case["facility.dp"]) / 1e5
    names = sorted({end for ends in PIPES.values() for end in ends})
    node = {n: pp.create_junction(net, pn_bar=p, tfluid_k=T, name=n) for n in names}
    lift = case["facility.dp"] / 1e5
    pp.create_circ_pump_const_pressure(net, node["return"], node["supply"], p_flow_bar=p, plift_bar=lift, t_flow_k=T)
    for name, (a, b) in PIPES.items():
        if name in TRAYS:
            loss = loss_coefficient(case, name)
            heat = -case[f"{name}.heat"]  # in the peer, heat taken out is positive
            pp.create_heat_exchanger(net, node[a], node[b], heat, BORE * 1e3, loss_coefficient=loss, name=name)
            continue
        pp.create_pipe_from_parameters(
            net,
            node[a],
            node[b],
            length_km=case[f"{name}.length"] / 1e3,
            inner_diameter_mm=case[f"{name}.diameter"] * 1e3,
            k_mm=case[f"{name}.roughness"] * 1e3,
            loss_coefficient=case[f"{name}.minor_loss"],
            u_w_per_m2k=case[f"{name}.U"],
            text_k=T_ROOM,
            sections=1,
            name=name,
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pp.pipeflow(
            net,
            mode="bidirectional",
            friction_model="swamee-jain",
            tol_p=1e-8,
            tol_m=1e-8,
            tol_T=1e-6,
            max_iter_bidirect=100,
        )
    return net


def check(bench):
    case = bench.load()
    ours, net = case.steady(), peer(case)
    flows = dict(zip(net.pipe.name, net.res_pipe.mdot_from_kg_per_s, strict=True))
    flows |= dict(zip(net.heat_exchanger.name, net.res_heat_exchanger.mdot_from_kg_per_s, strict=True))
    nodes = net.res_junction.assign(name=net.junction.name.values).set_index("name")
    why = bench.reference["why"]
    for name in PIPES:
        bench.expect(f"{name}: flow", ours[f"{name}.m_flow"], flows[name], "kg/s", "0.1 %", why)
        bench.expect(f"{name}: outlet", ours[f"{name}.b.T"], nodes.t_k[PIPES[name][1]], "K", 0.03, why)
    for name in ("feed", "tray_1", "tray_2"):
        bench.expect(f"{name}: outlet pressure", ours[f"{name}.b.p"], nodes.p_bar[PIPES[name][1]], "bar", 0.0005, why)
