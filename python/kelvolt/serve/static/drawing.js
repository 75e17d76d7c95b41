// The drawings: parts coloured by their margin, with the margin as text; a click opens a part.
import { byId, closenessClass, degrees, KEY, make } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const [LEAST_ZOOM, MOST_ZOOM] = [0.1, 4]; // pixels for each unit of a drawing
const LEGIBLE = 0.72; // the smallest scale at which a drawing is shown before it is made smaller by hand
const EASY = 0.85; // the scale below which it is not made smaller to be seen whole
const STEP = 1.25; // of the buttons and keys
const FAR = 5; // pixels that a pointer moves before a click becomes a drag
const PARTS = ".part[data-path]";

export class Drawing {
  /** `wheel`: whether the wheel makes it larger and smaller without Ctrl. */
  constructor(canvas, open, { wheel = true } = {}) {
    this.canvas = canvas;
    this.open = open;
    this.text = "";
    this.fit = "legible"; // or "width", "whole", or "" for a scale chosen by hand
    this.zoom = 1;
    canvas.addEventListener("wheel", (event) => this.wheel(event, wheel), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.grab(event));
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  get shown() { return this.canvas.querySelector(".drawing"); }

  /** Shows the text of SVG elements; the same text is not drawn anew. */
  show(text, parts) {
    if (!text) {
      this.text = "";
      this.canvas.replaceChildren(make("p", { class: "empty" }, "There is nothing to draw of this kind in this state."));
      return;
    }
    if (text !== this.text || !this.shown) {
      const place = [this.canvas.scrollLeft, this.canvas.scrollTop];
      const focused = document.activeElement?.getAttribute?.("data-path");
      const page = new DOMParser().parseFromString(`<div>${text}</div>`, "text/html"); // scripts never run
      const box = make("div", { class: "drawing" }, ...[...page.body.firstChild.children].map((x) => document.importNode(x, true)));
      this.canvas.replaceChildren(box);
      this.size();
      for (const part of box.querySelectorAll(PARTS)) this.wire(part);
      this.canvas.scrollTo(...place);
      if (focused) box.querySelector(`.part[data-path="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
      this.text = text;
    }
    this.colour(parts);
  }

  // ---- size and place ----

  /** Larger or smaller by a factor around a point of the screen, by default the middle of what is seen. */
  scale(factor, at = this.middle()) {
    const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, this.zoom * factor));
    if (!this.shown || zoom === this.zoom) return;
    const svg = this.shown.querySelector("svg");
    const before = svg.getBoundingClientRect();
    const [u, v] = [(at.x - before.left) / before.width, (at.y - before.top) / before.height];
    [this.fit, this.zoom] = ["", zoom];
    this.size();
    const after = svg.getBoundingClientRect();
    this.canvas.scrollBy(after.left + u * after.width - at.x, after.top + v * after.height - at.y);
  }

  /** As large as the room allows: "width" or "whole". */
  fill(fit) {
    this.fit = fit;
    this.size();
  }

  middle() {
    const room = this.canvas.getBoundingClientRect();
    return { x: room.left + room.width / 2, y: room.top + room.height / 2 };
  }

  size() {
    for (const svg of this.canvas.querySelectorAll("svg")) {
      const { width, height } = svg.viewBox.baseVal;
      if (this.fit) this.zoom = this.fitting(width, height);
      svg.style.maxWidth = "none";
      svg.style.width = `${width * this.zoom}px`;
      svg.style.height = `${height * this.zoom}px`;
    }
  }

  /** The scale at which a drawing of this size has the room that was asked for. */
  fitting(width, height) {
    const [wide, high] = [Math.max(200, this.canvas.clientWidth - 20) / width, Math.max(150, this.canvas.clientHeight - 20) / height];
    if (this.fit === "whole") return Math.min(wide, high, 1.35);
    if (this.fit === "width") return Math.min(wide, MOST_ZOOM);
    return Math.max(LEGIBLE, Math.min(1.35, wide, Math.max(high, EASY)));
  }

  wheel(event, plain) {
    if (!this.shown || event.shiftKey || !(plain || event.ctrlKey)) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    this.scale(Math.exp(-0.0015 * lines * event.deltaY), { x: event.clientX, y: event.clientY });
  }

  /** Moves the drawing with the pointer; a click that follows a drag opens no part. */
  grab(event) {
    if (event.button !== 0 || event.pointerType === "touch" || !event.target.closest(".drawing")) return;
    const from = [event.clientX, event.clientY, this.canvas.scrollLeft, this.canvas.scrollTop];
    const listening = new AbortController();
    let moved = false;
    const move = (now) => {
      const [x, y] = [now.clientX - from[0], now.clientY - from[1]];
      moved ||= Math.hypot(x, y) > FAR;
      if (!moved) return;
      this.canvas.classList.add("grabbed");
      this.canvas.scrollTo(from[2] - x, from[3] - y);
    };
    const end = () => {
      listening.abort();
      this.canvas.classList.remove("grabbed");
      if (moved) {
        const stop = (click) => { click.stopPropagation(); click.preventDefault(); };
        addEventListener("click", stop, { capture: true, once: true });
        setTimeout(() => removeEventListener("click", stop, { capture: true }));
      }
    };
    addEventListener("pointermove", move, { signal: listening.signal });
    addEventListener("pointerup", end, { signal: listening.signal });
    addEventListener("pointercancel", end, { signal: listening.signal });
  }

  key(event) {
    if (!this.shown || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select")) return;
    const does = {
      "+": () => this.scale(STEP), "=": () => this.scale(STEP), "-": () => this.scale(1 / STEP),
      0: () => this.fill("whole"), w: () => this.fill("width"),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  }

  // ---- parts ----

  wire(part) {
    const path = part.getAttribute("data-path");
    part.setAttribute("tabindex", "0");
    part.setAttribute("role", "button");
    part.addEventListener("click", () => this.open(path));
    part.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); this.open(path); }
    });
  }

  colour(parts) {
    for (const old of this.canvas.querySelectorAll(".badge")) old.remove();
    const labels = [];
    for (const part of this.canvas.querySelectorAll(PARTS)) {
      const path = part.getAttribute("data-path");
      const known = parts[path];
      const word = closenessClass(known?.close, known?.verdict);
      part.dataset.close = word;
      const title = part.querySelector(":scope > title");
      title.dataset.own ??= title.textContent;
      const own = title.dataset.own;
      title.textContent = known ? `${own}: ${known.limit} of ${known.element}, margin ${degrees(known.margin)}, ${known.verdict}` : own;
      part.setAttribute("aria-label", title.textContent);
      if (known) labels.push([part, degrees(known.margin), word]);
    }
    if (labels.length) badges(this.shown, labels);
  }
}

/** The margins as text beside the symbols, where no words, symbols or other margins stand. */
function badges(box, labels) {
  for (const svg of box.querySelectorAll("svg")) {
    const to = svg.getScreenCTM().inverse();
    const all = (css) => [...svg.querySelectorAll(css)].map((x) => inside(x.getBoundingClientRect(), to));
    const taken = [...all("text"), ...all(".symbol")];
    const lines = all(":scope path, :scope circle").filter((r) => Math.min(r.width, r.height) < 6 && Math.max(r.width, r.height) > 3);
    for (const [part, text, word] of labels) {
      if (part.ownerSVGElement !== svg) continue;
      const shape = inside((part.querySelector(".symbol") ?? part.querySelector("path, rect, circle")).getBoundingClientRect(), to);
      const [width, height] = [8 + 5.7 * text.length, 14];
      const free = places(shape, width, height).filter((place) => taken.every((r) => !meet(place, r)));
      const best = free.find((place) => lines.every((r) => !meet(place, r))) ?? free[0];
      if (!best) continue; // its margin stands in its title, its class in its colour
      taken.push(best);
      svg.append(badge(best, text, word));
    }
  }
}

/** Places around a symbol, nearest first. */
function places({ x, y, width, height }, w, h) {
  const [left, right, above, below] = [x - w - 3, x + width + 3, y - h - 2, y + height + 2];
  const [centre, middle] = [x + (width - w) / 2, y + (height - h) / 2];
  const near = [[centre, above], [left, middle], [right, middle], [left, y - 4], [right, y - 4], [left, above], [right, above], [left, y + height - h + 4], [right, y + height - h + 4], [centre, below], [left, below], [right, below]];
  const far = [1, 2, 3, 4].flatMap((k) => [[centre, above - 12 * k], [centre, below + 12 * k], [left, above - 12 * k], [right, above - 12 * k], [left, below + 12 * k], [right, below + 12 * k], [left - 12 * k, middle]]);
  return [...near, ...far].map(([a, b]) => ({ x: a, y: b, width: w, height: h }));
}

const meet = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

function badge({ x, y, width, height }, text, word) {
  const group = document.createElementNS(SVG, "g");
  group.setAttribute("class", `badge ${word}`);
  const rect = document.createElementNS(SVG, "rect");
  for (const [k, v] of Object.entries({ x, y, width, height, rx: 3 })) rect.setAttribute(k, v);
  const label = document.createElementNS(SVG, "text");
  label.setAttribute("x", x + width / 2);
  label.setAttribute("y", y + 10.5);
  label.setAttribute("text-anchor", "middle");
  label.textContent = text;
  group.append(rect, label);
  return group;
}

/** A rectangle of the screen in the coordinates of a drawing. */
function inside(rect, to) {
  const [a, b] = [[rect.left, rect.top], [rect.right, rect.bottom]].map(([x, y]) => new DOMPoint(x, y).matrixTransform(to));
  return { x: a.x, y: a.y, width: b.x - a.x, height: b.y - a.y };
}

/** The key of the colours and the tools of the drawing; `more` gives it more or less room. */
export function showKey(visible, drawing, more) {
  const key = byId("key");
  key.hidden = !visible;
  if (key.childElementCount) return;
  const button = (label, title, does) => {
    const made = make("button", { title, "aria-label": title }, label);
    made.addEventListener("click", does);
    return made;
  };
  const tools = make("span", { class: "tools" },
    button("−", "Smaller (−)", () => drawing().scale(1 / STEP)), button("+", "Larger (+)", () => drawing().scale(STEP)),
    button("width", "As wide as the room (w)", () => drawing().fill("width")),
    button("whole", "The whole drawing (0)", () => drawing().fill("whole")),
    button("⤢", "More or less room for the drawing (f)", more));
  key.append(make("span", {}, "Tightest margin of a part:"), ...KEY.map(([word, text]) =>
    make("span", { class: "entry" }, make("span", { class: `swatch ${word}` }), text)), tools);
}
