// The numbers of a pair: its summaries, their intervals, words and colours, and the order of the lines.

const summaries = {}; // chunk name -> opened array, filled before the first drawing
const LIMIT = 60;
const MODEL_NAMES = Object.fromEntries(DATA.models.map((model) => [model.name, model.label]));
function summaryOptions() {
  const models = DATA.models.flatMap(({ name, label: text }) => [
    [`${name}:mean`, `${text}: mean excess`],
    ...(DATA.chunks[`${name}:best`] ? [[`${name}:best`, `${text}: best 3 × 3 window`]] : []),
  ]);
  const extra = Object.keys(DATA.chunks)
    .filter((name) => name.startsWith("extra:"))
    .map((name) => [name, name.slice(6)]);
  return [
    ...models,
    ["gain", `Effect of ${DATA.anchor} gained`],
    ["recovery", "Re-sensitisation dose"],
    ...extra,
  ];
}
const summaryName = (key = state.show) => (summaryOptions().find(([name]) => name === key) || ["", key])[1];
const summary = (key, row, column, time = state.time) => at3(summaries[key], row, column, time);
function interval(row, column, key = state.show) {
  const base = key.endsWith(":mean") ? key.slice(0, -5) : key,
    low = summaries[`${base}:low`],
    high = summaries[`${base}:high`];
  if (!low || !high || !(key.endsWith(":mean") || key === "recovery")) return null;
  const both = [at3(low, row, column, state.time), at3(high, row, column, state.time)];
  return both.some(known) ? both : null;
}
// An interval in words; of a dose that is the same at both ends, that dose.
const bothText = (both, key) => {
  const [low, high] = both.map((value) => showText(value, key));
  return `${DATA.ensemble.level}: ${low === high ? low : `${low} to ${high}`}`;
};
const isDose = (key = state.show) => key === "recovery";
const showText = (value, key = state.show) =>
  isDose(key) ? recoveryText(value) : key.startsWith("extra:") ? short(value) : points(value);
function doseColour() {
  const all = range(DATA.combinations.length)
      .flatMap((column) => doses("2", 0, column))
      .filter((dose) => dose > 0)
      .map(Math.log10),
    low = Math.min(...all),
    high = Math.max(...all);
  const scale = sequential(low, high, "re-sensitisation dose; – never or unknown");
  scale.ticks = range(Math.floor(high) - Math.ceil(low - 0.01) + 1)
    .map((k) => k + Math.ceil(low - 0.01))
    .filter((_, k, list) => list.length < 5 || k % 2 === 0)
    .map((log) => [log, doseText(10 ** log)]);
  const plain = scale.colour.bind(scale);
  scale.colour = (value) => (!known(value) || value > 8 ? PALETTE.missing : plain(Math.max(value, low)));
  return scale;
}
function summaryScale(key = state.show) {
  if (isDose(key)) return doseColour();
  const array = summaries[key],
    values = array
      ? range(LINES.length).flatMap((row) =>
          range(PARTNERS.length).map((column) => summary(key, row, column)),
        )
      : [];
  if (!key.startsWith("extra:")) return diverging(limitOf(values, 2));
  const seen = values.filter(known),
    low = Math.min(...seen, 0),
    high = Math.max(...seen, 0);
  return low < 0
    ? { ...diverging(limitOf(values, 1e-6)), caption: summaryName(key) }
    : sequential(0, niceLimit(high, 1e-6), summaryName(key), true);
}
// Rows in the order and with the filter that the reader chose.
function chosenRows(limited = true) {
  const wanted = state.filter.trim().toLowerCase(),
    key = state.show,
    best = (row) =>
      Math.max(
        ...range(PARTNERS.length).map((column) => {
          const value = summary(key, row, column);
          return known(value) ? (isDose(key) ? -value : value) : -1e9;
        }),
      );
  const partner = state.sort.startsWith("column:") ? Number(state.sort.slice(7)) : -1;
  const rank =
    partner >= 0
      ? (row) => {
          const value = summary(key, row, partner);
          return known(value) ? (isDose(key) ? value : -value) : 1e9;
        }
      : state.sort === "resistant"
        ? (row) =>
            (DATA.her2_low[row] ? 1e6 : 0) + (DATA.resistant[row] ? 0 : 1e5) - Math.max(best(row), -1e4)
        : state.sort === "score"
          ? (row) => -best(row)
          : null;
  const rows = range(LINES.length)
    .filter((row) => !wanted || LINES[row].toLowerCase().includes(wanted))
    .map((row) => [row, rank ? rank(row) : 0]);
  if (rank) rows.sort((a, b) => a[1] - b[1]);
  else if (state.sort === "name")
    rows.sort((a, b) => LINES[a[0]].localeCompare(LINES[b[0]], undefined, { numeric: true }));
  const found = rows.map(([row]) => row);
  return { rows: limited && !state.all ? found.slice(0, LIMIT) : found, total: found.length };
}
const at3FromPair = (array, row, column) => (array ? array.values[row * array.shape[1] + column] : 0);
// The interval of a re-sensitisation dose and the share of draws in which it is reached, in brackets.
function recoveryInterval(row, column) {
  const both = interval(row, column, "recovery"),
    share = summary("recovery:share", row, column);
  const parts = [
    both ? bothText(both, "recovery") : "",
    known(share) ? `reached at an achievable dose in ${percent(share)} of the draws` : "",
    both && DATA.ensemble.from === "bounds" ? "from the interval of every well" : "",
  ].filter(Boolean);
  return parts.length ? ` (${parts.join("; ")})` : "";
}
// Only combinations that begin with the anchor can re-sensitise to it.
const anchored = () => range(PARTNERS.length).filter((column) => DATA.drug_1[column] === DATA.anchor);
