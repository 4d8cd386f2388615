// The overview: what is summarised, which lines in which order, and the heat map of lines x partners.

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
    ["rescue", "Re-sensitisation dose"],
    ...extra,
  ];
}
const summaryName = (key = state.show) => (summaryOptions().find(([name]) => name === key) || ["", key])[1];
const summary = (key, row, column, time = state.time) => at3(summaries[key], row, column, time);
function interval(row, column, key = state.show) {
  const base = key.endsWith(":mean") ? key.slice(0, -5) : key,
    low = summaries[`${base}:low`],
    high = summaries[`${base}:high`];
  if (!low || !high || !(key.endsWith(":mean") || key === "rescue")) return null;
  const both = [at3(low, row, column, state.time), at3(high, row, column, state.time)];
  return both.some(known) ? both : null;
}
// An interval in words; of a dose that is the same at both ends, that dose.
const bothText = (both, key) => {
  const [low, high] = both.map((value) => showText(value, key));
  return `${DATA.sure.level}: ${low === high ? low : `${low} to ${high}`}`;
};
const isDose = (key = state.show) => key === "rescue";
const showText = (value, key = state.show) =>
  isDose(key) ? rescueText(value) : key.startsWith("extra:") ? short(value) : points(value);
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
function overviewTip(row, column) {
  const both = interval(row, column),
    failed = at3FromPair(summaries.failed, row, column),
    key = state.show.split(":")[0],
    why = DATA.reasons[key]?.[`${row},${column},${state.time}`];
  return [
    `${LINES[row]}, ${DATA.drug_1[column]} + ${DATA.drug_2[column]}`,
    `${summaryName()}: ${showText(summary(state.show, row, column))}${both ? ` (${bothText(both, state.show)})` : ""}`,
    key === "rescue" || !known(summary(`${key}:probability`, row, column))
      ? null
      : `above 0 in ${percent(summary(`${key}:probability`, row, column))} of the draws`,
    `${DATA.anchor} alone leaves ${percent(DATA.alone[row][state.time])} of the cells`,
    `${DATA.anchor} as sensitive as in the reference from: ${rescueText(summary("rescue", row, column))}${rescueSure(row, column)}`,
    failed ? `${failed} failed simulations` : null,
    why || null,
  ]
    .filter(Boolean)
    .join("\n");
}
const at3FromPair = (array, row, column) => (array ? array.values[row * array.shape[1] + column] : 0);

function drawOverview(width, own) {
  const { rows, total } = chosenRows(),
    scale = summaryScale(),
    mixed = rows.some((row) => range(PARTNERS.length).some((column) => interval(row, column)));
  own.heading.textContent = `${summaryName()}, ${hours(TIMES[state.time])}`;
  own.caption.textContent = [
    rows.length < total ? `The first ${rows.length} of ${total} lines; "All lines" shows the rest.` : "",
    `Bold: resistant to ${DATA.anchor} alone. Grey: no value.`,
    mixed ? "A ring marks an interval that includes 0." : "",
  ]
    .filter(Boolean)
    .join(" ");
  own.drawing.classList.toggle("tall", rows.length > 30);
  if (!rows.length)
    return svg("svg", { width: 300, height: 40 }, label(0, 24, "No line matches the filter."));
  return matrix({
    name: `${summaryName()} by line and partner`,
    width,
    rows: rows.map((row) => ({ name: LINES[row], row })),
    columns: range(PARTNERS.length).map((column) => ({ name: PARTNERS[column], column })),
    height: rows.length > 150 ? 5 : rows.length > LIMIT ? 15 : 24,
    scale,
    cell: [isDose() ? 58 : 40, 68],
    bold: ({ row }) => DATA.resistant[row],
    value: ({ row }, { column }) => summary(state.show, row, column),
    text: (value) =>
      isDose() && (!known(value) || value > 8) ? "–" : isDose() && value < -8 ? "0" : showText(value),
    tip: ({ row }, { column }) => overviewTip(row, column),
    chosen: ({ row }, { column }) => row === state.row && column === state.column,
    mark: ({ row }, { column }) => {
      const both = interval(row, column);
      return both && !isDose() && both[0] <= 0 && both[1] >= 0;
    },
    open: ({ row }, { column }) => openPair(row, column),
  });
}
function overviewControls() {
  const filter = el("input", {
    type: "search",
    placeholder: "name of a line",
    value: state.filter,
    oninput: () => change({ filter: filter.value }),
  });
  $("overview-controls").replaceChildren(
    choice("Show", summaryOptions(), state.show, (show) => change({ show })),
    choice(
      "Assay time",
      TIMES.map((time, at) => [at, hours(time)]),
      state.time,
      (time) => change({ time: Number(time) }),
    ),
    choice(
      "Order of lines",
      [
        ["resistant", "resistant first, then by value"],
        ["score", "by their best value"],
        ["name", "by name"],
        ["cube", "as in the cube"],
        ...PARTNERS.slice(0, 40).map((name, column) => [`column:${column}`, `by ${name}`]),
      ],
      state.sort,
      (sort) => change({ sort }),
    ),
    el("label", { class: "stretch" }, "Filter lines", filter),
    ...(LINES.length > LIMIT
      ? [
          el(
            "button",
            {
              type: "button",
              id: "all-lines",
              onclick: (event) => {
                change({ all: !state.all });
                event.target.textContent = state.all ? `First ${LIMIT} lines` : "All lines";
              },
            },
            "All lines",
          ),
        ]
      : []),
  );
}
