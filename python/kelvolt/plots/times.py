"""Time series with limits in plotly: the same panels, lines, bands and limits as `plots.solutions` draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base.values import Floats, Group
from kelvolt.plots.axes import colour, shown, unit_text
from kelvolt.plots.parts import short_value
from kelvolt.plots.solutions import BAND_NOTE, FEW, event_texts, limit_lines, many, of_many, panels_of

if TYPE_CHECKING:
    from kelvolt.cases.run import Run

_DASHES = ("solid", "dash", "dot")
_REQUIRED = "#000000"
_SMALL = {"font": {"size": 11, "color": "#595959"}}


def over_time(run: Run, unit: str, title: str, begins: tuple[str, ...]) -> Any:
    """A plotly figure of the recorded quantities of one unit, None where there are none."""
    panels = panels_of(run, unit, begins)
    if not panels:
        return None
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=len(panels), cols=1, shared_xaxes=True, vertical_spacing=0.06)
    scale, per = (60.0, "min") if run.time[-1] > 300.0 else (1.0, "s")
    drawn = 0
    for row, members in enumerate(panels, start=1):
        first = drawn
        for group, declared in members:
            required = group.name.endswith("_required")
            shade = _REQUIRED if required else colour(drawn)
            _draw_group(figure, row, run, group, declared, run.time / scale, shade)
            drawn += not required
        for text, y, limited in limit_lines(run, members) if unit == "K" else []:
            shade = colour(first + limited[0]) if len(limited) == 1 else "#595959"
            line = {"dash": "dash", "width": 1, "color": shade}
            figure.add_hline(
                y=y, row=row, col=1, line=line, annotation={"text": text, **_SMALL, "bgcolor": "rgba(255,255,255,0.5)"}
            )
        figure.update_yaxes(title_text=f"{title} ({unit_text(unit)})", row=row, col=1)
    events = event_texts(run)
    for number, (time, text) in enumerate(events):
        figure.add_vline(x=time / scale, line={"width": 1, "color": "#999999"})
        side = "right" if time > 0.6 * run.time[-1] else "left"
        place = {"x": time / scale, "y": 1.0, "yref": "paper", "xanchor": side, "yanchor": "bottom"}
        shift = 4 + 13 * (len(events) - 1 - number)
        figure.add_annotation(**place, yshift=shift, text=text, showarrow=False, **_SMALL)
    figure.update_xaxes(title_text=f"time ({per})", row=len(panels), col=1)
    note = {"text": f"{run.title}<br><sub>{BAND_NOTE}</sub>", "y": 0.99, "yanchor": "top", "yref": "container"}
    legend, above = {"traceorder": "normal"}, 70 + 13 * len(events)
    figure.update_layout(template="plotly_white", title=note, legend=legend, margin={"t": above})
    return figure.update_layout(height=130 + above + 280 * len(panels))


def _draw_group(figure: Any, row: int, run: Run, group: Group, declared: str, time: Floats, shade: str) -> None:
    mean, low, high = (np.asarray(t)[:, group.numbers] for t in (run.raw.mean, run.raw.minimum, run.raw.maximum))
    count = len(group.numbers)
    if count <= FEW:
        for k in range(count):
            name = short_value(run.raw.recorded.paths[group.numbers[k]])
            _band(figure, row, time, shown(low[:, k], declared), shown(high[:, k], declared), shade)
            _line(figure, row, time, shown(mean[:, k], declared), name, shade, _DASHES[k])
    else:
        dash = "dash" if group.name.endswith("_required") else "solid"
        _band(figure, row, time, shown(low.min(axis=1), declared), shown(high.max(axis=1), declared), shade)
        _line(figure, row, time, shown(of_many(mean, high, declared), declared), many(group), shade, dash)


def _line(figure: Any, row: int, time: Floats, y: Floats, name: str, shade: str, dash: str) -> None:
    line = {"color": shade, "width": 1.8, "dash": dash}
    figure.add_scatter(x=time, y=y, name=name, mode="lines", line=line, row=row, col=1)


def _band(figure: Any, row: int, time: Floats, low: Floats, high: Floats, shade: str) -> None:
    red, green, blue = (int(shade[i : i + 2], 16) for i in (1, 3, 5))
    plain = {"mode": "lines", "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip", "row": row, "col": 1}
    figure.add_scatter(x=time, y=low, **plain)
    figure.add_scatter(x=time, y=high, fill="tonexty", fillcolor=f"rgba({red},{green},{blue},0.2)", **plain)
