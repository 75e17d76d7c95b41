"""Draws docs/static/architecture.svg: the folders, and how a case travels through them.

./kelvolt python docs/make/architecture.py
"""

from __future__ import annotations

from html import escape
from pathlib import Path

TARGET = Path(__file__).parents[1] / "static" / "architecture.svg"
WIDTH, HEIGHT = 976, 652
BOX, COLUMN = 156, [46 + 182 * i for i in range(5)]  # width of a step; left edges of the steps
INK, FAINT = "#1d2733", "#4d5b69"
COLOURS = {
    "python": ("#eef3fb", "#3465a4"),
    "solver": ("#f3f1fa", "#5c4a9e"),
    "models": ("#eef7f0", "#2f7d4f"),
    "data": ("#fbf4ea", "#a8691f"),
}
FONT = "font-family='Inter, Helvetica, Arial, sans-serif'"


def text(
    x: float, y: float, words: str, size: float, *, colour: str = INK, bold: bool = False, end: str = "start"
) -> str:
    weight = " font-weight='600'" if bold else ""
    return (
        f"<text x='{x}' y='{y}' font-size='{size}' fill='{colour}' text-anchor='{end}'{weight}>{escape(words)}</text>"
    )


def folder(x: float, y: float, w: float, h: float, name: str, about: str, shift: float = 0) -> str:
    """`shift` moves the words about it to the right, past an arrow."""
    fill, line = COLOURS[name]
    box = f"<rect x='{x}' y='{y}' width='{w}' height='{h}' rx='12' fill='{fill}' stroke='{line}' stroke-width='1.5'/>"
    title = f"<text x='{x + 16}' y='{y + 27}' font-size='17' font-weight='700' fill='{line}'>{name}/</text>"
    return box + title + text(x + 28 + 10 * (len(name) + 1) + shift, y + 27, about, 13.5, colour=FAINT)


def step(x: float, y: float, w: float, h: float, title: str, lines: list[str], owner: str) -> str:
    box = f"<rect x='{x}' y='{y}' width='{w}' height='{h}' rx='7' fill='#ffffff' stroke='{COLOURS[owner][1]}'/>"
    rows = [text(x + w / 2, y + 44 + 18 * i, row, 13, colour=FAINT, end="middle") for i, row in enumerate(lines)]
    at = y + (23 if lines else h / 2 + 5)
    return box + text(x + w / 2, at, title, 14.5, bold=True, end="middle") + "".join(rows)


def arrow(
    points: list[tuple[float, float]], label: str = "", at: tuple[float, float] = (0, 0), end: str = "middle"
) -> str:
    path = " ".join(f"{x},{y}" for x, y in points)
    line = f"<polyline points='{path}' fill='none' stroke='{INK}' stroke-width='1.6' marker-end='url(#head)'/>"
    return line + (text(*at, label, 13, end=end) if label else "")


def python_band() -> str:
    parts = ["base", "cases", "power", "sweeps", "studies", "plots", "reports", "serve", "cli"]
    about = "package kelvolt over generic bindings; each part imports only those to its left"
    out = [folder(30, 24, 916, 108, "python", about)]
    return "".join([*out, *(step(46 + 98.5 * i, 66, 92, 46, name, [], "python") for i, name in enumerate(parts))])


def solver_band() -> str:
    out = [folder(30, 186, 916, 276, "solver", "mathematics; names no model", 62)]
    rows = [
        [
            ("case", ["text, units, library", "to components"]),
            ("assembly", ["connections to a", "network, structure"]),
            ("steady", ["staged start, Newton,", "what lasts"]),
            ("assess", ["verdicts: limits,", "balances, second law"]),
            ("results", ["values, verdicts,", "HDF5/netCDF files"]),
        ],
        [
            ("model", ["a block per model:", "residual, Jacobian"]),
            ("transient", ["IDAS, events, roots,", "firmware"]),
            ("sensitivity", ["transposed solve,", "adjoint of a run"]),
            ("sweep", ["many variants,", "the same bits"]),
        ],
    ]
    for i, (title, lines) in enumerate(rows[0]):
        out.append(step(COLUMN[i], 230, BOX, 80, title, lines, "solver"))
        if i:
            out.append(arrow([(COLUMN[i] - 26, 270), (COLUMN[i] - 2, 270)]))
    for i, (title, lines) in enumerate(rows[1]):
        out.append(step(COLUMN[i + 1], 362, BOX, 80, title, lines, "solver"))
    middle = [x + BOX / 2 for x in COLUMN]
    out.append(arrow([(middle[1], 362), (middle[1], 313)]))  # model to network
    out.append(arrow([(middle[2], 310), (middle[2], 359)]))  # steady to transient
    out.append(arrow([(COLUMN[2] + BOX, 384), (COLUMN[3] - 13, 384), (COLUMN[3] - 13, 336), (middle[3] - 30, 336),
                      (middle[3] - 30, 313)]))  # transient to results  # fmt: skip
    out.append(arrow([(COLUMN[2] + BOX, 414), (COLUMN[3] - 2, 414)]))  # transient to sensitivity
    out.append(arrow([(middle[3] + 30, 362), (middle[3] + 30, 313)]))  # sensitivity to results
    out.append(arrow([(middle[4], 362), (middle[4], 313)]))  # sweep to answers
    return "".join(out)


def lower_band() -> str:
    out = [folder(30, 512, 188, 116, "data", "")]
    about = ["fluids, components,", "profiles, cases; numbers", "with source and grade"]
    out += [text(46, 562 + 19 * i, row, 13, colour=FAINT) for i, row in enumerate(about)]
    out.append(folder(228, 512, 718, 116, "models", "physics, one header a component; calls no solver"))
    fields = ["fluid", "heat", "air", "silicon", "plant", "power", "control"]
    out += [step(244 + 72 * i, 558, 64, 50, name, [], "models") for i, name in enumerate(fields)]
    out.append(step(751, 558, 179, 50, "correlations, media", [], "models"))
    first, second = COLUMN[0] + BOX / 2, COLUMN[1] + BOX / 2
    out.append(arrow([(first, 512), (first, 313)], "values with units", (first + 9, 492), "start"))
    label = "equations, written once; run on numbers, duals, patterns and tapes"
    out.append(arrow([(second, 512), (second, 445)], label, (second + 9, 492), "start"))
    return "".join(out)


def picture() -> str:
    marker = (
        "<defs><marker id='head' viewBox='0 0 10 10' refX='9' refY='5' markerWidth='8' markerHeight='8' orient='auto'>"
        f"<path d='M0,0 L10,5 L0,10 z' fill='{INK}'/></marker></defs>"
    )
    first, last = COLUMN[0] + BOX / 2, COLUMN[4] + BOX / 2
    down = arrow([(first, 132), (first, 227)], "a case: text, or a network built in code", (first + 9, 164), "start")
    up = arrow([(last, 230), (last, 135)], "arrays, tables, reports, files", (last - 9, 164), "end")
    ground = f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#ffffff'/>"
    body = ground + marker + python_band() + solver_band() + lower_band() + down + up
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' {FONT}>{body}</svg>"
    return svg.replace("><", ">\n<") + "\n"


if __name__ == "__main__":
    TARGET.write_text(picture(), encoding="utf-8")
