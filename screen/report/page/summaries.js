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
    .map((name) => [name, sentence(DATA.extras[name.slice(6)] || name.slice(6))])
    .filter(([, words]) => !words.startsWith("Standard error ")); // the table and the cube have them
  return [
    ...models,
    ...(DATA.resistant.some(Boolean) ? [["closed", "Share of the gap closed"]] : []),
    ["gain", `Effect of ${DATA.anchor} gained`],
    ["recovery", "Re-sensitisation dose"],
    ...extra,
  ];
}
const summaryName = (key = state.show) => (summaryOptions().find(([name]) => name === key) || ["", key])[1];
const summary = (key, row, column, time = state.time) => at3(summaries[key], row, column, time);
function interval(row, column, key = state.show, time = state.time) {
  const base = key.endsWith(":mean") ? key.slice(0, -5) : key,
    low = summaries[`${base}:low`],
    high = summaries[`${base}:high`];
  if (!low || !high || !(key.endsWith(":mean") || key === "recovery" || key === "closed")) return null;
  const both = [at3(low, row, column, time), at3(high, row, column, time)];
  return both.some(known) ? both : null;
}
// An interval in words; of a dose that is the same at both ends, that dose.
const endText = (log) => (known(log) && log < -8 ? "none needed" : recoveryText(log));
const bothText = (both, key) => {
  const [low, high] = both.map((value) => (isDose(key) ? endText(value) : showText(value, key)));
  return `${DATA.ensemble.level}: ${low === high ? low : `${low} to ${high}`}`;
};
const isDose = (key = state.show) => key === "recovery";
const isShare = (key = state.show) => key === "closed";
const shareText = (value) => (known(value) ? `${minus(value.toFixed(0))}\u00a0%` : "–");
// Of which several may be better as they are smaller: a dose, a combination index.
const smallerIsBetter = (key = state.show) => isDose(key) || key === "extra:ci50";
const showText = (value, key = state.show) =>
  isDose(key)
    ? recoveryText(value)
    : isShare(key)
      ? shareText(value)
      : key.startsWith("extra:")
        ? short(value)
        : points(value);
// How much of the gap a partner closes, at which dose, with its interval and probability.
const partnerDose = (column) =>
  `${doseText(DATA.gap.doses[column])} (${DATA.gap.at_peak[column] ? "Cmax" : "top dose"})`;
