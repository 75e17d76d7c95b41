"""The part of the bench that times the page of `kelvolt serve`: it measures, and judges no speed."""

import math
import shutil

import pytest

from bench import serve as bench_serve


@pytest.mark.skipif(shutil.which("chromedriver") is None, reason="no Chromium with its driver here")
def test_the_page_is_timed_from_the_command_to_the_paint_and_from_slider_to_numbers() -> None:
    numbers = bench_serve.serve_numbers(turns=3)
    assert set(numbers) == {"serve_first_paint_ms", "serve_numbers_ms", "serve_slider_ms", "serve_slider_worst_ms"}
    assert all(math.isfinite(x) and x > 0.0 for x in numbers.values())


def test_nothing_is_timed_where_there_is_no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert bench_serve.serve_numbers() == {}
