"""Makes the pictures of docs/serve.md: the page of `kelvolt serve`, opened and turned in headless Chromium.

Run it where Chromium, its driver and the extra `test` are installed: python docs/make/serve_pictures.py
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

import kelvolt as kv  # noqa: E402

PICTURES = ROOT / "docs" / "static"
TURN = """
const r = [...document.querySelectorAll('#sliders input[type=range]')].find(r => r.ariaLabel === arguments[0]);
r.value = arguments[1];
r.dispatchEvent(new Event('input', {bubbles: true}));
"""
SEEK = """
const s = document.querySelector('.seek input');
s.value = 0.9 * s.max;
s.dispatchEvent(new Event('input'));
"""


def browser() -> Any:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in ("headless", "no-sandbox", "disable-gpu", "hide-scrollbars", "force-device-scale-factor=1"):
        options.add_argument(f"--{flag}")
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    size = {"width": 1366, "height": 768, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    return driver


def until(driver: Any, script: str) -> None:
    """Waits until a script returns something true. Raises TimeoutError after five minutes."""
    end = time.monotonic() + 300.0
    while not driver.execute_script(f"return {script}"):
        if time.monotonic() > end:
            raise TimeoutError(script)
        time.sleep(0.05)
    time.sleep(0.5)  # what is drawn after the numbers


def main() -> None:
    driver = browser()
    page = kv.load("gb200_nvl72_rack").explore()
    try:
        driver.get(page.url)
        until(driver, "document.querySelector('#figures td') && document.querySelector('#canvas svg')")
        driver.execute_script("document.querySelector('#timing').hidden = true")  # of this machine, not of the case
        driver.execute_script("document.querySelector('#keep').click()")
        until(driver, "document.querySelector('#numbers').classList.contains('kept')")
        driver.execute_script(TURN, "facility.T_supply", 30)
        until(driver, "document.querySelector('#changes-rows li')")
        driver.save_screenshot(str(PICTURES / "serve_rack.png"))
        driver.execute_script("document.querySelector('#keep').click(); document.querySelector('#reset').click()")
        driver.execute_script("document.querySelector('#tab-time').click()")
        until(driver, "document.querySelector('.controls .go')")
        driver.execute_script("document.querySelector('.controls input').value = '75 s'")
        driver.execute_script("document.querySelector('.controls .go').click()")
        until(driver, "document.querySelector('.seek input')")
        driver.execute_script(SEEK)
        until(driver, "document.querySelector('.sketch svg')")
        driver.save_screenshot(str(PICTURES / "serve_time.png"))
    finally:
        page.stop()
        driver.quit()


if __name__ == "__main__":
    main()
