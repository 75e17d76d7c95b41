"""The rack's heat calculated from its boundary values with the peer's enthalpies."""

from CoolProp.CoolProp import PropsSI

PEERS = {"water": "Water", "melinder_pg25": "INCOMP::MPG-25%"}
HEAT = 115.56e3


def check(bench):
    for medium, peer in PEERS.items():
        text = bench.text()
        text["components"]["supply"]["medium"] = medium
        solution = bench.read(text).steady()
        into, out = (
            PropsSI("H", "T", solution[f"{e}.port.T"], "P", solution[f"{e}.port.p"], peer) for e in ("supply", "return")
        )
        heat = solution["supply.m_flow"] * (out - into)
        bench.expect(f"{medium}: heat by {peer}", heat, HEAT / 1e3, "kW", "0.2 %", bench.reference["why"])
        rho = PropsSI("D", "T", solution["supply.port.T"], "P", solution["supply.port.p"], peer)
        mass = rho * 130e-3 / 60
        bench.expect(
            f"{medium}: mass flow", solution["supply.m_flow"], mass, "kg/s", "0.1 %", "130 L/min of the peer's density"
        )
