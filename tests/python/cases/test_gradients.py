"""Gradients: exact derivatives of solutions against differences, margins, tables, curves under factors, expressions."""

import kelvolt as kv
import numpy as np
import pytest
from conftest import CASES
from kelvolt import _core
from kelvolt.base.chained import Chained
from kelvolt.base.comparisons import Comparison
from kelvolt.base.expressions import Expression
from kelvolt.cases.sensitivity import Points, Variables, sensitivity_table


def difference(case, path, value, step):
    """d(value)/d(path) of fourth order, value a function of a solution."""
    base = case[path]
    at = {}
    for k in (-2, -1, 1, 2):
        other = case.copy()
        other[path] = base + k * step
        at[k] = value(other.steady())
    return (8.0 * (at[1] - at[-1]) - (at[2] - at[-2])) / (12.0 * step)


@pytest.fixture(scope="module")
def loop():
    return kv.load(CASES / "single_loop.yaml")


@pytest.mark.parametrize("of", ["gpu.T_die", "pump.P_el", "plate.dp", "pump.m_flow"])
def test_every_parameter_of_a_loop_as_differences_say(loop, of):
    sol = loop.steady()
    params = _core.number_parameters(loop.core)
    slopes = np.asarray(_core.gradients(sol.raw, loop.core.find(of), params))[0]
    checked = 0
    for path, slope in zip(params.paths, slopes, strict=True):
        base = sol.raw.read(loop.core.find(path))
        p = float(np.asarray(base)[0])
        if not np.isfinite(p) or p == 0.0:
            continue
        try:
            rough = difference(loop, path, lambda s: s[of], 1e-4 * p)
        except kv.Error:  # a step would leave the parameter's range
            continue
        scale = abs(sol[of] / p)
        assert slope == pytest.approx(rough, rel=2e-5, abs=1e-6 * scale), path
        checked += abs(slope) > 1e-4 * scale
    assert checked >= 10  # many of them matter


def test_a_table_of_gradients_has_the_levels_of_both(case):
    sol = case.steady()
    table = sol.gradient("gpu[*].T_die", "gpu[*].power")
    assert table.shape == (3, 3)
    assert table[1] == pytest.approx(sol.gradient("gpu[2].T_die", "gpu[*].power"))
    assert table[1, 1] == pytest.approx(sol.gradient("gpu[2].T_die", "gpu[2].power"))
    assert (np.diag(table) > 3.0 * table[0, 1]).all()


def test_a_gradient_of_a_flow_or_parameter_is_refused_by_name(loop):
    sol = loop.steady()
    for of in ("plate.a.m_flow", "gpu.power"):
        with pytest.raises(kv.InputError, match=of.split(".")[-1]):
            sol.gradient(of, "gpu.power")


def test_margins_have_gradients_where_the_limit_moves_too(loop):
    # runout: the limit is the end of the curve at this speed, so both sides of the margin depend on the speed
    sol = loop.steady()
    verdicts = sol.raw.verdicts
    by = loop.core.find_parameters("speed.value")
    for number, v in enumerate(verdicts):
        if v.verdict == "not assessed" or v.is_balance:
            continue

        def margin(s, wanted=v):
            return next(o.margin for o in s.raw.verdicts if (o.id, o.scope) == (wanted.id, wanted.scope))

        slope = np.asarray(_core.margin_gradients(sol.raw, [number], by))[0, 0]
        assert slope == pytest.approx(difference(loop, "speed.value", margin, 1e-4), rel=1e-5, abs=1e-6), v.id
        # the coldest connection of one circuit is the facility's supply, which no pump moves
        assert abs(slope) > 1e-6 or (v.id == "freezing" and v.scope == "facility")


def test_what_moves_a_die_most_comes_first(loop):
    sol = loop.steady()
    table = sol.sensitivity_table("gpu.T_die")
    effect = table["effect_1pct"].abs()
    assert effect.is_monotonic_decreasing and len(table) > 60
    assert table["parameter"][0] == "facility.T_supply"  # one for one in kelvin
    assert table.loc[0, "gradient"] == pytest.approx(1.0, abs=0.1)
    assert table.set_index("parameter").loc["gpu.R_jc", "elasticity"] == pytest.approx(
        sol["gpu.P"] * 0.01 / sol["gpu.T_die"], rel=0.2
    )
    assert table.attrs["unit"] == "K" and {"unit", "count"} <= set(table.columns)


def test_elements_of_an_array_are_one_row_unless_each_is_asked_for(case):
    sol = case.steady()
    rows = sensitivity_table(sol, "gpu[1].T_die").set_index("parameter")
    each = sensitivity_table(sol, "gpu[1].T_die", each=True).set_index("parameter")
    assert rows.loc["gpu[*].power", "count"] == 3
    parts = each.loc[[f"gpu[{i}].power" for i in (1, 2, 3)], "gradient"]
    assert rows.loc["gpu[*].power", "gradient"] == pytest.approx(parts.sum())
    with pytest.raises(kv.InputError, match="one value"):
        sensitivity_table(sol, "gpu[*].T_die")


