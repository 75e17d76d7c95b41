"""The page of `kelvolt serve` as an engineer meets it: opened in a browser, turned, clicked and read."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kelvolt as kv
import pytest
from kelvolt.serve.explorer import Explorer

pytestmark = pytest.mark.skipif(shutil.which("chromedriver") is None, reason="no Chromium with its driver here")
HOTTEST = '[data-figure="hottest die"]'


class Page:
    """A page that is open, with what a reader does on it."""

    def __init__(self, browser: Any, explorer: Explorer) -> None:
        self.browser, self.explorer = browser, explorer

    def find(self, css: str) -> Any:
        from selenium.webdriver.common.by import By

        return self.wait(lambda: next(iter(self.browser.find_elements(By.CSS_SELECTOR, css)), None), css)

    def wait(self, ready: Any, what: str = "") -> Any:
        from selenium.common.exceptions import StaleElementReferenceException
        from selenium.webdriver.support.ui import WebDriverWait

        waits = WebDriverWait(self.browser, 30, 0.05, ignored_exceptions=[StaleElementReferenceException])
        return waits.until(lambda _: ready(), what)

    def text(self, css: str) -> str:
        return str(self.find(css).text)

    def js(self, script: str, *arguments: Any) -> Any:
        return self.browser.execute_script(script, *arguments)

    def turn(self, path: str, share: float) -> None:
        """Drags the slider of a path to a share of its range, as the browser tells it: many input events."""
        self.js(
            """const r = [...document.querySelectorAll('input[type=range]')].find(r => r.ariaLabel === arguments[0]);
            r.dispatchEvent(new PointerEvent('pointerdown', {bubbles: true}));
            const [from, low, high] = [Number(r.value), Number(r.min), Number(r.max)];
            const to = low + arguments[1] * (high - low);
            for (let k = 1; k <= 20; k++) {
              r.value = from + (to - from) * k / 20;
              r.dispatchEvent(new Event('input', {bubbles: true}));
            }
            r.dispatchEvent(new Event('change', {bubbles: true}));""",
            path,
            share,
        )

    def slide(self, path: str) -> None:
        """Adds a slider by the search field."""
        from selenium.webdriver.common.keys import Keys

        field = self.find("#search")
        field.send_keys(path, Keys.ENTER)
        self.wait(lambda: path in self.sliders(), path)

    def sliders(self) -> list[str]:
        return list(
            self.js("return [...document.querySelectorAll('#sliders input[type=range]')].map(r => r.ariaLabel)")
        )

    def tab(self, name: str) -> None:
        self.find(f"#tab-{name}").click()

    def silent(self) -> None:
        """No script failed, and nothing was asked of another address."""
        severe = [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]
        # the server of the page before may have ended while the browser still asked it for an icon
        assert [told for told in severe if not told.startswith("http") or told.startswith(self.explorer.url)] == []
        asked = self.js("return performance.getEntriesByType('resource').map(e => e.name)")
        assert all(address.startswith(self.explorer.url) or address.startswith("data:") for address in asked), asked


def opened(browser: Any, name: str) -> Iterator[Page]:
    explorer = kv.load(name).explore()
    browser.get(explorer.url)
    page = Page(browser, explorer)
    page.wait(lambda: page.text("#verdict") not in ("", "opening …"), name)
    page.find("#figures td")
    yield page
    page.silent()
    explorer.stop()


@pytest.fixture
def rack(browser: Any) -> Iterator[Page]:
    yield from opened(browser, "gb200_nvl72_rack")


@pytest.fixture
def loop(browser: Any) -> Iterator[Page]:
    yield from opened(browser, "single_loop")


@pytest.fixture
def room(browser: Any) -> Iterator[Page]:
    yield from opened(browser, "server_room")


def celsius(text: str) -> float:
    found = re.fullmatch(r"([\d.]+) °C", text)
    assert found, text
    return float(found[1])


def test_the_page_shows_the_verdict_and_the_numbers_of_the_case(rack: Page) -> None:
    solution = kv.load("gb200_nvl72_rack").steady()
    assert rack.text("#verdict") == solution.whole.text()
    assert celsius(rack.text(HOTTEST)) == pytest.approx(hottest(solution), abs=0.006)
    assert len(rack.sliders()) == 5
    assert rack.js("return document.documentElement.scrollWidth <= innerWidth")
    assert rack.js("return document.querySelectorAll('#canvas .part[data-path]').length") > 5
    tray = rack.find("#canvas .part[data-path='tray[1..18]']")
    assert tray.get_attribute("data-close") == "broken" and "required_flow" in str(tray.get_attribute("aria-label"))


def test_a_slider_gives_the_numbers_of_the_case_with_that_value(rack: Page) -> None:
    rack.slide("tray[*].gpu[*].power")
    before = rack.text(HOTTEST)
    rack.turn("tray[*].gpu[*].power", 0.25)
    rack.wait(lambda: rack.text(HOTTEST) != before)
    rack.wait(lambda: rack.js("return document.querySelector('#changes-rows li') !== null"))
    rack.wait(lambda: abs(celsius(rack.text(HOTTEST)) - hottest(rack)) < 0.006, "the last value of the drag counts")
    assert rack.text("#changes-rows .path") == "tray[*].gpu[*].power"
    rack.wait(lambda: rack.find("#undo").is_enabled())
    rack.find("#undo").click()
    rack.wait(lambda: rack.text(HOTTEST) == before, "one drag is one step")


def hottest(of: kv.Solution | Page) -> float:
    """The hottest die of a solution, or of the state of a page solved anew [degC]."""
    solution = of.explorer.state.steady() if isinstance(of, Page) else of
    table = solution.to_pandas("**.T_die")
    return float(table["value"].max()) - 273.15


def test_a_click_on_a_part_shows_its_numbers_and_escape_closes_them(rack: Page) -> None:
    from selenium.webdriver.common.keys import Keys

    rack.js(
        "document.querySelector('[data-path=\"tray[1..18]\"]').dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    rack.wait(lambda: rack.find("#part").is_displayed())
    assert rack.text("#part-title").startswith("tray[1..18]")
    body = rack.text("#part-body")
    assert "die_temperature" in body and "Outputs" in body and "Parameters" in body
    rack.find("#part").send_keys(Keys.ESCAPE)
    rack.wait(lambda: not rack.find("#part").is_displayed())


COVERED = """
const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
const words = [...document.querySelectorAll('#canvas svg text')].filter(t => !t.closest('.badge'));
const badges = [...document.querySelectorAll('#canvas .badge')].map(b => b.getBoundingClientRect());
return [badges.length, words.filter(t => badges.some(b => meet(b, t.getBoundingClientRect()))).map(t => t.textContent)];
"""


def test_margins_stand_beside_the_words_of_the_drawings_and_not_on_them(room: Page) -> None:
    for tab in ("loop", "power"):
        room.tab(tab)
        room.wait(lambda tab=tab: room.js(COVERED)[0] > 0, tab)
        assert room.js(COVERED)[1] == []


def test_a_drawing_is_made_larger_moved_and_fitted(room: Page) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    room.tab("power")
    room.find("#canvas .badge")
    width = "return document.querySelector('#canvas svg').getBoundingClientRect().width"
    place = "const c = document.querySelector('#canvas'); return [c.scrollLeft, c.scrollTop]"
    first = room.js(width)
    room.find("#canvas").send_keys("+")
    assert room.js(width) == pytest.approx(1.25 * first, rel=1e-4)
    room.find("#canvas").send_keys("-", "-")
    assert room.js(width) == pytest.approx(first / 1.25, rel=1e-4)
    ActionChains(room.browser).scroll_from_origin(middle(room), 0, -600).perform()
    room.wait(lambda: room.js(width) > first, "the wheel makes it larger")
    begin = room.js(place)
    ActionChains(room.browser).move_to_element(room.find("#canvas")).click_and_hold().move_by_offset(
        -60, -80
    ).release().perform()
    room.wait(lambda: room.js(place) == [begin[0] + 60, begin[1] + 80], "a drag moves it")
    assert not room.browser.find_element("id", "part").is_displayed(), "a drag opens no part"
    room.find("#canvas").send_keys("0")
    canvas = room.js(
        "const c = document.querySelector('#canvas'); return [c.clientWidth, c.scrollHeight - c.clientHeight]"
    )
    assert room.js(width) < canvas[0] and canvas[1] == 0, "all of it is seen"


def middle(page: Page) -> Any:
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

    return ScrollOrigin.from_element(page.find("#canvas"))


def test_everything_can_be_done_with_the_keyboard(loop: Page) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    def press(*keys: str) -> None:
        ActionChains(loop.browser).send_keys(*keys).perform()

    field = loop.find("#search")
    field.click()
    field.send_keys("speed")
    loop.wait(lambda: loop.js("return document.querySelectorAll('#found [role=option]').length") > 1)
    press(Keys.TAB)
    assert str(field.get_attribute("value")).startswith("speed")
    field.clear()
    loop.slide("speed.value")
    loop.wait(
        lambda: loop.js("return document.activeElement.ariaLabel") == "speed.value", "the new slider has the focus"
    )
    before = loop.js("return Number(document.activeElement.value)")
    figures = loop.text("#figures")
    press(Keys.ARROW_LEFT)
    loop.wait(lambda: loop.text("#figures") != figures)
    assert loop.js("return Number(document.activeElement.value)") < before
    outline = loop.js("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "the focus is seen"
    loop.find("#tab-loop").send_keys(Keys.ARROW_RIGHT)
    assert loop.js("return document.activeElement.getAttribute('aria-selected')") == "true"
    loop.find("#tab-loop").click()
    part = loop.find("#canvas .part[data-path]")
    loop.js("arguments[0].focus()", part)
    press(Keys.ENTER)
    loop.wait(lambda: loop.find("#part").is_displayed())
    press(Keys.ESCAPE)
    loop.wait(lambda: not loop.find("#part").is_displayed())
    assert loop.js("return document.activeElement.hasAttribute('data-path')"), "the focus goes back to the part"


def test_values_without_a_solution_are_never_shown_with_old_numbers_as_theirs(loop: Page) -> None:
    verdict = loop.text("#verdict")
    loop.slide("speed.value")
    typed(loop, "99 banana")
    loop.wait(lambda: "banana" in loop.text("#banner"), "a bad value is named")
    assert loop.text("#verdict") == verdict and "stale" not in loop.js("return document.body.className")
    loop.slide("pump.running")
    typed(loop, "0")
    loop.wait(lambda: "No steady state at these values" in loop.text("#banner"))
    case = kv.load("single_loop")
    case["pump.running"] = 0
    with pytest.raises(kv.Error) as reason:
        case.steady()
    assert str(reason.value).splitlines()[0] in loop.text("#banner")
    assert "belong to the last values that could be solved" in loop.text("#banner")
    assert loop.text("#verdict").startswith("no solution at these values")
    assert float(loop.js("return getComputedStyle(document.querySelector('#numbers')).opacity")) < 0.6
    loop.find("#banner button").click()
    loop.wait(lambda: loop.text("#verdict") == verdict)
    assert "stale" not in loop.js("return document.body.className")


def typed(page: Page, text: str) -> None:
    """Types a value into the field of the last slider."""
    from selenium.webdriver.common.keys import Keys

    field = page.find("#sliders .knob:last-child .value")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(Keys.NULL, text, Keys.ENTER)


def test_a_state_is_compared_with_a(rack: Page) -> None:
    rack.find("#keep").click()
    rack.wait(lambda: rack.text("#keep") == "Forget A")
    rack.slide("tray[*].gpu[*].power")
    rack.turn("tray[*].gpu[*].power", 0.0)
    rack.wait(lambda: rack.text("#figures").count("−") > 2)
    then = kv.load("gb200_nvl72_rack").steady()
    rack.wait(lambda: abs(celsius(rack.text(HOTTEST)) - hottest(rack)) < 0.006)
    row = rack.js(f"return [...document.querySelector('{HOTTEST}').parentElement.cells].map(c => c.textContent)")
    assert celsius(row[2]) == pytest.approx(hottest(then), abs=0.006)
    assert float(row[3].removeprefix("−").removesuffix(" K")) == pytest.approx(
        celsius(row[2]) - celsius(row[1]), abs=0.06
    )
    rack.find("#keep").click()
    rack.wait(lambda: rack.text("#keep") == "Keep as A")


def test_a_run_plays_and_its_states_colour_the_circuits(rack: Page) -> None:
    rack.tab("time")
    length = rack.find(".controls input")
    length.clear()
    length.send_keys("20 s")
    rack.find(".controls .go").click()
    rack.find(".seek input")
    rack.wait(lambda: rack.js("return document.querySelectorAll('.over-time .uplot').length") >= 2)
    rack.find(".sketch .part[data-path]")
    slider = rack.find(".seek input")
    rack.js("arguments[0].value = arguments[0].max; arguments[0].dispatchEvent(new Event('input'))", slider)
    rack.wait(lambda: rack.find("#place").is_displayed() and "t = 20 s" in rack.text("#place"))
    rack.find("#place button").click()
    rack.wait(lambda: not rack.find("#place").is_displayed())


def test_contingencies_are_listed_and_one_is_looked_at(browser: Any) -> None:
    for room in opened(browser, "server_room"):
        room.tab("failures")
        room.wait(lambda room=room: pressed(room.find(".controls .go")))
        name = room.find(".branches tbody tr:nth-child(2) button")
        lost = name.text.split(" (of")[0]
        name.click()
        room.wait(lambda lost=lost, room=room: lost in room.text("#place"))
        room.wait(lambda room=room: room.js("return document.querySelector('#canvas svg') !== null"))
        room.find("#place button").click()
        room.wait(lambda room=room: not room.find("#place").is_displayed())


def pressed(button: Any) -> bool:
    """Clicks a button; one that was drawn anew meanwhile is found again by the wait around this."""
    button.click()
    return True


CONTRAST = """
const channel = c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
const numbers = text => (text.match(/[\\d.]+/g) || []).map(Number);
const behind = e => {
  for (let at = e; at; at = at.parentElement) {
    const found = numbers(getComputedStyle(at).backgroundColor);
    if (found.length && (found.length < 4 || found[3] > 0.99)) return found;
  }
  return [255, 255, 255];
};
const poor = [];
for (const e of document.querySelectorAll('body *')) {
  const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  if (!own || e.closest('svg, .uplot') || !e.checkVisibility() || e.matches(':disabled')) continue;
  const [a, b] = [light(numbers(getComputedStyle(e).color)), light(behind(e))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) poor.push(`${e.tagName}.${e.className} ${e.textContent.slice(0, 30)} ${ratio.toFixed(2)}`);
}
return poor;
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_is_readable_in_light_and_dark(rack: Page, theme: str) -> None:
    rack.js("window.theme.choose(arguments[0])", theme)
    rack.wait(lambda: rack.js("return document.querySelector('[data-path=\"tray[1..18]\"]') !== null"))
    rack.js(
        "document.querySelector('[data-path=\"tray[1..18]\"]').dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    rack.wait(lambda: rack.find("#part").is_displayed())
    assert rack.js(CONTRAST) == []
    rack.js("window.theme.choose('')")


def test_the_theme_follows_the_system_and_its_switch(loop: Page) -> None:
    paper = "return getComputedStyle(document.body).backgroundColor"
    for scheme, dark in (("dark", True), ("light", False)):
        loop.browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )
        loop.wait(lambda wanted=dark: (loop.js(paper) != "rgb(255, 255, 255)") is wanted, scheme)
    loop.find("#theme").click()
    loop.find("#theme").click()
    assert loop.text("#theme") == "Theme: dark" and loop.js(paper) != "rgb(255, 255, 255)"
    loop.find("#theme").click()
    assert loop.text("#theme") == "Theme: system"


def test_the_page_has_a_colour_in_each_theme_for_every_class_of_the_drawings() -> None:
    from kelvolt.plots.oneline_words import DROP, LOADING, pale
    from kelvolt.plots.parts import style_sheet

    style = (Path(kv.__file__).parent / "serve" / "static" / "style.css").read_text(encoding="utf-8")
    names = set(re.findall(r"\.([sf]-\w+)", style_sheet("schematic")))
    for name in names:
        assert f".drawing .{name} {{" in style
        assert style.count(f"--kv-{name[2:]}: #") == 2, "once light, once dark"
    for colour in {c for _, c in (*LOADING, *DROP)} | {pale(c) for _, c in LOADING}:
        assert f'.drawing [fill="{colour}"] {{' in style


def test_the_page_is_part_of_the_package() -> None:
    folder = Path(kv.__file__).parent / "serve" / "static"
    page = (folder / "index.html").read_text(encoding="utf-8")
    for file in re.findall(r'(?:src|href)="static/([^"]+)"', page):
        assert (folder / file).is_file(), file
    assert "MIT" in (folder / "uplot" / "LICENSE").read_text(encoding="utf-8")
