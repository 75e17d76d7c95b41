// Wires the page: messages of the server to its parts, and the keyboard.
import { branches, pump, TimeCharts } from "./charts.js";
import { Connection } from "./connection.js";
import { byId, degrees, make } from "./dom.js";
import { Drawing, showKey } from "./drawing.js";
import * as panels from "./panels.js";
import { Sliders } from "./sliders.js";
import { Theme } from "./theme-switch.js";
import { TimeTab } from "./time.js";

const TABS = [["loop", "Coolant circuits"], ["power", "One-line"], ["branches", "Branches"], ["pump", "Pump curve"], ["time", "Over time"], ["failures", "Contingencies"]];
const canvas = byId("canvas");
const began = new Map(); // ask -> time of the input event, for the time that an answer takes
const times = []; // ms from input to new numbers, for measurements
globalThis.kelvoltTimes = times;
let now = { tab: "loop", last: null, hello: null, failures: null };
let inputAt = null;

const connection = new Connection({
  hello, offer: ({ knobs, catalogue }) => sliders.begin(knobs, catalogue), answer, picture, error, progress, run, failures, cancelled,
  knob: ({ knob }) => { const made = sliders.add(knob); made.row.scrollIntoView({ block: "nearest" }); made.range.focus(); },
  written: ({ file }) => banner(`Written: ${file}`, "good"),
}, (text) => {
  byId("connection").textContent = text;
  document.body.classList.toggle("lost", Boolean(text));
});
const ask = (message) => connection.send(message);
const sliders = new Sliders((path, value, mark) => { inputAt ??= performance.now(); connection.change({ values: { [path]: value }, mark }); }, ask);
const drawing = new Drawing(canvas, openPart);
const time = new TimeTab(canvas, ask, openPart);
const front = () => (now.tab === "time" && time.drawing ? time.drawing : drawing);

// ---- messages ----

function hello(told) {
  now.hello = told;
  document.title = `${told.title} – Kelvolt`;
  byId("title").textContent = told.title;
  byId("title").title = `${told.title}. ${told.about}`;
  byId("size").textContent = `${told.file.split("/").pop()}: ${told.size}`;
  time.begin(told.duration);
  const scenario = byId("scenario");
  scenario.hidden = !told.scenarios.length;
  scenario.replaceChildren(make("option", { value: "" }, "operating case …"), ...told.scenarios.map((s) => make("option", { value: s }, s)));
  for (const what of ["case", "report", "result"]) byId(`save-${what}`).href = `file/${what}?tab=${encodeURIComponent(told.tab)}`;
  byId("writes").hidden = !told.write;
  byId("read-only").hidden = Boolean(told.write);
  byId("folder").textContent = told.write;
  tabs(told);
}

function answer(told) {
  now.last = told;
  for (const id of ["undo", "redo"]) byId(id).disabled = !told[id];
  const stale = Boolean(told.failed);
  document.body.classList.toggle("stale", stale);
  if (stale) failed(told);
  else if (byId("banner").dataset.kind === "failed" || (told.ask && byId("banner").dataset.kind === "bad")) banner("");
  byId("keep").setAttribute("aria-pressed", String(told.kept));
  byId("keep").textContent = told.kept ? "Forget A" : "Keep as A";
  byId("place").hidden = !told.place;
  byId("place").firstElementChild.textContent = told.place ? `Shown: ${told.place}` : "";
  for (const [path, value] of Object.entries(told.values)) sliders.set(path, value);
  if (told.verdict) {
    const verdict = byId("verdict");
    const text = (stale ? "no solution at these values; last solved: " : "") + told.verdict.text;
    if (verdict.textContent !== text) verdict.textContent = text;
    verdict.dataset.word = stale ? "stale" : told.verdict.word;
    bindingLine(told.limits[0]);
    panels.figures(told.figures, told.kept);
    panels.limits(told.limits, told.kept, openPart);
  } else {
    byId("verdict").textContent = "no solution";
    byId("verdict").dataset.word = "stale";
  }
  panels.changes(told.changed, told.kept);
  if (inputAt !== null && told.ask) {
    times.push(performance.now() - inputAt);
    byId("timing").textContent = `solved in ${told.solve_ms?.toFixed(1) ?? "–"} ms; new numbers ${times.at(-1).toFixed(0)} ms after the input`;
    inputAt = null;
  }
}

function bindingLine(limit) {
  byId("binding").textContent = limit
    ? degrees(`Tightest: ${limit.id} of ${limit.element}, ${limit.value} (${limit.allowed}), margin ${limit.margin}`)
    : "";
  byId("binding").title = byId("binding").textContent;
}

function failed(told) {
  const back = make("button", {}, "Back to the last values that could be solved");
  back.addEventListener("click", () => ask({ do: "back" }));
  const box = byId("banner");
  box.dataset.kind = "failed";
  box.hidden = false;
  box.replaceChildren(make("strong", {}, "No steady state at these values. "), make("span", {}, told.failed),
    make("em", {}, told.verdict ? " The numbers and pictures below belong to the last values that could be solved, not to these." : ""), told.verdict ? back : null);
}

function banner(text, kind = "bad") {
  const box = byId("banner");
  box.dataset.kind = kind;
  box.hidden = !text;
  if (!text) return;
  const close = make("button", { "aria-label": "Close the message" }, "×");
  close.addEventListener("click", () => banner(""));
  box.replaceChildren(make("span", {}, text), close);
  if (kind === "good") setTimeout(() => { if (box.dataset.kind === "good") banner(""); box.dataset.kind = ""; }, 6000);
}

function error({ message }) {
  inputAt = null;
  banner(message);
}

