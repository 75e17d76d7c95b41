// Tables of numbers, and the panel of one part.
import { byId, closenessClass, degrees, fill, make } from "./dom.js";

export function figures(rows, kept) {
  byId("numbers").classList.toggle("kept", kept);
  const cells = (f) => [
    make("th", { scope: "row" }, f.name), make("td", { class: "number", "data-figure": f.name }, degrees(f.text)),
    ...(kept ? [make("td", { class: "number a" }, f.a === undefined ? "–" : degrees(f.a)), make("td", { class: "number change" }, f.change === undefined ? "–" : degrees(f.change))] : []),
  ];
  const head = kept ? [make("tr", { class: "heads" }, make("th", {}), make("th", { class: "number" }, "now"), make("th", { class: "number" }, "A"), make("th", { class: "number" }, "now − A"))] : [];
  fill(byId("figures").tBodies[0], [...head, ...rows.map((f) => make("tr", {}, ...cells(f)))]);
}

export function limits(rows, kept, open) {
  const heads = ["limit", "value", "allowed", "margin", ...(kept ? ["margin − A"] : [])];
  byId("limits-head").replaceChildren(...heads.map((t, k) => make("th", { class: k ? "number" : "" }, t)));
  const table = rows.map((v) => {
    const name = make("button", { class: "link", title: `${v.quantity}; basis: ${v.basis}` }, v.id);
    name.addEventListener("click", () => open(v.element));
    const many = v.count > 1 ? ` (tightest of ${v.count})` : "";
    const word = v.verdict === "broken" ? make("strong", { class: "word" }, " BROKEN") : null;
    return make("tr", { class: `limit ${closenessClass(v.close, v.verdict)}`, "data-limit": v.id },
      make("td", {}, name, word, make("span", { class: "where" }, v.element + many)),
      make("td", { class: "number" }, degrees(v.value)), make("td", { class: "number" }, degrees(v.allowed)),
      make("td", { class: "number margin" }, degrees(v.margin)),
      ...(kept ? [make("td", { class: "number change" }, v.change === undefined ? "–" : degrees(v.change))] : []));
  });
  const empty = make("tr", {}, make("td", { colSpan: heads.length, class: "note" }, "No limit was assessed in this state."));
  fill(byId("limits").tBodies[0], table.length ? table : [empty]);
}

export function changes(rows, kept) {
  byId("changes").hidden = !rows.length;
  byId("changes-rows").replaceChildren(...rows.map((r) => make("li", {}, make("span", { class: "path" }, r.path),
    make("span", { class: "values" }, degrees(`${r.begun} → ${r.now}${kept ? `; A: ${r.a}` : ""}`)))));
}

// ---- one part ----

let came = null; // what had the focus before the panel was opened

export function openPart(from) {
  if (byId("part").hidden) came = from ?? document.activeElement;
}

export function closePart() {
  const panel = byId("part");
  if (panel.hidden) return false;
  panel.hidden = true;
  if (came?.isConnected) came.focus();
  came = null;
  return true;
}

/** Fills the panel; what was unfolded stays so. */
export function part(told, slide, open) {
  const panel = byId("part");
  const fresh = panel.hidden || panel.dataset.path !== told.path;
  const unfolded = new Set(fresh ? [] : [...panel.querySelectorAll("details[open]")].map((d) => d.dataset.name));
  const place = fresh ? 0 : byId("part-body").scrollTop;
  const many = told.count > 1 ? `, ${told.count} components` : "";
  byId("part-title").textContent = told.path + many;
  const body = [];
  if (told.limits.length) body.push(make("h3", {}, "Limits"), ...limitTable(told.limits));
  else body.push(make("p", { class: "note" }, "No limit belongs to this part."));
  told.holds.forEach((kind, k) => body.push(...ofKind(kind, k === 0 || unfolded.has(kind.path), unfolded, slide, open)));
  if (told.kinds > told.holds.length) body.push(make("p", { class: "note" }, `and ${told.kinds - told.holds.length} more kinds of components`));
  byId("part-body").replaceChildren(...body);
  panel.dataset.path = told.path;
  panel.hidden = false;
  byId("part-body").scrollTop = place;
  if (fresh) panel.focus();
}

