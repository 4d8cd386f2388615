// What every figure of a pair draws: its readout at the chosen time, how it is coloured and printed.

const readoutOf = (name) => DATA.readouts.find((readout) => readout.name === name) || DATA.readouts[0];
const titleOf = (name) => clip(readoutOf(name).label.split(": ")[0], 44);
const fraction = () => ["viability", "gr_value"].includes(state.readout);
async function pairData(name, row = state.row) {
  const found = block(await chunk(`${name}@${name === "status" ? 0 : state.time}`), row, state.column);
  if (!found) return null;
  const kept = cut(found, row),
    wells = doses("1", row, state.column).length * doses("2", row, state.column).length;
  return kept.flat().some(known) || at3FromPair(summaries.failed, row, state.column) >= wells ? kept : null;
}
// Padding of uneven grids is not data.
function cut(values, row) {
  const size1 = doses("1", row, state.column).length,
    size2 = doses("2", row, state.column).length;
  return Array.isArray(values[0])
    ? values.slice(0, size1).map((line) => line.slice(0, size2))
    : values.slice(0, size2);
}
function responseScale(values) {
  if (state.readout === "viability")
    return Object.assign(sequential(0, 1, "viability: 1 = no effect, 0 = no cells left"), {
      ticks: [0, 0.25, 0.5, 0.75, 1].map((value) => [value, String(value)]),
    });
  if (state.readout === "gr_value")
    return Object.assign(sequential(-1, 1, "GR value: 1 = no effect, 0 = no growth, below 0 = cells lost"), {
      ticks: [-1, -0.5, 0, 0.5, 1].map((value) => [value, short(value)]),
    });
  const seen = values.flat().filter(known),
    { label: text, units } = readoutOf(state.readout);
  return sequential(
    Math.min(0, ...seen),
    niceLimit(Math.max(...seen, 1e-9), 1e-9),
    `${text}${units && units !== "1" ? `, ${units}` : ""}`,
    true,
  );
}
const cellText = (value) => (fraction() ? minus(value.toFixed(2)) : short(value, 2));
const excessText = (value) => points(value, 0).replace("+0", "0");
const doseTip = (a, b) =>
  `${DATA.drug_1[state.column]} ${doseText(a)} + ${DATA.drug_2[state.column]} ${doseText(b)}`;
const missing = (width, text) =>
  canvas(width, 60, text, label(10, 32, clip(text, Math.floor(width / 7)), { class: "muted" }));
const LEFT_OUT = "Not in this page, to keep it small; the cube holds it.";
const quarters = (...values) => values.map((value) => [value, short(value)]);
const yTicks = () => (state.readout === "viability" ? quarters(0, 0.25, 0.5, 0.75, 1) : null);
const yDomain = (values) => {
  const seen = values.filter(known);
  return [
    Math.min(0, ...seen),
    Math.max(state.readout === "viability" ? 1.05 : 0, ...seen) * (fraction() ? 1 : 1.06),
  ];
};
// What is of viability whatever readout is chosen says so in its caption.
const ofViability = () => (state.readout === "viability" ? "" : " Of viability, whatever readout is chosen.");
