// Sliders for parameters, and the search field that adds them.
import { byId, degrees, make, plain } from "./dom.js";

const MOST_FOUND = 60;

export class Sliders {
  /** `turn(path, value, mark)`: a number in SI, or text with a unit; `ask(message)` sends anything else. */
  constructor(turn, ask) {
    this.turn = turn;
    this.ask = ask;
    this.knobs = new Map(); // path -> {info, range, field, low, high, row}
    this.catalogue = [];
    this.drags = 0;
    new Search(this);
  }

  begin(knobs, catalogue) {
    this.catalogue = catalogue;
    const kept = [...this.knobs.keys()];
    if (kept.length) { // the server was lost and found again: the sliders stay
      for (const path of kept) this.ask({ do: "knob", path });
      return;
    }
    for (const knob of knobs) this.add(knob);
    byId("offered").textContent = knobs.length
      ? "Those that move the binding limit most: gradient times range."
      : "Search a parameter to turn it.";
  }

  add(info) {
    const there = this.knobs.get(info.path);
    if (there) {
      this.set(info.path, info);
      there.row.classList.add("found");
      setTimeout(() => there.row.classList.remove("found"), 1200);
      return there;
    }
    const name = info.path;
    const split = name.lastIndexOf(".");
    const range = make("input", { type: "range", "aria-label": name, title: info.doc });
    const field = make("input", {
      type: "text", class: "value", "aria-label": `${name}, value; a number in ${info.unit || "1"} or text with a unit`,
      inputMode: "text", spellcheck: false,
    });
    const low = make("input", { type: "text", class: "end", "aria-label": `${name}, left end of the slider` });
    const high = make("input", { type: "text", class: "end right", "aria-label": `${name}, right end of the slider` });
    const drop = make("button", { class: "drop-knob", title: "Remove this slider", "aria-label": `remove the slider of ${name}` }, "×");
    const many = info.count > 1 ? ` ×${info.count}` : "";
    const row = make("div", { class: "knob" },
      make("div", { class: "name" },
        make("span", { class: "path", title: `${info.doc}\nallowed: ${info.allowed || "any"}\n${info.source ? `${info.source}\n` : ""}${info.where}` },
          make("span", { class: "owner" }, name.slice(0, split + 1)), make("b", {}, name.slice(split + 1)), many),
        drop),
      make("div", { class: "doc" }, info.doc),
      make("div", { class: "turn" }, range, field, make("span", { class: "unit" }, degrees(info.unit))),
      make("div", { class: "ends" }, low, make("span", { class: "origin" }, origin(info)), high));
    const knob = { info, range, field, low, high, row };
    this.knobs.set(name, knob);
    this.span(knob, info.min, info.max);
    this.set(name, info);
    this.wire(knob, drop);
    byId("sliders").append(row);
    return knob;
  }

  span(knob, low, high) {
    const { range, info } = knob;
    [range.min, range.max, range.step] = [low, high, step(low, high, info.step)];
    [knob.low.value, knob.high.value] = [plain(low), plain(high)];
  }

  /** Shows a value in the units shown; a slider being dragged is left alone. */
  set(path, { value, alike }) {
    const knob = this.knobs.get(path);
    if (!knob || value === undefined) return;
    if (!knob.dragged) {
      if (value < Number(knob.range.min)) this.span(knob, value, Number(knob.range.max));
      if (value > Number(knob.range.max)) this.span(knob, Number(knob.range.min), value);
      knob.range.value = value;
    }
    knob.row.classList.toggle("mixed", alike === false);
    if (document.activeElement !== knob.field) {
      knob.field.value = plain(value);
      knob.field.title = alike === false ? "The elements differ: their mean is shown; turning makes them alike." : "";
    }
    knob.range.setAttribute("aria-valuetext", `${plain(value)} ${knob.info.unit}`);
  }

  wire(knob, drop) {
    const { info, range, field } = knob;
    const si = (shown) => (shown - info.zero) / info.slope;
    let mark = "";
    range.addEventListener("pointerdown", () => { knob.dragged = true; mark = `drag ${(this.drags += 1)}`; });
    range.addEventListener("keydown", (event) => { if (!event.repeat) mark = `key ${(this.drags += 1)}`; });
    range.addEventListener("input", () => {
      const shown = Number(range.value);
      field.value = plain(shown);
      range.setAttribute("aria-valuetext", `${plain(shown)} ${info.unit}`);
      this.turn(info.path, si(shown), mark);
    });
    const settle = () => { knob.dragged = false; };
    for (const event of ["change", "pointerup", "pointercancel"]) range.addEventListener(event, settle);
    field.addEventListener("change", () => {
      const text = field.value.trim();
      const number = text !== "" && Number.isFinite(Number(text));
      if (text) this.turn(info.path, number ? si(Number(text)) : text, "");
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") field.dispatchEvent(new Event("change"));
      if (event.key === "Escape") { field.value = plain(Number(range.value)); field.blur(); event.stopPropagation(); }
    });
    for (const end of [knob.low, knob.high]) {
      end.addEventListener("change", () => {
        const [low, high] = [Number(knob.low.value), Number(knob.high.value)];
        if (Number.isFinite(low) && Number.isFinite(high) && low < high) this.span(knob, low, high);
        else this.span(knob, Number(range.min), Number(range.max));
        range.value = field.value;
      });
    }
    drop.addEventListener("click", () => {
      this.knobs.delete(info.path);
      knob.row.remove();
      this.ask({ do: "drop", path: info.path });
      byId("search").focus();
    });
  }
}