function picture(told) {
  now.picture = told;
  if (told.figures && now.last) panels.figures(told.figures, now.last.kept);
  if (told.tab === now.tab || now.tab === "time") draw(told);
  if (told.part) panels.part(told.part, (path) => ask({ do: "knob", path }), openPart);
}

function draw(told) {
  showKey(["loop", "power", "time"].includes(now.tab), front, moreRoom);
  if (now.tab === "time") time.picture(told);
  else if (now.tab === "failures") showFailures();
  else if (now.tab === "branches") branches(canvas, told, openPart);
  else if (now.tab === "pump") pump(canvas, told);
  else if (told.drawing !== undefined) drawing.show(told.drawing, told.parts);
}

function progress(told) {
  if (told.of === "run") time.progress(told);
  else progressLine(told);
}

function run(told) { time.run(told); }

function failures(told) {
  now.failures = told;
  now.progress = null;
  if (now.tab === "failures") showFailures();
}

function cancelled(told) {
  if (told.of === "run") time.stopped(told);
  else { now.progress = null; showFailures(); }
  banner(told.failed ? told.message : `Ended: ${told.message}`, "note");
}

// ---- tabs ----

function tabs(told) {
  const shown = TABS.filter(([id]) => told.electric || (id !== "power" && id !== "failures"));
  byId("tabs").replaceChildren(...shown.map(([id, title]) => {
    const tab = make("button", { role: "tab", id: `tab-${id}`, "aria-controls": "canvas", "aria-selected": String(id === now.tab), tabIndex: id === now.tab ? 0 : -1 }, title);
    tab.addEventListener("click", () => choose(id));
    return tab;
  }));
  ask({ do: "tab", tab: now.tab === "time" ? "loop" : now.tab });
}

function choose(id) {
  now.tab = id;
  document.body.dataset.tab = id;
  for (const tab of byId("tabs").children) {
    const here = tab.id === `tab-${id}`;
    tab.setAttribute("aria-selected", String(here));
    tab.tabIndex = here ? 0 : -1;
  }
  canvas.setAttribute("aria-labelledby", `tab-${id}`);
  canvas.replaceChildren();
  drawing.text = "";
  showKey(["loop", "power", "time"].includes(id), front, moreRoom);
  if (id === "time") time.show(now.hello);
  else if (id === "failures") showFailures();
  ask({ do: "tab", tab: id === "time" ? time.sight(now.hello) : id });
}

byId("tabs").addEventListener("keydown", (event) => {
  const all = [...byId("tabs").children];
  const at = all.indexOf(document.activeElement);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined || at < 0) return;
  event.preventDefault();
  const next = all[(to + all.length) % all.length];
  next.focus();
  next.click();
});

function showFailures() {
  if (now.progress) { progressLine(now.progress); return; }
  const begin = make("button", { class: "go" }, now.failures ? "Solve them anew for the present values" : "Solve every failure of the present state");
  begin.addEventListener("click", () => { now.progress = { done: 0, total: 0 }; ask({ do: "failures" }); progressLine({ done: 0, total: 0 }); });
  const table = make("div", { class: "scroll" });
  canvas.replaceChildren(make("div", { class: "controls" }, begin), table);
  if (now.failures) panels.failures(table, now.failures, (name) => { ask({ do: "after", name }); choose(now.hello.electric ? "power" : "loop"); });
}

function progressLine({ done, total }) {
  now.progress = { done, total };
  if (now.tab !== "failures") return;
  const end = make("button", {}, "End it");
  end.addEventListener("click", () => ask({ do: "cancel" }));
  canvas.replaceChildren(make("div", { class: "controls" }, make("progress", { max: total || 1, value: done, "aria-label": "progress" }), make("span", {}, total ? `${done} of ${total}` : "begins"), end));
}

// ---- the rest ----

/** The drawing alone, or with parameters and numbers beside it. */
function moreRoom() {
  document.body.classList.toggle("alone");
  front().size();
}

function openPart(path) {
  panels.openPart();
  ask({ do: "part", path });
}

function closePart() {
  if (panels.closePart()) ask({ do: "part", path: "" });
}

for (const id of ["undo", "redo", "reset"]) byId(id).addEventListener("click", () => ask({ do: id }));
byId("keep").addEventListener("click", () => ask({ do: now.last?.kept ? "forget" : "keep" }));
byId("scenario").addEventListener("change", (event) => { if (event.target.value) ask({ do: "scenario", name: event.target.value }); event.target.value = ""; });
byId("place").lastElementChild.addEventListener("click", () => ask({ do: "present" }));
byId("part-close").addEventListener("click", closePart);
for (const button of document.querySelectorAll("[data-write]")) button.addEventListener("click", () => ask({ do: "write", what: button.dataset.write }));
document.addEventListener("click", (event) => { if (!byId("save").contains(event.target)) byId("save").open = false; });
document.addEventListener("keydown", (event) => {
  const field = event.target.matches?.('input[type="text"]');
  if (event.key === "Escape") {
    if (byId("save").open) { byId("save").open = false; byId("save").firstElementChild.focus(); } else closePart();
  } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !field) {
    event.preventDefault();
    ask({ do: event.shiftKey ? "redo" : "undo" });
  } else if (event.key === "f" && !field && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.matches?.("select") && front().shown) {
    moreRoom();
  }
});
new Theme(byId("theme"), () => { if (now.picture) { drawing.text = ""; if (now.tab === "time") choose("time"); else draw(now.picture); } });
let resizing = 0;
addEventListener("resize", () => {
  clearTimeout(resizing);
  resizing = setTimeout(() => { if (now.picture && now.tab !== "failures") { drawing.text = ""; if (now.tab === "time") time.show(now.hello); else draw(now.picture); } }, 150);
});
