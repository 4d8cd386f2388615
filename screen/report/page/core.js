"use strict";
// The page's data, its one state, and the few words that every figure shares.

const DATA = JSON.parse(document.getElementById("data").textContent);
const SVG_SPACE = "http://www.w3.org/2000/svg";
const LINES = DATA.lines,
  PARTNERS = DATA.partners,
  TIMES = DATA.times;
const $ = (id) => document.getElementById(id);

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(3)) if (child !== null && child !== undefined) node.append(child);
  return node;
}
const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) =>
  fill(document.createElementNS(SVG_SPACE, tag), attributes, children);
const label = (x, y, content, attributes) =>
  svg("text", { x: round(x), y: round(y), "font-size": 12, ...attributes }, String(content));
const round = (value) => Math.round(value * 100) / 100;
const PRINTED = "printed" in document.documentElement.dataset; // a PDF is made of this page
const hint = (text) => (PRINTED ? "" : text);
const range = (size) => Array.from({ length: size }, (_, index) => index);
const known = (value) => value !== null && value !== undefined && Number.isFinite(value);

// Arrays arrive deflated; a chunk is opened once, when a figure first asks for it.
const opened = new Map();
function chunk(name) {
  if (!opened.has(name))
    opened.set(name, DATA.chunks[name] ? unpack(DATA.chunks[name]) : Promise.resolve(null));
  return opened.get(name);
}
async function unpack(packed) {
  const text = atob(packed.data),
    bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  const size = planes.length / 2,
    values = new Float32Array(size),
    stride = size / (packed.shape[0] || 1);
  let whole = 0;
  for (let at = 0; at < size; at++) {
    whole = ((whole + planes[at] + 256 * planes[size + at]) << 16) >> 16;
    const step = typeof packed.step === "number" ? packed.step : packed.step[Math.floor(at / stride)];
    values[at] = whole === -32768 ? NaN : whole * step;
  }
  return { shape: packed.shape, values };
}
const at3 = (array, i, j, k) => (array ? array.values[(i * array.shape[1] + j) * array.shape[2] + k] : NaN);
function block(array, row, column) {
  if (!array) return null;
  const inner = array.shape.slice(2),
    size = inner.reduce((a, b) => a * b, 1),
    start = (row * array.shape[1] + column) * size;
  const flat = array.values.subarray(start, start + size);
  return inner.length === 1
    ? Array.from(flat)
    : range(inner[0]).map((i) => Array.from(flat.subarray(i * inner[1], (i + 1) * inner[1])));
}

// One state for the whole page; `change` redraws what listens.
const state = {
  show: "",
  time: TIMES.length - 1,
  row: 0,
  column: 0,
  other: "parent",
  filter: "",
  sort: "resistant",
  all: false,
  readout: "viability",
  markers: "untreated",
  marker: "",
  target: "",
};
const listeners = [];
const listen = (keys, draw) => listeners.push([keys, draw]);
function change(next) {
  const changed = Object.keys(next).filter((key) => state[key] !== next[key]);
  Object.assign(state, next);
  for (const [keys, draw] of listeners) if (keys.some((key) => changed.includes(key))) draw();
}

const minus = (text) => text.replace("-", "−");
const points = (value, digits = 1) => {
  if (!known(value)) return "–";
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : (value > 0 ? "+" : "−") + text;
};
const short = (value, digits = 3) => (known(value) ? minus(String(Number(value.toPrecision(digits)))) : "–");
const doseText = (nM) =>
  !known(nM) ? "–" : nM >= 999.5 ? `${short(nM / 1000)}\u00a0µM` : `${short(nM)}\u00a0nM`;
const percent = (fraction) => (known(fraction) ? `${Math.round(100 * fraction)}\u00a0%` : "–");
const sentence = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);
const hours = (time) =>
  time > 0 && time < 1 ? `${short(60 * time, 4)}\u00a0min` : `${short(time, 4)}\u00a0h`;
const clip = (text, size) => (text.length > size ? text.slice(0, size - 1) + "…" : text);
// A re-sensitisation dose travels as log10 nM; -9 is zero, 9 not reached.
const recoveryText = (log) =>
  !known(log) ? "unknown" : log > 8 ? "not reached" : log < -8 ? "not resistant" : doseText(10 ** log);
const doses = (which, row, column) => {
  const all = DATA[`concentration_${which}`];
  return all[Math.min(row, all.length - 1)][column].filter((dose) => dose !== null);
};
const peakOf = (drug) => (known(DATA.peaks[drug]) ? DATA.peaks[drug] : null);

// What the files of figures and sections say of themselves, by the id of each: `draw`, which changes of the state it
// `listens` to, and what else `figure` and `start` take.
const FIGURES = {};
const SECTIONS = {};
const OVERVIEW_CHANGES = ["show", "time", "sort", "filter", "all", "row", "column"];
const PAIR_CHANGES = ["row", "column", "time", "readout"];
const COMPARED_CHANGES = [...PAIR_CHANGES, "other"];

// The tooltip: one box; a picture's cells say what to write in it.
const said = new WeakMap();
function tell(node, text) {
  said.set(node, text);
  return node;
}
function placeTip(event) {
  const node = event.target.closest ? event.target.closest(".hit, .tell") : null,
    text = node && said.get(node),
    tip = $("tip");
  if (!text) {
    tip.hidden = true;
    return;
  }
  tip.textContent = typeof text === "function" ? text() : text;
  tip.hidden = false;
  const place = node.getBoundingClientRect(),
    mouse = event.type === "mousemove" || event.type === "mouseover";
  const x = mouse ? event.clientX + 14 : place.left + place.width / 2,
    y = mouse ? event.clientY + 16 : place.bottom + 8;
  tip.style.left = `${Math.max(6, Math.min(x, innerWidth - tip.offsetWidth - 12)) + scrollX}px`;
  tip.style.top = `${(y + tip.offsetHeight > innerHeight ? y - tip.offsetHeight - 28 : y) + scrollY}px`;
}
for (const kind of ["mouseover", "mousemove", "focusin"]) document.addEventListener(kind, placeTip);
document.addEventListener("focusout", () => {
  $("tip").hidden = true;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") $("tip").hidden = true;
});

function choice(text, options, value, set, extra) {
  const select = el(
    "select",
    { onchange: () => set(select.value), ...extra },
    options.map(([key, name]) => el("option", { value: key, selected: String(key) === String(value) }, name)),
  );
  return el("label", {}, text, select);
}
