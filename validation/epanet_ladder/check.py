"""The same ladder in EPANET, made from the values of Kelvolt's case."""

import os
import tempfile
import warnings

from CoolProp.CoolProp import PropsSI

G = 9.80665
NU_EPANET = 1.1e-5 * 0.3048**2  # m2/s, the viscosity to which EPANET's relative viscosity refers
RUNGS = 27


def peer(case, wntr):
    T = case["facility.T_supply"]
    rho, mu = (PropsSI(q, "T", T, "P", 2.3e5, "Water") for q in ("D", "V"))
    net = wntr.network.WaterNetworkModel()
    hydraulic = net.options.hydraulic
    hydraulic.headloss, hydraulic.viscosity, hydraulic.accuracy, hydraulic.trials = (
        "D-W",
        mu / rho / NU_EPANET,
        1e-8,
        500,
    )
    net.options.time.duration = 0
    net.add_reservoir("supply0", base_head=case["facility.dp"] / (rho * G))
    net.add_reservoir("return0", base_head=0.0)
    segment = {
        "length": case["supply_manifold.cell[1].length"] / RUNGS,
        "diameter": case["supply_manifold.cell[1].diameter"],
    }
    segment["roughness"] = case["supply_manifold.cell[1].roughness"]
    for i in range(1, RUNGS + 1):
        for side in ("supply", "return"):
            net.add_junction(f"{side}{i}", elevation=0.0)
        net.add_pipe(f"up{i}", f"supply{i - 1}", f"supply{i}", **segment)
        net.add_pipe(f"down{i}", f"return{i}", f"return{i - 1}", **segment)
        rung = {q: case[f"tray[{i}].{q}"] for q in ("length", "diameter", "roughness", "minor_loss")}
        net.add_pipe(f"tray{i}", f"supply{i}", f"return{i}", **rung)
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        try:
            os.chdir(folder)  # EPANET writes its files into the working directory
            results = wntr.sim.EpanetSimulator(net).run_sim(file_prefix="ladder")
        finally:
            os.chdir(here)
    return results.link["flowrate"].iloc[0]


def check(bench):
    import wntr

    case = bench.load()
    ours = case.steady()
    with warnings.catch_warnings():  # it warns about the unit of roughness, which is right here
        warnings.simplefilter("ignore")
        theirs = peer(case, wntr)
    why = bench.reference["why"]
    rho = PropsSI("D", "T", case["facility.T_supply"], "P", 2.3e5, "Water")
    for i in range(1, RUNGS + 1):
        bench.expect(
            f"flow of rung {i}", ours[f"tray[{i}].m_flow"] / rho, theirs[f"tray{i}"] * 6e4, "L/min", "0.1 %", why
        )
    total = ours["facility.m_supply"] / rho
    bench.expect("total flow", total, theirs["up1"] * 6e4, "L/min", "0.1 %", why)
    least = float(min(ours["tray[*].Re"].min(), abs(ours["supply_manifold.cell[*].Re"]).min()))
    bench.expect(
        "least Reynolds number over 4000 (1: yes)",
        float(least > 4000),
        1.0,
        "1",
        0.0,
        "below, the two programs join to laminar flow differently",
    )
