// Why: what carries the synergy of the chosen pair, where it was computed; else the command that computes it, or why none does.

const whyNot = (row) => DATA.why_not.all || DATA.why_not[row] || "";
const whyOf = (row = state.row, column = state.column) => DATA.why[`${row},${column}`] || null;
const shellWord = (text) => (/^[\w.+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
const KINDS = [
  ["edge", "single edges"],
  ["node", "whole nodes"],
  ["drug", "the drugs' own targets"],
];
let whyKind = "edge";
let whyAll = false;

function drawWhy(_width, own) {
  const why = whyOf();
  if (!why) return null;
  own.heading.textContent = `${LINES[state.row]}: ${DATA.drug_1[state.column]} + ${DATA.drug_2[state.column]}`;
  own.caption.textContent =
    "Orange and wide: the edge carries synergy. Blue: it works against it. Bold frames: the drugs' targets. Point at an edge to read its number.";
  return document.importNode(
    new DOMParser().parseFromString(why.picture, "image/svg+xml").documentElement,
    true,
  );
}
function whyTable(why) {
  const [first, second] = [DATA.drug_1[state.column], DATA.drug_2[state.column]],
    rows = why.rows.filter((row) => row[1] === whyKind),
    shown = whyAll ? rows : rows.slice(0, 12);
  const meter = (share) =>
    svg(
      "svg",
      { class: "meter", width: 60, height: 9, "aria-hidden": "true" },
      svg("rect", { class: "of", width: 60, height: 9 }),
      svg("rect", {
        class: share < 0 ? "share against" : "share",
        width: round(60 * Math.min(1, Math.abs(share || 0))),
        height: 9,
      }),
    );
  const head = [
    "What is cut",
    "Carried, points",
    "Share of the synergy",
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
      { class: "scroll" },
      el(
        "table",
        { id: "why-table" },
        el("caption", { class: "unseen" }, "What each clamp carries of the synergy, percent points"),
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
      `Cut for ${second} alone: the edge is held at what it carries under ${first} alone, so only what ${second} does through it is gone; and the other way round. Mean ${MODEL_NAMES[why.model] || why.model} excess, ${points(why.excess)} points without a cut, ${hours(why.time_h)}.`,
    ),
  );
}
function pairWhy() {
  const why = whyOf(),
    row = state.row,
    column = state.column;
  const command = `herscreen explain ${shellWord(DATA.cube)} --line ${shellWord(LINES[row])} --combination ${shellWord(DATA.combinations[column])} -o why.svg`;
  $("why-head").textContent =
    `Why: what carries the synergy of ${DATA.drug_1[column]} + ${DATA.drug_2[column]} in ${LINES[row]}`;
  $("why-pair").replaceChildren(
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
  );
}
