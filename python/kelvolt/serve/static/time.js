// The tab of a run in time: duration, begin and end of the run, charts, and a slider over its rows that moves the state.
import { TimeCharts } from "./charts.js";
import { make } from "./dom.js";
import { Drawing } from "./drawing.js";

const PACE = 120; // ms from row to row while it plays

export class TimeTab {
  constructor(canvas, ask, openPart) {
    this.canvas = canvas;
    this.ask = ask;
    this.openPart = openPart;
    this.done = null; // the last run
    this.busy = false;
    this.wanted = null; // the row that is asked next, while one is awaited
    this.flying = false;
    this.playing = 0;
  }

  begin(duration) {
    this.duration = duration;
  }

  /** Which drawing stands above the charts. */
  sight(hello) {
    return hello.electric && this.power ? "power" : "loop";
  }

  show(hello) {
    this.hello = hello;
    const length = make("input", { type: "text", value: this.length ?? (this.duration ? `${this.duration} s` : "10 min"), "aria-label": "duration of the run" });
    const every = make("input", { type: "text", value: this.every ?? "", placeholder: "as in the case", "aria-label": "time between rows" });
    const go = make("button", { class: "go" }, this.done ? "Run anew" : "Run");
    const end = make("button", { hidden: !this.busy }, "End it");
    this.bar = make("progress", { hidden: !this.busy, max: 1, value: 0, "aria-label": "progress of the run" });
    this.note = make("span", { role: "status" }, this.done ? `${this.done.status}; ${this.done.verdict.text} over the run` : "");
    go.addEventListener("click", () => {
      [this.length, this.every, this.busy] = [length.value, every.value, true];
      [this.bar.hidden, end.hidden, go.disabled] = [false, false, true];
      this.note.textContent = "the run begins";
      this.ask({ do: "run", duration: length.value, every: every.value });
    });
    go.disabled = this.busy;
    end.addEventListener("click", () => this.ask({ do: "cancel" }));
    const controls = [make("label", {}, "for ", length), make("label", {}, "a row every ", every), go, end, this.bar, this.note];
    if (hello.electric) controls.push(this.switch());
    this.box = make("div", { class: "over-time" });
    this.sketch = make("div", { class: "sketch" });
    this.canvas.replaceChildren(make("div", { class: "controls" }, ...controls), this.box);
    if (this.done) this.lay();
    else this.box.append(make("p", { class: "empty" }, "A run begins at the present values. Its states can then be looked at one by one."));
  }

  switch() {
    const made = make("button", {}, this.power ? "Show the circuits" : "Show the one-line");
    made.addEventListener("click", () => { this.power = !this.power; made.textContent = this.power ? "Show the circuits" : "Show the one-line"; this.ask({ do: "tab", tab: this.sight(this.hello) }); });
    return made;
  }

  lay() {
    const last = this.done.t.length - 1;
    const slider = make("input", { type: "range", min: 0, max: last, step: 1, value: this.at ?? 0, "aria-label": "time of the run that is shown" });
    const play = make("button", { "aria-label": "play or pause" }, "▶ Play");
    this.clock = make("output", { class: "clock" });
    slider.addEventListener("input", () => this.see(Number(slider.value)));
    play.addEventListener("click", () => {
      if (this.playing) { clearInterval(this.playing); this.playing = 0; play.textContent = "▶ Play"; return; }
      play.textContent = "❚❚ Pause";
      const stride = Math.max(1, Math.round(last / 150));
      this.playing = setInterval(() => {
        if (!slider.isConnected) { clearInterval(this.playing); this.playing = 0; return; }
        if (this.flying) return;
        const next = Number(slider.value) + stride;
        if (next > last) { play.click(); return; }
        slider.value = next;
        this.see(next);
      }, PACE);
    });
    this.slider = slider;
    const charts = make("div", { class: "charts" });
    this.box.replaceChildren(make("div", { class: "seek" }, play, slider, this.clock), this.sketch, charts);
    this.sketch.style.height = `${Math.max(240, this.canvas.clientHeight - 105)}px`;
    this.drawing = new Drawing(this.sketch, this.openPart, { wheel: false });
    this.charts = new TimeCharts(charts, this.done, (index) => { slider.value = index; this.see(index); });
    if (this.done.listed.length) {
      const rows = this.done.listed.map((e) => make("tr", {}, make("td", { class: "number" }, `${Number(e.t.toFixed(3))} s`), make("td", {}, e.element), make("td", {}, e.text)));
      charts.append(make("details", { class: "events" }, make("summary", {}, `${rows.length} events`), make("table", {}, make("tbody", {}, ...rows))));
    }
    this.see(Number(slider.value));
  }

  /** Shows a row: the cursor at once, the state when it comes; while one is awaited only the latest row waits. */
  see(index) {
    this.at = index;
    this.clock.textContent = `${Number(this.done.t[index].toFixed(3))} s`;
    this.slider.setAttribute("aria-valuetext", this.clock.textContent);
    this.charts.see(index);
    if (this.flying) { this.wanted = index; return; }
    this.flying = true;
    this.ask({ do: "at", row: this.done.rows[index] });
  }

  picture(told) {
    this.flying = false;
    if (this.drawing && told.drawing !== undefined && this.sketch.isConnected) this.drawing.show(told.drawing, told.parts);
    if (this.wanted !== null) {
      const next = this.wanted;
      this.wanted = null;
      this.see(next);
    }
  }

  progress({ done, total }) {
    if (!this.bar) return;
    [this.bar.max, this.bar.value] = [total, done];
    this.note.textContent = `${done.toFixed(1)} of ${total} s`;
  }

  run(told) {
    [this.done, this.busy, this.at, this.flying, this.wanted] = [told, false, undefined, false, null];
    if (this.box?.isConnected) this.show(this.hello);
  }

  stopped(told) {
    this.busy = false;
    if (this.box?.isConnected) this.show(this.hello);
    if (this.note) this.note.textContent = told.failed ? "the run failed" : told.message;
  }
}