function origin(info) {
  const range = info.range ? `may be ${info.range}` : "";
  return degrees([info.grade, range].filter(Boolean).join(", "));
}

function step(low, high, wanted) {
  return Math.min(wanted, (high - low) / 50) || 1;
}

/** The field over all parameters: words in any order, Tab completes to what all matches share. */
class Search {
  constructor(sliders) {
    this.sliders = sliders;
    this.field = byId("search");
    this.list = byId("found");
    this.at = -1;
    this.matches = [];
    this.field.addEventListener("input", () => this.show());
    this.field.addEventListener("focus", () => this.show());
    this.field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.field.addEventListener("keydown", (event) => this.key(event));
  }

  show() {
    const words = this.field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const score = (k) => {
      const path = k.path.toLowerCase();
      if (!words.every((w) => path.includes(w) || k.doc.toLowerCase().includes(w))) return -1;
      return words.reduce((s, w) => s + (path.startsWith(w) ? 3 : path.endsWith(w) ? 2 : path.includes(w) ? 1 : 0), 0);
    };
    const found = this.sliders.catalogue.map((k) => [score(k), k]).filter(([s]) => s >= 0);
    found.sort((a, b) => b[0] - a[0] || a[1].path.length - b[1].path.length);
    this.matches = found.slice(0, MOST_FOUND).map(([, k]) => k);
    this.at = -1;
    this.list.replaceChildren(...this.matches.map((k, i) => {
      const many = k.count > 1 ? ` ×${k.count}` : "";
      const item = make("li", { role: "option", id: `found-${i}`, "aria-selected": "false" },
        make("span", { class: "path" }, k.path + many), make("span", { class: "doc" }, `${k.doc}${k.unit ? ` (${k.unit})` : ""}`));
      item.addEventListener("mousedown", (event) => { event.preventDefault(); this.take(k.path); });
      return item;
    }));
    if (!this.matches.length) this.list.append(make("li", { class: "none" }, "nothing found; a path such as tray[3].gpu[1].power also works"));
    const under = this.field.getBoundingClientRect();
    this.list.style.left = `${under.left}px`;
    this.list.style.top = `${under.bottom + 2}px`;
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.field.removeAttribute("aria-activedescendant");
  }

  close() {
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
  }

  key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.show();
      this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Tab" && !event.shiftKey && this.complete()) {
      event.preventDefault();
    } else if (event.key === "Enter") {
      const chosen = this.matches[this.at] ?? (this.exact() || (this.matches.length === 1 ? this.matches[0] : null));
      if (chosen || this.field.value.trim()) this.take(chosen ? chosen.path : this.field.value.trim());
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.field.value = "";
      this.close();
    }
  }

  exact() {
    return this.matches.find((k) => k.path === this.field.value.trim());
  }

  move(by) {
    const items = this.list.querySelectorAll('[role="option"]');
    if (!items.length) return;
    if (this.at >= 0) items[this.at].setAttribute("aria-selected", "false");
    this.at = (this.at + by + items.length) % items.length;
    items[this.at].setAttribute("aria-selected", "true");
    items[this.at].scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", `found-${this.at}`);
  }

  /** Extends the text to what all paths that begin with it share; tells whether it did. */
  complete() {
    const typed = this.field.value.trim();
    if (!typed) return false;
    const begin = this.sliders.catalogue.map((k) => k.path).filter((p) => p.startsWith(typed));
    const from = begin.length ? begin : this.matches.slice(0, 1).map((k) => k.path);
    if (!from.length) return false;
    let shared = from[0];
    for (const path of from) while (!path.startsWith(shared)) shared = shared.slice(0, -1);
    if (shared === typed || (shared.length < typed.length && begin.length)) return false;
    this.field.value = shared;
    this.show();
    return true;
  }

  take(path) {
    this.sliders.ask({ do: "knob", path });
    this.field.value = "";
    this.close();
  }
}
