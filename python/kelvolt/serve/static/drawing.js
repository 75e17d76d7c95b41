// The drawings: parts coloured by their margin, with the margin as text; a click opens a part.
import { byId, closenessClass, KEY, make } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const MOST_ZOOM = 3;

export class Drawing {
  constructor(canvas, open) {
    this.canvas = canvas;
    this.open = open;
    this.text = "";
    this.zoom = 1;
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
      this.canvas.replaceChildren(this.tools(), box);
      for (const svg of box.querySelectorAll("svg")) this.size(svg);
      for (const part of box.querySelectorAll("[data-path]")) this.wire(part);
      this.canvas.scrollTo(...place);
      if (focused) box.querySelector(`[data-path="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
      this.text = text;
    }
    this.colour(parts);
  }

  tools() {
    const button = (label, title, to) => {
      const made = make("button", { title, "aria-label": title }, label);
      made.addEventListener("click", () => {
        this.zoom = to === 0 ? 1 : Math.min(MOST_ZOOM, Math.max(0.3, this.zoom * to));
        for (const svg of this.canvas.querySelectorAll("svg")) this.size(svg);
      });
      return made;
    };
    return make("div", { class: "tools" }, button("−", "Smaller", 0.8), button("fit", "As wide as the window", 0), button("+", "Larger", 1.25));
  }

  size(svg) {
    const box = svg.viewBox.baseVal;
    const room = Math.max(200, this.canvas.clientWidth - 20);
    const natural = box.width || room;
    const width = (natural > room ? room : Math.min(natural * 1.35, room)) * this.zoom;
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
    for (const part of this.canvas.querySelectorAll("[data-path]")) {
      const path = part.getAttribute("data-path");
      const known = parts[path];
      part.querySelector(".badge")?.remove();
      const word = closenessClass(known?.close, known?.verdict);
      part.dataset.close = word;
      const said = known ? `${path}: ${known.limit} of ${known.element}, margin ${known.margin}, ${known.verdict}` : `${path}: no limit assessed`;
      part.setAttribute("aria-label", said);
      let title = part.querySelector(":scope > title");
      if (!title) { title = document.createElementNS(SVG, "title"); part.prepend(title); }
      title.textContent = said;
      if (known) part.append(badge(part, known.margin, word));
    }
  }
}

/** The margin as text in the upper right corner of a part. */
function badge(part, text, word) {
  const shape = part.querySelector("rect, circle, path, line") ?? part;
  const box = shape.getBBox();
  const group = document.createElementNS(SVG, "g");
  group.setAttribute("class", `badge ${word}`);
  const width = 8 + 5.6 * text.length;
  const [x, y] = box.width > 60 ? [box.x + box.width - width - 3, box.y + 4] : [box.x + box.width - 2, box.y - 11];
  const rect = document.createElementNS(SVG, "rect");
  for (const [k, v] of Object.entries({ x, y, width, height: 14, rx: 3 })) rect.setAttribute(k, v);
  const label = document.createElementNS(SVG, "text");
  label.setAttribute("x", x + width / 2);
  label.setAttribute("y", y + 10.5);
  label.setAttribute("text-anchor", "middle");
  label.textContent = text.replace("deg", "°");
  group.append(rect, label);
  return group;
}

export function showKey(visible) {
  const key = byId("key");
  key.hidden = !visible;
  if (key.childElementCount) return;
  key.append(make("span", {}, "Tightest margin of a part:"), ...KEY.map(([word, text]) =>
    make("span", { class: "entry" }, make("span", { class: `swatch ${word}` }), text)));
}
