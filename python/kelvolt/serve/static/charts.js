// Branch bars as a table, pump and system curves and runs in time by uPlot (static/uplot).
import { degrees, make, plain } from "./dom.js";

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const COLOURS = ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6", "--c7", "--c8"];
const pale = (colour) => `${colour}38`;

function axes(x, y) {
  const common = { stroke: style("--ink"), grid: { stroke: style("--rule"), width: 1 }, ticks: { stroke: style("--rule") }, font: "12px system-ui, sans-serif", labelFont: "12px system-ui, sans-serif" };
  return [{ ...common, label: degrees(x), size: 32, labelSize: 18, labelGap: 0 }, { ...common, label: degrees(y), size: 52, labelSize: 20, labelGap: 0 }];
}

// ---- branches ----

export function branches(canvas, told, open) {
  if (!told.branches?.length) {
    canvas.replaceChildren(make("p", { class: "empty" }, "This case has no parallel branches."));
    return;
  }
  const rows = told.branches;
  const most = Math.max(...rows.map((b) => Math.max(b.flow, b.needs ?? 0)));
  const bar = (b) => {
    const line = make("div", { class: `bar ${b.verdict === "broken" ? "broken" : ""}` });
    const full = make("div", { class: "full" });
    full.style.width = `${(100 * Math.max(b.flow, 0)) / most}%`;
    line.append(full);
    if (b.needs !== null) {
      const needs = make("div", { class: "needs", title: `a limit requires ${plain(b.needs)} ${told.unit}` });
      needs.style.left = `${(100 * b.needs) / most}%`;
      line.append(needs);
    }
    return line;
  };
  const body = rows.map((b) => {
    const name = make("button", { class: "link" }, b.branch);
    name.addEventListener("click", () => open(b.branch));
    return make("tr", { class: b.verdict === "broken" ? "broken" : "" },
      make("td", {}, name), make("td", { class: "wide" }, bar(b)), make("td", { class: "number" }, b.text),
      make("td", { class: "number" }, degrees(b.die)), make("td", { class: "number" }, degrees(b.margin)),
      make("td", {}, b.verdict === "broken" ? `${b.limit}, BROKEN` : b.limit));
  });
  const head = make("tr", {}, ...["branch", "flow; mark: what a limit requires", "flow", "hottest die", "margin", "to limit"].map((t) => make("th", {}, t)));
  canvas.replaceChildren(make("div", { class: "scroll" }, make("table", { class: "branches" }, make("thead", {}, head), make("tbody", {}, ...body))));
}

// ---- pump and system ----

export function pump(canvas, told) {
  if (!told.pump) {
    canvas.replaceChildren(make("p", { class: "empty" }, "No pump runs in this state, or its curve cannot be shown here."));
    return;
  }
  const { title, x, y, lines, point } = told.pump;
  const every = [...new Set([...lines.flatMap((l) => l.x), point.x])].sort((a, b) => a - b);
  const place = new Map(every.map((v, i) => [v, i]));
  const data = [every];
  const series = [{ label: x, value: (_, v) => (v === null || v === undefined ? "–" : plain(v)) }];
  lines.forEach((line, k) => {
    const values = new Array(every.length).fill(null);
    line.x.forEach((v, i) => { values[place.get(v)] = line.y[i]; });
    data.push(values);
    series.push({ label: line.name, stroke: style(COLOURS[k]), width: 2, spanGaps: true, points: { show: k === 1, size: 5 }, value: (_, v) => (v === null ? "–" : plain(v)) });
  });
  const at = new Array(every.length).fill(null);
  at[place.get(point.x)] = point.y;
  data.push(at);
  series.push({ label: "operating point", stroke: style("--ink"), paths: () => null, points: { show: true, size: 11, fill: style("--ink") }, value: () => point.text });
  const box = make("div", { class: "chart" });
  canvas.replaceChildren(make("h3", {}, title), box);
  const width = Math.min(canvas.clientWidth - 24, 900);
  const range = (_, low, high) => [0, high * 1.08];
  new uPlot({ width, height: Math.max(260, Math.min(canvas.clientHeight - 130, 480)), scales: { x: { time: false, range }, y: { range } }, series, axes: axes(x, y), legend: { live: true } }, data, box);
}

