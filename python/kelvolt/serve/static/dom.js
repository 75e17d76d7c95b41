// Small helpers to make elements.

export const byId = (id) => document.getElementById(id);

/** An element with properties, attributes (names with a dash or role) and children; text is never read as HTML. */
export function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "for") made.setAttribute(name, value);
    else if (name === "class") made.className = value;
    else made[name] = value;
  }
  made.append(...children.filter((x) => x !== null && x !== undefined));
  return made;
}

/** Text with the sign of degrees. */
export const degrees = (text) => String(text).replace(/\bdeg([CF])\b/g, "°$1");

/** Replaces the rows of a table body; cells are text or elements. */
export function fill(body, rows) {
  body.replaceChildren(...rows);
}

/** How close a margin is to its limit, as one of five words. */
export function closenessClass(close, verdict) {
  if (verdict === "not assessed" || close === undefined || close === null) return "none";
  if (verdict === "broken" || close < 0) return "broken";
  return close < 0.1 ? "tight" : close < 0.5 ? "near" : "wide";
}

export const KEY = [
  ["broken", "limit broken"],
  ["tight", "margin below 1 K or 10 %"],
  ["near", "below 5 K or 50 %"],
  ["wide", "above that"],
  ["none", "no limit assessed"],
];

/** A number as text with as many digits as a slider needs. */
export function plain(x) {
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e7 || size < 1e-4) return x.toExponential(3);
  return String(Number(x.toPrecision(5)));
}
