"""Times the page of `kelvolt serve` in headless Chromium: to the first paint, and from a slider to new numbers."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CASE = "gb200_nvl72_rack"
_PATH = "tray[*].gpu[*].power"
_TURN = """
const r = [...document.querySelectorAll('#sliders input[type=range]')].find(r => r.ariaLabel === arguments[0]);
r.value = Number(r.min) + arguments[1] * (Number(r.max) - Number(r.min));
r.dispatchEvent(new Event('input', {bubbles: true}));
"""


def serve_numbers(turns: int = 60) -> dict[str, Any]:
    """Milliseconds of the page of the NVL72 rack; empty without Chromium, its driver or the libraries of the page.

    serve_first_paint_ms: from the start of the command to the first contentful paint, with the browser open before.
    serve_numbers_ms: from there on until the numbers of the case stand in the page. serve_slider_ms: median from an
    input event of a slider to the new numbers in the document (performance.now()); serve_slider_worst_ms: the longest.
    """
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        return {}
    try:
        import selenium  # noqa: F401
        import starlette  # noqa: F401
    except ImportError:
        return {}
    with _browser() as browser:
        return _measured(browser, turns)


def _measured(browser: Any, turns: int) -> dict[str, Any]:
    began = time.time()
    words = [sys.executable, "-m", "kelvolt", "serve", CASE, "--no-browser"]
    server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        server.stdout.readline()
        browser.get(server.stdout.readline().strip())
        paint = _until(browser, "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
        origin = browser.execute_script("return performance.timeOrigin")
        first = origin + paint - 1e3 * began
        _until(browser, "return document.querySelector('#figures td') !== null")
        shown = 1e3 * (time.time() - began) - first
        browser.execute_script(
            "const f = document.querySelector('#search'); f.value = arguments[0];"
            "f.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}))",
            _PATH,
        )
        _until(browser, "return document.activeElement.ariaLabel === arguments[0]", _PATH)
        for k in range(turns):
            browser.execute_script(_TURN, _PATH, 0.2 + 0.6 * ((7 * k) % turns) / turns)
            _until(browser, "return kelvoltTimes.length > arguments[0]", k)
        times = browser.execute_script("return kelvoltTimes")
    finally:
        server.terminate()
        server.wait()
    return {
        "serve_first_paint_ms": first,
        "serve_numbers_ms": shown,
        "serve_slider_ms": statistics.median(times),
        "serve_slider_worst_ms": max(times),
    }


def _until(browser: Any, script: str, *arguments: Any) -> Any:
    """What a script returns as soon as it is something. Raises TimeoutError after half a minute."""
    end = time.monotonic() + 30.0
    while not (found := browser.execute_script(script, *arguments)):
        if time.monotonic() > end:
            raise TimeoutError(f"the page does not answer: {script}")
        time.sleep(0.005)
    return found


@contextmanager
def _browser() -> Iterator[Any]:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    with tempfile.TemporaryDirectory() as profile:
        for flag in ("headless", "no-sandbox", "disable-gpu", "no-first-run", "window-size=1366,768"):
            options.add_argument(f"--{flag}")
        options.add_argument(f"--user-data-dir={profile}")
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        try:
            yield driver
        finally:
            driver.quit()