// ---- time ----

/** The charts of a run; the cursor of all is one time. */
export class TimeCharts {
  constructor(box, run, moved) {
    this.run = run;
    this.plots = [];
    this.at = 0;
    const width = box.clientWidth - 4;
    const each = innerHeight > 900 ? 240 : 170;
    run.panels.forEach((panel, number) => this.plots.push(this.plot(box, panel, width, each, number, moved)));
  }

  plot(box, panel, width, height, number, moved) {
    const series = [{ label: "time (s)" }];
    const data = [this.run.t];
    const bands = [];
    panel.lines.forEach((line, k) => {
      const colour = style(COLOURS[(k + 3 * number) % COLOURS.length]);
      series.push({ label: line.name, stroke: colour, width: 1.6, points: { show: false }, value: (_, v) => (v === null || v === undefined ? "" : plain(v)) });
      data.push(line.y);
      if (line.low) {
        const first = series.length;
        for (const edge of ["high", "low"]) {
          series.push({ edge: true, label: `${line.name}, ${edge}est`, stroke: pale(colour), width: 0.5, points: { show: false }, value: (_, v) => (v === null || v === undefined ? "" : plain(v)) });
          data.push(line[edge]);
        }
        bands.push({ series: [first, first + 1], fill: pale(colour) });
      }
    });
    const marks = (u) => this.marks(u, panel);
    const options = {
      width, height, series, bands, axes: axes("time (s)", panel.title),
      scales: { x: { time: false }, y: { range: (u, low, high) => this.range(panel, low, high) } },
      cursor: { sync: { key: "kelvolt" }, drag: { x: true, y: false } },
      legend: { live: true },
      hooks: { draw: [marks], ready: [(u) => u.over.addEventListener("click", () => { if (u.cursor.idx !== null) moved(u.cursor.idx); })] },
    };
    const holder = make("div", { class: "chart" });
    box.append(holder);
    const made = new uPlot(options, data, holder);
    made.root.querySelectorAll(".u-legend .u-series").forEach((row, k) => { row.hidden = k === 0 || series[k].edge; });
    return made;
  }

  range(panel, low, high) {
    const levels = panel.limits.map((l) => l.y);
    const [a, b] = [Math.min(low, ...levels), Math.max(high, ...levels)];
    const pad = 0.06 * (b - a || Math.abs(b) || 1);
    return [a - pad, b + pad];
  }

  /** Limits as dashed lines with their text, events as thin lines, the time that is seen as a thick one. */
  marks(u, panel) {
    const { ctx, bbox } = u;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.font = `${11 * ratio}px system-ui, sans-serif`;
    ctx.lineWidth = ratio;
    const line = (x1, y1, x2, y2, colour, dash) => {
      ctx.strokeStyle = colour;
      ctx.setLineDash(dash.map((d) => d * ratio));
      ctx.beginPath(); ctx.moveTo(x1, y1); ctx.lineTo(x2, y2); ctx.stroke();
    };
    for (const limit of panel.limits) {
      const y = u.valToPos(limit.y, "y", true);
      line(bbox.left, y, bbox.left + bbox.width, y, style("--bad"), [5, 4]);
      ctx.fillStyle = style("--bad");
      ctx.textAlign = "right";
      ctx.fillText(limit.text.replace("deg", "°"), bbox.left + bbox.width - 4 * ratio, y - 3 * ratio);
    }
    for (const event of this.run.events) {
      const x = u.valToPos(event.t, "x", true);
      if (x >= bbox.left && x <= bbox.left + bbox.width) line(x, bbox.top, x, bbox.top + bbox.height, style("--grey"), [2, 3]);
    }
    ctx.lineWidth = 2 * ratio;
    const x = u.valToPos(this.run.t[this.at], "x", true);
    if (x >= bbox.left - 1 && x <= bbox.left + bbox.width + 1) line(x, bbox.top, x, bbox.top + bbox.height, style("--accent"), []);
    ctx.restore();
  }

  see(index) {
    this.at = index;
    for (const plot of this.plots) plot.redraw(false);
  }
}