function closedText(row, column, time = state.time) {
  const closed = summary("closed", row, column, time),
    both = interval(row, column, "closed", time),
    share = summary("closed:probability", row, column, time);
  if (!known(closed))
    return DATA.gap.none[row][time]
      ? `no part of a gap (under ${DATA.anchor} alone it is as sensitive as ${DATA.reference_names[row]})`
      : "a share of the gap that was not simulated";
  const sets = known(share)
    ? `, at least ${percent(DATA.gap.closed)} of it in ${Math.round(share * DATA.gap.draws)} of ${DATA.gap.draws} parameter sets`
    : "";
  return `${shareText(closed)} of the gap to ${DATA.reference_names[row]}${both ? ` (${bothText(both, "closed")})` : ""}${sets}`;
}
function doseColour() {
  const all = range(DATA.combinations.length)
      .flatMap((column) => doses("2", 0, column))
      .filter((dose) => dose > 0)
      .map(Math.log10),
    low = Math.min(...all),
    high = Math.max(...all);
  const scale = sequential(low, high, "re-sensitisation dose");
  scale.ticks = range(Math.floor(high) - Math.ceil(low - 0.01) + 1)
    .map((k) => k + Math.ceil(low - 0.01))
    .filter((_, k, list) => list.length < 5 || k % 2 === 0)
    .map((log) => [log, doseText(10 ** log)]);
  const plain = scale.colour.bind(scale);
  scale.colour = (value) =>
    !known(value) || Math.abs(value) > 8 ? PALETTE.missing : plain(Math.max(value, low));
  return scale;
}
function shareColour() {
  const scale = sequential(0, 100, "share of the gap closed"),
    plain = scale.colour.bind(scale);
  scale.ticks = [0, 20, 40, 60, 80, 100].map((value) => [value, `${value} %`]);
  scale.colour = (value) => (known(value) ? plain(Math.min(100, Math.max(0, value))) : PALETTE.missing);
  return scale;
}
function summaryScale(key = state.show) {
  if (isDose(key)) return doseColour();
  if (isShare(key)) return shareColour();
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
// The filter's words: a word that partners have in their names chooses among those, any other among lines.
const filterWords = () => state.filter.trim().toLowerCase().split(/\s+/).filter(Boolean);
const isOfPartners = (word) =>
  PARTNERS.some((name) => name.toLowerCase().includes(word)) &&
  !LINES.some((name) => name.toLowerCase().includes(word));
function chosenColumns() {
  const wanted = filterWords().filter(isOfPartners);
  return DATA.order.filter(
    (column) => !wanted.length || wanted.some((word) => PARTNERS[column].toLowerCase().includes(word)),
  );
}
// Rows in the order and with the filter that the reader chose.
function chosenRows(limited = true) {
  const wanted = filterWords().filter((word) => !isOfPartners(word)),
    key = state.show,
    best = (row) =>
      Math.max(
        ...range(PARTNERS.length).map((column) => {
          const value = summary(key, row, column);
          return known(value) ? (smallerIsBetter(key) ? -value : value) : -1e9;
        }),
      );
  const partner = state.sort.startsWith("column:") ? Number(state.sort.slice(7)) : -1;
  const rank =
    partner >= 0
      ? (row) => {
          const value = summary(key, row, partner);
          return known(value) ? (smallerIsBetter(key) ? value : -value) : 1e9;
        }
      : state.sort === "resistant"
        ? (row) =>
            (DATA.her2_low[row] ? 1e6 : 0) + (DATA.resistant[row] ? 0 : 1e5) - Math.max(best(row), -1e4)
        : state.sort === "score"
          ? (row) => -best(row)
          : null;
  const rows = range(LINES.length)
    .filter((row) => wanted.every((word) => LINES[row].toLowerCase().includes(word)))
    .map((row) => [row, rank ? rank(row) : 0]);
  if (rank) rows.sort((a, b) => a[1] - b[1]);
  else if (state.sort === "name")
    rows.sort((a, b) => LINES[a[0]].localeCompare(LINES[b[0]], undefined, { numeric: true }));
  const found = rows.map(([row]) => row);
  return { rows: limited && !state.all ? found.slice(0, LIMIT) : found, total: found.length };
}
const at3FromPair = (array, row, column) => (array ? array.values[row * array.shape[1] + column] : 0);
// The interval of a re-sensitisation dose, in brackets.
function recoveryInterval(row, column) {
  const both = interval(row, column, "recovery");
  const parts = [
    both ? bothText(both, "recovery") : "",
    both && DATA.ensemble.from === "bounds" ? "from the interval of every well" : "",
  ].filter(Boolean);
  return parts.length ? ` (${parts.join("; ")})` : "";
}
// From which dose of the grid enough of a resistant line's gap is closed.
function closedFrom(row, column) {
  const log = summary("recovery", row, column),
    enough = `${percent(DATA.gap.closed)} of the gap`;
  if (!known(log)) return `from which dose ${enough} is closed was not simulated`;
  const said =
    log > 8
      ? `no dose of the grid closes ${enough}`
      : log < -8
        ? `no dose is needed to close ${enough}`
        : `${enough} is closed from ${recoveryText(log)}`;
  return `${said}${recoveryInterval(row, column)}`;
}
// The line that a pair is set beside: its parent unless the reader chose another; null for none.
function comparedRow() {
  const row =
    state.other === "parent" ? DATA.parents[state.row] : state.other === "" ? null : Number(state.other);
  return row === state.row ? null : row;
}
// Resistant and counted; a control is not.
const isCounted = (row) => DATA.resistant[row] && !DATA.her2_low[row];
const kindOf = (row) => (DATA.her2_low[row] ? "control" : DATA.resistant[row] ? "resistant" : "sensitive");
// What a column of pairs is called: its partner where every pair begins with the anchor, else both drugs.
const pairName = (column) =>
  DATA.drug_1.every((drug) => drug === DATA.anchor)
    ? PARTNERS[column]
    : `${DATA.drug_1[column]} + ${DATA.drug_2[column]}`;
// Only combinations that begin with the anchor can re-sensitise to it.
const anchored = () => DATA.order.filter((column) => DATA.drug_1[column] === DATA.anchor);