function limitTable(rows) {
  const judged = rows.filter((v) => v.verdict !== "not assessed");
  const open = rows.filter((v) => v.verdict === "not assessed");
  const lines = judged.map((v) => make("tr", { class: closenessClass(v.close, v.verdict) },
    make("td", {}, v.id, v.verdict === "broken" ? make("strong", { class: "word" }, " BROKEN") : null, make("span", { class: "where" }, v.element)),
    make("td", { class: "number" }, degrees(v.value)), make("td", { class: "number" }, degrees(v.allowed)), make("td", { class: "number margin" }, degrees(v.margin))));
  const head = ["limit", "value", "allowed", "margin"].map((t, k) => make("th", { class: k ? "number" : "" }, t));
  const table = make("table", { class: "limits" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...lines));
  const rest = open.map((v) => make("tr", {}, make("td", {}, v.id, make("span", { class: "where" }, v.element)), make("td", { class: "note" }, v.reason)));
  const fold = make("details", {}, make("summary", {}, `${open.length} not assessed`), make("table", {}, make("tbody", {}, ...rest)));
  fold.dataset.name = "not assessed";
  return [judged.length ? table : null, open.length ? fold : null].filter(Boolean);
}

function ofKind(kind, unfold, unfolded, slide) {
  const many = kind.count > 1 ? ` ×${kind.count}` : "";
  const outputs = kind.outputs.map((o) => make("tr", { title: o.doc }, make("th", { scope: "row" }, o.name), make("td", { class: "doc" }, o.doc), make("td", { class: "number" }, degrees(o.text))));
  const parameters = kind.parameters.map((p) => {
    const add = make("button", { title: `Turn ${p.path} with a slider`, "aria-label": `slider for ${p.path}` }, "slide");
    add.addEventListener("click", () => slide(p.path));
    const source = [p.grade, p.range ? `may be ${p.range}` : p.allowed, p.source].filter(Boolean).join("; ");
    return make("tr", { class: p.grade === "assumed" ? "assumed" : "" },
      make("th", { scope: "row" }, p.name), make("td", { class: "doc" }, p.doc, source ? make("span", { class: "source" }, source) : null, make("span", { class: "source" }, p.where)),
      make("td", { class: "number" }, degrees(p.text)), make("td", {}, add));
  });
  const fold = (name, title, rows, first) => {
    if (!rows.length) return null;
    const made = make("details", { open: first || unfolded.has(name) }, make("summary", {}, `${title} (${rows.length})`), make("table", {}, make("tbody", {}, ...rows)));
    made.dataset.name = name;
    return made;
  };
  return [
    make("h3", {}, kind.path + many, make("span", { class: "model" }, kind.model)), make("p", { class: "note" }, kind.doc),
    fold(`${kind.path} outputs`, "Outputs", outputs, unfold), fold(`${kind.path} parameters`, "Parameters", parameters, false),
  ].filter(Boolean);
}

// ---- contingencies ----

export function failures(box, told, see) {
  const dies = told.rows.some((r) => r.die !== "-");
  const rows = told.rows.map((r) => {
    const name = make("button", { class: "link" }, r.contingency + (r.alike > 1 ? ` (of ${r.alike} alike)` : ""));
    name.addEventListener("click", () => see(r.contingency));
    return make("tr", { class: r.verdict === "broken" ? "broken" : "" },
      make("td", {}, name), make("td", {}, r.verdict === "broken" ? "BROKEN" : r.verdict),
      make("td", { class: "number" }, r.loading, make("span", { class: "where" }, r.loading_at)),
      make("td", { class: "number" }, r.lost_load),
      make("td", { class: "number" }, r.voltage, make("span", { class: "where" }, r.voltage_at)),
      ...(dies ? [make("td", { class: "number" }, degrees(r.die))] : []), make("td", { class: "why" }, r.why));
  });
  const heads = ["contingency", "verdict", "worst loading", "lost load", "lowest voltage", ...(dies ? ["hottest die"] : []), "why"].map((t) => make("th", {}, t));
  box.replaceChildren(make("p", { class: "note" }, `${told.text}. A click shows the state after a failure.`),
    make("table", { class: "branches" }, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows)));
}
