"""What results show of themselves in a notebook."""

from html.parser import HTMLParser
from xml.etree import ElementTree

import kelvolt as kv
import pytest
from kelvolt.base.tables import MOST_ROWS, Table


class Page(HTMLParser):
    """The texts of a page outside and inside of what is folded, its captions and rows; every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows = {False: 0, True: 0}
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "tr" and "tbody" in self.open:
            self.rows["details" in self.open] += 1

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data + "\n"


@pytest.mark.parametrize("count", [0, 1, MOST_ROWS, MOST_ROWS + 1, 100])
def test_a_table_folds_what_is_beyond_its_first_rows_and_loses_none(count):
    page = Page(Table(["what", "value"], [[f"row {k}", str(k)] for k in range(count)]).html("rows"))
    assert page.rows == {False: min(count, MOST_ROWS), True: max(count - MOST_ROWS, 0)}
    assert ("more row" in page.text) == (count > MOST_ROWS)
    assert all(f"row {k}" in page.text for k in range(count))


def test_a_sizing_shows_its_design_and_all_margins_with_units():
    found = kv.size(kv.load("single_loop"), "pump.P_el", {"speed.value": (0.3, 1.0)}, "gpu.T_die <= 75 degC")
    page = Page(found._repr_html_())
    assert found.objective_unit == "W" and f"pump.P_el = {found.objective:.6f} W" in page.text
    assert "W per K" in page.text and "speed.value" in page.text
    assert sum(page.rows.values()) >= len(found.design) + len(found.binding) + len(found.margins)  # and the state there
    assert "(SI), all" not in found.summary()


@pytest.mark.parametrize(
    ("objective", "unit"),
    [
        ("sum(gpu[*].power)", "W"),
        ("2*pump.P_el + max(gpu[*].power)/3", "W"),
        ("max(gpu[*].T_die)", "K"),
        ("max(gpu[*].T_die) - mean(gpu[*].T_case)", "delta_K"),
        ("pump.P_el * pump.P_el", ""),
        ("pump.P_el + pump.P_el * max(gpu[*].T_die)", ""),
    ],
)
def test_an_objective_has_a_unit_where_it_is_made_of_values_of_one_unit(objective, unit, case):
    from kelvolt.base.expressions import Expression

    solution = case.steady()
    assert Expression(objective).unit(lambda path: solution._core.find(path).unit(0)) == unit


def test_ranges_show_quantities_limits_and_inputs():
    found = kv.uncertainty(kv.load("single_loop"), 16)
    page = Page(found._repr_html_())
    assert "16 draws" in page.text and "Probability that limits hold" in page.text
    assert page.rows[False] >= min(len(found.main), MOST_ROWS)


def test_a_calibration_shows_its_parameters_and_warnings():
    case = kv.load("single_loop")
    dies = [case.copy().update({"speed.value": v}).steady().at("gpu.T_die") for v in (0.5, 0.6, 0.75)]
    measured = {"speed.value": [0.5, 0.6, 0.75], "gpu.T_die": dies}
    found = kv.calibrate(case, measured, {"gpu.R_jc": (0.005, 0.05)})
    page = Page(found._repr_html_())
    assert "gpu.R_jc" in page.text and "scatter" in page.text
    assert page.rows[False] == len(found.parameters) == 1
    assert all(warning in page.text for warning in found.warnings)


def test_a_power_flow_and_contingencies_show_every_row():
    case = kv.load("edge_site")
    flow = case.steady().power_flow()
    page = Page(flow._repr_html_())
    assert all(path in page.text for path in flow.buses["bus"]) and "power balance closes" in page.text
    found = kv.contingencies(case)
    page = Page(found._repr_html_())
    assert sum(page.rows.values()) == len(found.brief) and "contingencies" in page.text
    assert page.rows[False] == min(len(found.brief), MOST_ROWS)


def test_a_power_flow_without_an_electric_network_says_so(case):
    assert "no electric network" in case.steady().power_flow()._repr_html_()


# ---- pictures ----


@pytest.mark.parametrize("name", ["single_loop", "edge_site", "campus_feeder"])
def test_a_solution_draws_itself_as_svg(name):
    drawing = kv.load(name).steady().schematic()
    elements = list(ElementTree.fromstring(f"<all>{drawing}</all>"))
    assert elements and all(e.tag.endswith("svg") for e in elements)
    assert drawing._repr_html_() == str(drawing)
    assert (drawing._repr_svg_() == drawing) == (len(elements) == 1)
    assert repr(drawing).startswith(f"<{len(elements)} SVG drawing") and len(repr(drawing)) < 80


def test_a_drawing_has_the_units_that_are_asked_for():
    solution = kv.load("single_loop").steady()
    assert "°F" in solution.schematic("us") or "degF" in solution.schematic("us")
    assert solution.schematic("us") != solution.schematic()


def test_a_solution_without_flow_or_network_says_that_there_is_nothing_to_draw():
    solution = kv.read({"kelvolt": 1, "components": {"room": {"model": "ambient", "T": "20 degC"}}}).steady()
    with pytest.raises(kv.InputError, match="nothing to draw"):
        solution.schematic()
    with pytest.raises(kv.InputError, match="nothing to plot"):
        solution.plot()


@pytest.mark.parametrize(
    ("name", "title"), [("gb200_nvl72_rack", "flow"), ("single_loop", "speed"), ("campus_feeder", "")]
)
def test_a_solution_plots_branches_or_the_pump_or_where_power_goes(name, title):
    figure = kv.load(name).steady().plot()
    texts = [t.get_text() for axes in figure.axes for t in axes.findobj(lambda x: hasattr(x, "get_text"))]
    assert any(title in text for text in texts) and any(texts)
