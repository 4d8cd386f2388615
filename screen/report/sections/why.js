// Why: what mediates the synergy of the chosen pair where that was computed; else the command that does,
// or why none can.

const WHY = DATA.sections.why;
const whyNot = (row) => WHY.refused.all || WHY.refused[row] || "";
const whyOf = (row = state.row, column = state.column) => WHY.pairs[`${row},${column}`] || null;
const shellWord = (text) => (/^[\w.+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
const KINDS = [
  ["edge", "single edges"],
  ["node", "whole nodes"],
  ["drug", "the drugs' own targets"],
];
const excessKind = (why) => (why.excess < 0 ? "antagonism" : "synergy");
let whyKind = "edge";
let whyAll = false;
function whyTable(why) {
  const [first, second] = [DATA.drug_1[state.column], DATA.drug_2[state.column]],
    what = excessKind(why),
    rows = why.rows.filter((row) => row[1] === whyKind),
    shown = whyAll ? rows : rows.slice(0, 12);
  const meter = (share) =>
    svg(
      "svg",
      { class: "meter", width: 60, height: 9, "aria-hidden": "true" },
      svg("rect", { class: "of", width: 60, height: 9 }),
      svg("rect", {
        class: share < 0 ? "share against" : "share",
        x: share < 0 ? round(20 - 20 * Math.min(1, -share)) : 20,
        width: round((share < 0 ? 20 : 40) * Math.min(1, Math.abs(share || 0))),
        height: 9,
      }),
      svg("line", { class: "axis", x1: 20, x2: 20, y1: 0, y2: 9 }),
    );
  const head = [
    "What is cut",
    "Mediated, points",
    `Share of the ${what}`,
    `by ${second} alone cut`,
    `by ${first} alone cut`,
    "Inhibition lost, points",
  ];
  return el(
    "div",
    {},
    el(
      "div",
      { class: "controls" },
      choice(
        "Cut",
        KINDS.filter(([kind]) => why.rows.some((row) => row[1] === kind)),
        whyKind,
        (kind) => {
          whyKind = kind;
          pairWhy();
        },
      ),
      rows.length > 12
        ? el(
            "button",
            {
              type: "button",
              onclick: () => {
                whyAll = !whyAll;
                pairWhy();
              },
            },
            whyAll ? "The first 12" : `All ${rows.length}`,
          )
        : "",
    ),
    el(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": "What each clamp takes" },
      el(
        "table",
        { id: "why-table" },
        el("caption", { class: "unseen" }, `What each clamp takes of the ${what}, percent points`),
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            head.map((text, at) => el("th", { scope: "col", class: at ? "number" : null }, text)),
          ),
        ),
        el(
          "tbody",
          {},
          shown.map(([words, , carried, share, partner, anchor, inhibition]) =>
            el(
              "tr",
              {},
              el("th", { scope: "row", title: words }, words),
              el("td", { class: "number" }, points(carried)),
              el("td", { class: "number" }, meter(share), " ", known(share) ? minus(percent(share)) : "–"),
              [partner, anchor, inhibition].map((value) => el("td", { class: "number" }, points(value))),
            ),
          ),
        ),
      ),
    ),
    el(
      "p",
      { class: "note" },
      `Cut for ${second} alone: the edge is clamped at what it carries under ${first} alone, so only what ` +
        `${second} does through it is gone; and the other way round. ` +
        `Mean ${MODEL_NAMES[why.model] || why.model} excess, ${points(why.excess)} points without a cut, ` +
        `${hours(why.time_h)}` +
        (DATA.gap.draws
          ? ", under the nominal parameter set; elsewhere on this page stand medians of the sets."
          : ".") +
        (WHY.grid ? ` ${WHY.grid}` : ""),
    ),
  );
}
// Links to every pair that this page explains.
function explainedPairs() {
  const places = Object.keys(WHY.pairs).map((key) => key.split(",").map(Number));
  if (!places.length) return "";
  const links = places.map(([row, column], at) => [
    at ? ", " : " ",
    el("a", { href: linkTo(row, column) }, `${LINES[row]} with ${pairName(column)}`),
    ` (${points(WHY.pairs[`${row},${column}`].excess)})`,
  ]);
  return el("p", { class: "note" }, "Explained on this page:", links);
}
function pairWhy() {
  const why = whyOf(),
    row = state.row,
    column = state.column;
  const command =
    `herscreen explain ${shellWord(DATA.cube)} --line ${shellWord(LINES[row])} ` +
    `--combination ${shellWord(DATA.combinations[column])} -o why.svg`;
  $("why-head").textContent =
    `Why: what mediates the ${why ? excessKind(why) : "synergy"} of ${DATA.drug_1[column]} + ${DATA.drug_2[column]} in ${LINES[row]}`;
  $("why-body").replaceChildren(
    ...(why
      ? [el("p", { class: "said" }, why.said), whyTable(why)]
      : whyNot(row)
        ? [el("p", { class: "note" }, `This pair cannot be explained: ${whyNot(row)}.`)]
        : [
            el(
              "p",
              { class: "note" },
              "This pair was not explained for this page. The command that does it, and draws the network:",
            ),
            el("pre", { class: "tree" }, command),
          ]),
    explainedPairs(),
  );
}

SECTIONS.why = { draw: pairWhy, listens: ["row", "column"] };
