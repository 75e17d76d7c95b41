// The drawings: parts coloured by their margin, with the margin as text; a click opens a part.
import { byId, closenessClass, degrees, KEY, make } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const [LEAST_ZOOM, MOST_ZOOM] = [0.3, 3];
const LEGIBLE = 0.72; // the smallest scale at which a drawing is shown before it is made smaller by hand

export class Drawing {
  /** `highest`: pixels that a drawing may be high before it is made larger by hand. */
  constructor(canvas, open, highest = Infinity) {
    this.canvas = canvas;
    this.open = open;
    this.highest = highest;
    this.text = "";
    this.zoom = 1;
    this.fit = false;
  }

  /** Shows the text of SVG elements; the same text is not drawn anew. */
  show(text, parts) {
    if (!text) {
      this.text = "";
      this.canvas.replaceChildren(make("p", { class: "empty" }, "There is nothing to draw of this kind in this state."));
      return;
    }
    if (text !== this.text || !this.canvas.querySelector(".drawing")) {
      const place = [this.canvas.scrollLeft, this.canvas.scrollTop];
      const focused = document.activeElement?.getAttribute?.("data-path");
      const page = new DOMParser().parseFromString(`<div>${text}</div>`, "text/html"); // scripts never run
      const box = make("div", { class: "drawing" }, ...[...page.body.firstChild.children].map((x) => document.importNode(x, true)));
      this.canvas.replaceChildren(box);
      for (const svg of box.querySelectorAll("svg")) this.size(svg);
      for (const part of box.querySelectorAll("[data-path]")) this.wire(part);
      this.canvas.scrollTo(...place);
      if (focused) box.querySelector(`[data-path="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
      this.text = text;
    }
    this.colour(parts);
  }

  /** Larger or smaller by a factor; 0: as wide as there is room. */
  scale(factor) {
    if (factor === 0) this.fit = true;
    this.zoom = factor === 0 ? 1 : Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, this.zoom * factor));
    for (const svg of this.canvas.querySelectorAll("svg")) this.size(svg);
  }

  size(svg) {
    const box = svg.viewBox.baseVal;
    const room = Math.max(200, this.canvas.clientWidth - 20);
    const natural = box.width || room;
    const legible = this.fit ? 0 : LEGIBLE * natural;
    const wide = Math.min(Math.max(legible, Math.min(natural * 1.35, room)), (this.highest * natural) / (box.height || 1));
    const width = wide * this.zoom;
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    svg.style.maxWidth = "none";
    svg.style.width = `${width}px`;
    svg.style.height = "auto";
  }

  wire(part) {
    const path = part.getAttribute("data-path");
    part.setAttribute("tabindex", "0");
    part.setAttribute("role", "button");
    part.setAttribute("aria-label", path);
    part.addEventListener("click", () => this.open(path));
    part.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); this.open(path); }
    });
  }

  colour(parts) {
    for (const old of this.canvas.querySelectorAll(".badge")) old.remove();
    const words = [...this.canvas.querySelectorAll("svg text")].map((x) => x.getBoundingClientRect());
    for (const part of this.canvas.querySelectorAll("[data-path]")) {
      const path = part.getAttribute("data-path");
      const known = parts[path];
      const word = closenessClass(known?.close, known?.verdict);
      part.dataset.close = word;
      const said = known ? `${path}: ${known.limit} of ${known.element}, margin ${known.margin}, ${known.verdict}` : `${path}: no limit assessed`;
      part.setAttribute("aria-label", said);
      let title = part.querySelector(":scope > title");
      if (!title) { title = document.createElementNS(SVG, "title"); part.prepend(title); }
      title.textContent = said;
      if (known) part.append(badge(part, known.margin, word, words));
    }
  }
}

/** The margin as text: in a corner of a large shape, beside a small one, where no words of the drawing stand. */
function badge(part, text, word, words) {
  const screen = part.getScreenCTM();
  const shapes = part.querySelectorAll("rect, circle, ellipse, path, line, polygon, polyline");
  const box = around([...shapes].map((x) => inside(x.getBoundingClientRect(), screen.inverse())));
  const [width, height] = [8 + 5.6 * text.length, 14];
  const middle = box.y + (box.height - height) / 2;
  const centre = box.x + (box.width - width) / 2;
  const right = box.x + box.width - width - 3;
  const places = box.width > 60
    ? [[right, box.y + 4], [box.x + 3, box.y + 4], [right, box.y + box.height - height - 4]]
    : [[box.x + box.width + 2, middle], [box.x - width - 2, middle], [centre, box.y + box.height + 2], [centre, box.y - height - 2]];
  const free = ([x, y]) => {
    const [a, b] = [new DOMPoint(x, y), new DOMPoint(x + width, y + height)].map((p) => p.matrixTransform(screen));
    return words.every((w) => b.x < w.left || w.right < a.x || b.y < w.top || w.bottom < a.y);
  };
  const [x, y] = places.find(free) ?? places[0];
  const group = document.createElementNS(SVG, "g");
  group.setAttribute("class", `badge ${word}`);
  const rect = document.createElementNS(SVG, "rect");
  for (const [k, v] of Object.entries({ x, y, width, height, rx: 3 })) rect.setAttribute(k, v);
  const label = document.createElementNS(SVG, "text");
  label.setAttribute("x", x + width / 2);
  label.setAttribute("y", y + 10.5);
  label.setAttribute("text-anchor", "middle");
  label.textContent = degrees(text);
  group.append(rect, label);
  return group;
}

/** A rectangle of the screen in the coordinates of a part. */
function inside(rect, to) {
  const [a, b] = [[rect.left, rect.top], [rect.right, rect.bottom]].map(([x, y]) => new DOMPoint(x, y).matrixTransform(to));
  return { x: a.x, y: a.y, width: b.x - a.x, height: b.y - a.y };
}

function around(boxes) {
  const [x, y] = [Math.min(...boxes.map((b) => b.x)), Math.min(...boxes.map((b) => b.y))];
  return { x, y, width: Math.max(...boxes.map((b) => b.x + b.width)) - x, height: Math.max(...boxes.map((b) => b.y + b.height)) - y };
}

export function showKey(visible, drawing) {
  const key = byId("key");
  key.hidden = !visible;
  if (key.childElementCount) return;
  const button = (label, title, factor) => {
    const made = make("button", { title, "aria-label": title }, label);
    made.addEventListener("click", () => drawing().scale(factor));
    return made;
  };
  const tools = make("span", { class: "tools" }, button("−", "Smaller", 0.8), button("fit", "As wide as the window", 0), button("+", "Larger", 1.25));
  key.append(make("span", {}, "Tightest margin of a part:"), ...KEY.map(([word, text]) =>
    make("span", { class: "entry" }, make("span", { class: `swatch ${word}` }), text)), tools);
}
