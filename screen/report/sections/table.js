// Every pair in a table that sorts by any column, filters by words and by a smallest score, and saves as CSV.

const table = { key: null, down: true, words: "", least: "", shown: PRINTED ? Infinity : 100, more: false };
const rawDose = (log) => (!known(log) ? "" : log > 8 ? "inf" : log < -8 ? 0 : 10 ** log);
function tableColumns() {
  const models = DATA.models.flatMap(({ name, label: text }) => [
    { name: `${text} mean`, key: `${name}:mean`, number: true, text: points },
    ...(name === DATA.main_model && DATA.chunks[`${name}:best`]
      ? [{ name: `${text} best 3 × 3`, key: `${name}:best`, number: true, text: points }]
      : []),
  ]);
  const bounds =
    DATA.main_model && DATA.chunks[`${DATA.main_model}:low`]
      ? ["low", "high"].map((end) => ({
          name: `${MODEL_NAMES[DATA.main_model]}, ${DATA.ensemble.level} ${end}`,
          key: `${DATA.main_model}:${end}`,
          number: true,
          text: points,
        }))
      : [];
  const found = [
    { name: "Cell line", value: (row) => LINES[row] },
    { name: "Partner", value: (_, column) => pairName(column) },
    { name: "Line is", value: kindOf },
    ...(DATA.calibrated.some(Boolean)
      ? [{ name: "Calibrated", value: (row) => (DATA.calibrated[row] === "calibrated" ? "yes" : "no") }]
      : []),
    ...(DATA.chunks.closed
      ? [
          { name: "Gap closed, %", key: "closed", number: true, text: shareText },
          ...(DATA.chunks["closed:low"]
            ? [
                ...["low", "high"].map((end) => ({
                  name: `Gap closed, ${DATA.ensemble.level} ${end}`,
                  key: `closed:${end}`,
                  number: true,
                  text: shareText,
                })),
                { name: "Probability of 80 %", key: "closed:probability", number: true, text: percent },
              ]
            : []),
        ]
      : []),
    ...models,
    ...bounds,
    { name: `${DATA.anchor} effect gained, points`, key: "gain", number: true, text: points },
    {
      name: "Re-sensitisation dose",
      key: "recovery",
      number: true,
      text: recoveryText,
      up: true,
      raw: rawDose,
      unit: " nM",
    },
    ...(DATA.chunks["recovery:low"]
      ? ["low", "high"].map((end) => ({
          name: `Re-sensitisation dose, ${DATA.ensemble.level} ${end}`,
          key: `recovery:${end}`,
          number: true,
          text: (log) => (known(log) ? endText(log) : "–"),
          raw: rawDose,
          unit: " nM",
        }))
      : []),
    ...(table.more
      ? Object.keys(DATA.chunks)
          .filter((name) => name.startsWith("extra:"))
          .map((name) => ({
            name: sentence(DATA.extras[name.slice(6)] || name.slice(6)),
            about: `${name.slice(6)} in the cube`,
            key: name,
            number: true,
            text: short,
          }))
      : []),
    {
      name: "Failed simulations",
      value: (row, column) => at3FromPair(summaries.failed, row, column),
      number: true,
      text: String,
    },
  ].map((item) => ({ ...item, value: item.value || ((row, column) => summary(item.key, row, column)) }));
  return PRINTED ? withEnds(found) : found;
}
// On paper, which is narrower, the ends of an interval stand in the cell of what they are of.
function withEnds(columns) {
  const ofEnds = (item) => /:(low|high)$/.test(item.key || "");
  for (const low of columns.filter((item) => item.key?.endsWith(":low"))) {
    const stem = low.key.slice(0, -4),
      whole = columns.find(({ key }) => key === stem || key === `${stem}:mean`);
    whole.name += ` (${DATA.ensemble.level})`;
    whole.ends = (row, column) =>
      ["low", "high"].map((end) => low.text(summary(`${stem}:${end}`, row, column))).join(" to ");
  }
  return columns.filter((item) => !ofEnds(item));
}
function tableRows(columns) {
  const words = table.words.toLowerCase().split(/\s+/).filter(Boolean),
    by =
      columns.find((item) => item.name === table.key) ||
      columns.find((item) => item.key === "closed") ||
      columns.find((item) => item.key === `${DATA.main_model}:mean`) ||
      columns[0],
    least = table.least === "" ? null : Number(table.least),
    main = columns.find((item) => item.key === `${DATA.main_model}:mean`);
  const found = [];
  for (const row of range(LINES.length))
    for (const column of range(PARTNERS.length)) {
      const text = `${LINES[row]} ${pairName(column)} ${kindOf(row)}`.toLowerCase();
      if (
        !words.every((word) => text.includes(word)) ||
        (least !== null && main && !(main.value(row, column) >= least))
      )
        continue;
      found.push([row, column, by.value(row, column)]);
    }
  const sign = table.down ? -1 : 1;
  found.sort(([, , a], [, , b]) =>
    typeof a === "string"
      ? sign * a.localeCompare(b, undefined, { numeric: true })
      : known(a) && known(b)
        ? sign * (a - b)
        : known(b) - known(a),
  );
  return { found, by };
}
function drawTable() {
  const columns = tableColumns(),
    { found, by } = tableRows(columns);
  const sort = (item) => () => {
    table.down = by.name === item.name ? !table.down : item.number ? !item.up : false;
    table.key = item.name;
    drawTable();
    $("table-body").querySelector("[aria-sort] button").focus();
  };
  const head = columns.map((item) =>
    el(
      "th",
      {
        scope: "col",
        class: item.number ? "number" : null,
        "aria-sort": item.name === by.name ? (table.down ? "descending" : "ascending") : null,
      },
      PRINTED
        ? item.name
        : el(
            "button",
            { type: "button", title: item.about, onclick: sort(item) },
            item.name,
            item.name === by.name ? (table.down ? " ↓" : " ↑") : "",
          ),
    ),
  );
  const body = found.slice(0, table.shown).map(([row, column]) =>
    el(
      "tr",
      {},
      columns.map((item, at) => {
        const value = item.value(row, column),
          text = item.text ? item.text(value) : value;
        return at === 0
          ? el("th", { scope: "row", title: text }, el("a", { href: linkTo(row, column) }, text))
          : el(
              "td",
              { class: item.number ? "number" : null, title: item.number ? null : text },
              text,
              item.ends && known(value) ? el("div", { class: "note" }, item.ends(row, column)) : "",
            );
      }),
    ),
  );
  const pairs = el(
    "table",
    { id: "pairs" },
    el(
      "caption",
      { class: "unseen" },
      `Pairs at ${hours(TIMES[state.time])}; excess in percent points, positive = synergy`,
    ),
    el("thead", {}, el("tr", {}, head)),
    el("tbody", {}, body),
  );
  oneStop(pairs, [...pairs.querySelectorAll("tbody a")]);
  const more = () => {
    table.shown += 400;
    drawTable();
  };
  $("table-body").replaceChildren(
    el("div", { class: "scroll" }, pairs),
    found.length > table.shown
      ? el(
          "button",
          { type: "button", class: "more", onclick: more },
          `Show more (${found.length - table.shown} pairs)`,
        )
      : "",
  );
  $("table-count").textContent =
    `${found.length} ${found.length === 1 ? "pair" : "pairs"}, ${hours(TIMES[state.time])}. ` +
    "Excess in percent points; positive = synergy.";
}
function tableControls() {
  const words = el("input", {
    type: "search",
    placeholder: "line, partner, resistant",
    oninput: () => {
      table.words = words.value;
      drawTable();
    },
  });
  const least = el("input", {
    type: "number",
    step: "any",
    oninput: () => {
      table.least = least.value;
      drawTable();
    },
  });
  $("table-controls").replaceChildren(
    el("label", { class: "stretch" }, "Filter", words),
    DATA.main_model ? el("label", {}, `${MODEL_NAMES[DATA.main_model]} mean at least`, least) : "",
    Object.keys(DATA.extras).length
      ? el(
          "button",
          {
            type: "button",
            "aria-pressed": String(table.more),
            onclick: (event) => {
              table.more = !table.more;
              event.target.setAttribute("aria-pressed", String(table.more));
              event.target.textContent = table.more ? "Fewer columns" : "More columns";
              drawTable();
            },
          },
          "More columns",
        )
      : "",
    el("button", { type: "button", onclick: saveTable }, "Save as CSV"),
    el("button", { type: "button", onclick: copyTable }, "Copy table"),
    el("button", { type: "button", onclick: saveAll }, "Save everything"),
    el("span", { class: "note", id: "table-count" }),
  );
}
// The table as it is filtered and sorted, numbers to six digits.
function tableText(separator) {
  const columns = tableColumns(),
    { found } = tableRows(columns),
    quote = (value) => {
      const text = String(value ?? "");
      return /[",\n\r\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
  const raw = (item, row, column) => {
    const value = item.value(row, column);
    if (item.raw) return item.raw(value);
    if (typeof value !== "number") return value;
    return known(value) ? Number(value.toPrecision(6)) : "";
  };
  return [
    columns.map((item) => item.name + (item.unit || "")),
    ...found.map(([row, column]) => columns.map((item) => raw(item, row, column))),
  ]
    .map((line) => `${line.map(quote).join(separator)}\r\n`)
    .join("");
}
const plainTitle = () => DATA.title.replace(/[^\w.+-]+/g, "_");
const saveTable = () =>
  download(`${plainTitle()}-pairs.csv`, new Blob([tableText(",")], { type: "text/csv;charset=utf-8" }));
async function copyTable(event) {
  await navigator.clipboard?.writeText(tableText("\t"));
  event.target.textContent = "Copied";
}
// The table and every picture as they stand, and all wells of the chosen pair.
async function saveAll() {
  const wells = await pairWells(),
    files = [[`${plainTitle()}-pairs.csv`, tableText(",")], ...wells, ...allPictures()];
  download(`${plainTitle()}.zip`, zipped(files));
}
// The wells of the chosen pair as a table: doses, every readout and excess that the page holds, at the chosen time.
async function pairWells() {
  const one = doses("1", state.row, state.column),
    two = doses("2", state.row, state.column),
    names = [...DATA.readouts, ...DATA.models.map((model) => ({ name: `${model.name}_excess` }))].map(
      ({ name }) => name,
    ),
    surfaces = await Promise.all(names.map((name) => pairData(name))),
    there = names.map((name, at) => [name, surfaces[at]]).filter(([, values]) => values);
  const quote = (text) => `"${String(text).replaceAll('"', '""')}"`,
    number = (value) => (known(value) ? Number(value.toPrecision(6)) : "");
  const lines = one.flatMap((a, i) =>
    two.map((b, j) => [a, b, ...there.map(([, values]) => number(values[i][j]))]),
  );
  const head = [
    `${DATA.drug_1[state.column]} nM`,
    `${DATA.drug_2[state.column]} nM`,
    ...there.map(([name]) => name),
  ];
  const pair = `${LINES[state.row]}-${PARTNERS[state.column]}`.replace(/[^\w.+-]+/g, "_");
  return [[`${pair}-wells.csv`, [head.map(quote), ...lines].map((line) => `${line.join(",")}\r\n`).join("")]];
}

SECTIONS.table = { begin: tableControls, draw: drawTable, listens: ["time"] };
