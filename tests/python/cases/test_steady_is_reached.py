"""The steady state is the one the machine reaches: the end of a long run from cold, or both say that there is none.

Random draws of every shipped case: cooling water or outdoor air from 3 to 60 degC, power from 0.1 to 1.6 of its own.
KELVOLT_DRAWS=2000 spreads that many over the cases; without it a few of each are drawn, the same every time.
"""

import math
import os
import random

import kelvolt as kv
import numpy as np
import pytest
import yaml
from conftest import CASES

# Not the economiser's plant: far below its load a run in time from cold may stop where its valves and stages hunt.
NAMES = sorted(path.stem for path in CASES.glob("*.yaml") if path.stem != "economiser_plant")
LONG = "6 h"  # from cold: the largest loop has settled to a hundredth of a kelvin by then
SLOW = [name for name in NAMES if name.startswith("hall")]  # 20,000 unknowns: seconds a run


def draws_of(name):
    total = int(os.environ.get("KELVOLT_DRAWS", "0"))
    if not total:
        return 1 if name in SLOW else 8
    slow = total // 25
    return slow if name in SLOW else math.ceil((total - slow * len(SLOW)) / (len(NAMES) - len(SLOW)))


def undisturbed(name, T="25 degC", start=None):
    """The case without what happens in it, from cold or from another start."""
    text = yaml.safe_load((CASES / f"{name}.yaml").read_text())
    for key in ("events", "apply", "profiles", "limits", "record"):
        text.pop(key, None)
    text.get("power", {}).pop("swings", None)
    text["run"] = {"duration": LONG, "start": start or {"T": T}}
    return kv.read(text, name=name, folder=CASES)


def values_named(case, pattern):
    try:
        return list(case.core.find_parameters(pattern).paths)
    except kv.InputError:
        return []


def cooling(name):
    """Where the cold comes from: facility water, a supply of coolant, or else the air."""
    declared = yaml.safe_load((CASES / f"{name}.yaml").read_text())["components"]
    for model, parameter in (("facility", "T_supply"), ("supply", "T"), ("ambient", "T")):
        found = [f"{path}.{parameter}" for path, entry in declared.items() if entry.get("model") == model]
        if found:
            return found
    return []


def end_of(ask):
    try:
        return ask()
    except kv.Error as error:
        return error


def furthest_apart(steady, run):
    """Of all temperatures, how far the steady state lies outside what the last hour of the run saw, and where.

    A loop that hunts (a valve nearly shut, a gain for full load) never comes to rest; the state then lies in its swing.
    """
    table = steady.to_pandas().set_index("path")
    # the humidity of a room takes a day where little outdoor air comes in
    kelvin = [path for path in table.index[table["unit"] == "K"] if not path.endswith(".T_dew")]
    low, high = (run.to_pandas(kind=kind).iloc[-1] for kind in ("minimum", "maximum"))
    seen = [path for path in kelvin if path in low.index]
    state = table["value"][seen]
    apart = np.maximum(np.maximum(low[seen] - state, state - high[seen]), 0.0)
    return (float(apart.max()), apart.idxmax()) if apart.notna().any() else (0.0, "")


@pytest.mark.parametrize("name", NAMES)
def test_the_steady_state_is_where_a_long_run_from_cold_ends(name):
    case = undisturbed(name)
    cold, power = cooling(name), values_named(case, "**.activity")
    chance = random.Random(f"kelvolt {name}")
    for draw in range(draws_of(name)):
        T, factor = chance.uniform(3.0, 60.0) + 273.15, 10.0 ** chance.uniform(-1.0, math.log10(1.6))
        changes = dict.fromkeys(cold, T) | dict.fromkeys(power, factor)
        asked = case.update(changes)
        said = f"{name} draw {draw}: {T - 273.15:.2f} degC, power x {factor:.3f}"
        steady, run = end_of(asked.steady), end_of(lambda a=asked: a.simulate(every="1 h", progress=False))
        if isinstance(run, kv.NoPowerFlow) and not isinstance(steady, kv.Error):
            # it overshoots what its converters carry: the answer warns of that, and lasts
            assert any("the power flow is near its limit" in text for text in steady.warnings), f"{said}: {run!r}"
            run = undisturbed(name, start="steady").update(changes).simulate(every="1 h", progress=False)
        if isinstance(steady, kv.Error) or isinstance(run, kv.Error):
            physical = (kv.NoSteadyState, kv.ThermalRunaway, kv.NoPowerFlow)
            assert isinstance(steady, physical) and isinstance(run, kv.Error), f"{said}: {steady!r} against {run!r}"
            continue
        apart, where = furthest_apart(steady, run)
        assert apart < 0.05, f"{said}: {apart:.3f} K apart at {where}"
        assert np.isfinite(apart)


@pytest.mark.parametrize("T", ["42 degC", "50 degC", "60 degC"])
def test_firmware_at_rest_holds_the_factor_it_comes_to_in_time(T):
    text = yaml.safe_load((CASES / "asic_board.yaml").read_text())
    for key in ("events", "apply", "profiles", "limits", "record"):
        text.pop(key, None)
    text.get("power", {}).pop("swings", None)
    text["run"] = {"duration": LONG, "start": {"T": "30 degC"}}  # as a steady state is begun
    case = kv.read(text, name="asic_board", folder=CASES).update({"chiller.T": T})
    steady, late = case.steady(), case.simulate(every="1 h", progress=False).end
    assert steady["firmware.factor"] < 1.0  # too warm for full power
    assert steady["firmware.factor"] == pytest.approx(late["firmware.factor"], abs=1e-12)
    assert steady["asic.T_die"] == pytest.approx(late["asic.T_die"], abs=0.05)
    assert any("firmware or a switch acts" in w for w in steady.warnings)


def test_where_two_states_of_the_controllers_last_the_answer_says_so_and_a_warm_start_reaches_the_other():
    # fans at their lowest speed: less water that comes back warmer loses as much heat as more water that is cooler
    asked = {path: 279.216 for path in cooling("hall_2n_ac")} | {"rack[*].activity": 0.798}
    steady = undisturbed("hall_2n_ac").update(asked).steady()
    assert any("there is another stable steady state" in text for text in steady.warnings)
    runs = [
        undisturbed("hall_2n_ac", T).update(asked).simulate(every="1 h", progress=False) for T in ("25 degC", "45 degC")
    ]
    cold, warm = (run.to_pandas()["loop.meter.V_flow"].iloc[-1] for run in runs)
    flow = steady.to_pandas().set_index("path")["value"]["loop.meter.V_flow"]
    assert cold == pytest.approx(flow, rel=1e-3)
    assert warm < 0.6 * cold
