"""Packages built of layers, dies and interfaces: their ladder in steady state and in time, frequency and power caps."""

from __future__ import annotations

import math
from typing import Any

import kelvolt as kv
import numpy as np
import pytest

DIE = {"model": "silicon_die", "frequency_nominal": "2 GHz", "frequency": "2 GHz", "C": "0.01 J/K",
       "voltage": {"points": [[1e9, 0.8], [2e9, 1.0]], "x": "Hz", "y": "V"}}  # fmt: skip


def solved(components: dict[str, Any], connections: list[str]) -> kv.Solution:
    return kv.read({"kelvolt": 1, "components": components, "connections": connections}).steady()


def test_a_package_of_two_dies_has_the_temperatures_of_its_ladder() -> None:
    case = {
        "package": {"model": "package_two_dies"},
        "plate": {"model": "conductance", "G": "40 W/K"},
        "cold": {"model": "ambient", "T": "30 degC"},
    }
    s = solved(case, ["package.case -> plate.a", "plate.b -> cold.port"])
    P_die, P_hbm = s["package.die[*].P"], s["package.hbm[*].P"]
    total = sum(P_die) + sum(P_hbm)
    T_case = 303.15 + total / 40.0
    assert s["package.lid.b.T"] == pytest.approx(T_case, abs=1e-6)
    lid = T_case + total * 2.5e-3 / (390 * 30e-4)  # top of the lid
    # die and stacks exchange sideways: two equations of one symmetric half
    R = 0.6e-3 / (110 * 8e-4) + (50e-6 / 20 + 2e-6) / 8e-4
    G = np.array([[1 / R + 0.4, -0.4], [-0.1, 2.0 + 0.1]])
    T_die, T_hbm = np.linalg.solve(G, [P_die[0] + lid / R, P_hbm[0] + 2.0 * lid])
    assert s["package.die[*].T_die"] == pytest.approx([T_die] * 2, abs=1e-6)
    assert s["package.hbm[*].T_die"] == pytest.approx([T_hbm] * 8, abs=1e-6)


def test_one_idle_die_is_warmed_by_the_other_through_the_interposer_and_the_lid() -> None:
    case = {
        "package": {"model": "package_two_dies", "memory_power": "0 W"},
        "cold": {"model": "ambient", "T": "30 degC"},
    }
    c = kv.read({"kelvolt": 1, "components": case, "connections": ["package.case -> cold.port"]})
    c["package.die[2].activity"] = 0.0
    c["package.die[2].leakage_nominal"] = 0.0
    s = c.steady()
    assert s["package.die[1].T_die"] > s["package.hbm[1].T_die"] > s["package.hbm[5].T_die"]
    assert s["package.die[2].T_die"] > s["package.hbm[5].T_die"] > s["package.lid.b.T"]


def test_a_layer_in_cells_warms_as_a_half_space_until_the_heat_has_crossed_it() -> None:
    """Carslaw and Jaeger: rise of the face 2 q sqrt(t/(pi k rho cp)) under a constant flux q."""
    k, rho_cp, q = 120.0, 1.65e6, 1e6
    case = kv.read({
        "kelvolt": 1,
        "components": {
            "heater": {"model": "heat_source", "power": "0 W"},
            "slab": {"model": "package_layer", "area": "1 cm2", "thickness": "5 mm", "k": f"{k} W/(m K)",
                     "rho_cp": f"{rho_cp} J/(m3 K)", "cells": 60},
            "cold": {"model": "ambient", "T": "20 degC"},
        },
        "connections": ["heater.port -> slab.a", "slab.b -> cold.port"],
        "events": [{"at": "1 ms", "set": "heater.power", "to": f"{q * 1e-4} W"}],
    })  # fmt: skip
    run = case.simulate("41 ms", every="5 ms", record=["heater.port.T"], progress=False)
    t = np.asarray(run.time) - 1e-3
    rise = np.asarray(run["heater.port.T"]) - 293.15
    for at in (0.02, 0.04):
        step = int(np.argmin(abs(t - at)))
        assert rise[step] == pytest.approx(2 * q * math.sqrt(t[step] / (math.pi * k * rho_cp)), rel=0.02)


def test_a_controller_on_the_dies_power_holds_a_cap_by_frequency_and_voltage() -> None:
    case = {
        "die": {**DIE, "power": "500 W"},
        "cap": {"model": "pi_controller", "setpoint": 300, "Kp": 0.0005, "Ti": "1 s", "u_min": 0.4, "u_max": 1.0},
        "path": {"model": "conductance", "G": "20 W/K"},
        "cold": {"model": "ambient", "T": "30 degC"},
    }
    s = solved(case, ["die.port -> path.a", "path.b -> cold.port", "die.power -> cap.measurement",
                      "cap.output -> die.throttle"])  # fmt: skip
    assert s["die.P"] == pytest.approx(300.0, rel=1e-6)
    # V = 0.8 + 0.2 (f/1 GHz - 1): (V/1)^2 f/2 = 0.6
    f = np.roots([0.04, 2 * 0.6 * 0.2, 0.36, -1.2])
    expected = float(next(r.real for r in f if abs(r.imag) < 1e-9))
    assert s["die.f"] == pytest.approx(expected * 1e9, rel=1e-3)


def test_two_dies_in_series_on_one_plate_differ_by_the_warmed_coolant_and_the_inlet_of_the_channels() -> None:
    plate = {"model": "oam_plate_geometry"}
    parts = {
        "supply": {"model": "supply", "medium": "PG 25 % by volume", "mode": "flow", "T": "40 degC",
                   "V_flow": "1.5 L/min"},
        "first": plate, "second": {**plate, "entrance": "developed"},
        "die_1": {"model": "heat_source", "power": "500 W"}, "die_2": {"model": "heat_source", "power": "500 W"},
        "back": {"model": "return_line", "p": "2 bar(a)"},
    }  # fmt: skip
    s = solved(parts, ["supply.port -> first -> second -> back.port", "die_1.port -> first.base",
                       "die_2.port -> second.base"])  # fmt: skip
    warmer = s["first.T"] - s["supply.port.T"]
    later = s["second.base.T"] - s["first.base.T"]
    assert later > warmer > 4.0
    assert s["second.Nu"] < s["first.Nu"]


def test_the_package_on_its_board_keeps_its_cap_and_pump_out_costs_what_the_interface_says() -> None:
    case = kv.load("package_board")
    aged = case.steady()
    assert aged["package.die[*].P"] == pytest.approx([400.0] * 2, rel=1e-4)
    assert all(1.3e9 < f < 1.9e9 for f in aged["package.die[*].f"])
    case["grease.age"] = 0.0
    new = case.steady()
    R_new = (30e-6 / 5.0 + 2e-6) / 27e-4
    assert new["grease.R"] == pytest.approx(R_new)
    assert aged["grease.R"] == pytest.approx(1.25 * R_new)
    cooler = aged["package.die[1].T_die"] - new["package.die[1].T_die"]
    assert cooler == pytest.approx(0.25 * R_new * aged["grease.Q_flow"], rel=0.02)
    assert new["package.die[1].f"] > aged["package.die[1].f"]