def test_variables_that_move_together_add_up(case):
    variables = Variables(case, ["gpu[*].power", "facility.T_supply"])
    points = Points(case, variables)
    x = variables.now(case)
    assert x == pytest.approx([1100.0, 303.15])
    (die,) = points.values(x, ["gpu[1].T_die"])
    sol = case.steady()
    assert die.by[0] == pytest.approx(
        [sol.gradient("gpu[1].T_die", "gpu[*].power").sum(), sol.gradient("gpu[1].T_die", "facility.T_supply")]
    )
    with pytest.raises(kv.InputError, match="two"):
        Variables(case, ["gpu[*].power", "gpu[1].power"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 * x.a + y.b ** 2 / 3", lambda x, y: 2 * x[0] + y**2 / 3),
        ("max(x.a, y.b) - min(x.a)", lambda x, y: max(*x, y) - min(x)),
        ("sum(x.a) / mean(x.a) + abs(-y.b)", lambda x, y: len(x) + abs(y)),
        ("sqrt(y.b) * exp(-y.b / 4) + log(y.b)", lambda x, y: y**0.5 * np.exp(-y / 4) + np.log(y)),
        ("2 ** y.b - 1 / y.b", lambda x, y: 2**y - 1 / y),
    ],
)
def test_expressions_carry_exact_derivatives(text, value):
    expression = Expression(text)

    def chained(x, y):
        known = {"x.a": Chained(np.array(x), np.eye(3)[:2]), "y.b": Chained(np.array([y]), np.eye(3)[2:])}
        return expression([known[p] for p in expression.paths])

    at, h = np.array([1.3, 0.7, 2.1]), 1e-6
    got = chained(at[:2], at[2])
    assert got.value[0] == pytest.approx(value(list(at[:2]), at[2]))
    for k in range(3):
        up, down = at + h * np.eye(3)[k], at - h * np.eye(3)[k]
        slope = (value(list(up[:2]), up[2]) - value(list(down[:2]), down[2])) / (2 * h)
        assert got.by[0, k] == pytest.approx(slope, abs=1e-8)


@pytest.mark.parametrize("text", ["gpu.T_die +", "power", "__import__('os').x", "max(gpu.T) if 1 else 2", "3", "a.b[0"])
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(kv.InputError):
        Expression(text)


def test_a_comparison_reads_units_and_knows_its_sign():
    low = Comparison("mean(gpu[*].T_die) >= 20 degC", lambda path: "K")
    assert low.right == pytest.approx(293.15) and not low.at_most
    margin = low([Chained(np.array([300.0]), np.ones((1, 1)))])
    assert margin.value[0] == pytest.approx(6.85) and margin.by[0, 0] == 1.0
    with pytest.raises(kv.InputError, match="no limit"):
        Comparison("gpu.T_die", lambda path: "K")


def test_curves_are_varied_on_a_network_of_their_own(loop):
    sol = loop.steady()
    factors = _core.CurveFactors(loop.core)
    found = factors.case.find("pump.m_flow")
    same = np.asarray(factors.case.steady(sol.raw).read(found))[0]
    assert same == pytest.approx(sol["pump.m_flow"], rel=1e-9)
    factors.set("pump", "dp", 1.2)
    more = np.asarray(factors.case.steady(sol.raw).read(found))[0]
    factors.set("pump", "dp", 1.0)
    again = np.asarray(factors.case.steady(sol.raw).read(found))[0]
    assert more > 1.05 * same and again == pytest.approx(same, rel=1e-9)
    assert loop.steady()["pump.m_flow"] == pytest.approx(sol["pump.m_flow"], rel=1e-9)
    for component, parameter, factor in (("pump", "speed", 1.0), ("pomp", "dp", 1.0), ("pump", "dp", 0.0)):
        with pytest.raises(kv.InputError, match=component):
            factors.set(component, parameter, factor)


def test_the_margin_of_a_spread_has_a_gradient(starter_text):
    rule = "  - {of: 'hose[*].m_flow', spread: 0.5, id: sharing}\n"
    case = kv.read(starter_text.replace("limits:\n", "limits:\n" + rule))
    case["hose[2].length"] = 3.0
    sol = case.steady()
    number = next(k for k, v in enumerate(sol.raw.verdicts) if v.id == "sharing_spread")

    def margin(s):
        return next(v.margin for v in s.raw.verdicts if v.id == "sharing_spread")

    slope = np.asarray(_core.margin_gradients(sol.raw, [number], case.core.find_parameters("hose[2].length")))[0, 0]
    assert slope < -1e-3
    assert slope == pytest.approx(difference(case, "hose[2].length", margin, 1e-3), rel=1e-6)
