// One pair: which, and what it does in words and scores.

// Of a pair that does not begin with the anchor: what each drug leaves alone, and why no recovery is told.
function singleAgentWords([first, second], values) {
  const least = (edge) => percent(Math.min(...edge.filter(known)));
  const where = `of ${LINES[state.row]} at ${hours(TIMES[state.time])}`;
  return [
    values ? `${sentence(first)} alone leaves ${least(values.map((line) => line[0]))} ${where}, ` : "",
    values ? `${second} alone ${least(values[0])}, each at the dose that leaves least. ` : "",
    `Re-sensitisation to ${DATA.anchor} is assessed only where ${DATA.anchor} is the first drug.`,
  ].join("");
}
function potencyWords(index) {
  if (index === null) return "cannot be said, because one drug alone hardly acts";
  const meaning =
    index > 1.25
      ? "so more drug is needed than alone"
      : index < 0.8
        ? "so less drug does the same"
        : "close to additive";
  return `at half the weaker drug's effect the combination index is ${short(index, 2)}, ${meaning}`;
}
// What the pair does, in words: strength, agreement of the models, potency or efficacy.
async function pairSummary() {
  const { row, column, time } = state,
    values = await pairData("viability"),
    names = [DATA.drug_1[column], DATA.drug_2[column]];
  const scores = DATA.models.map((model) => ({
    ...model,
    mean: summary(`${model.name}:mean`, row, column),
    best: summary(`${model.name}:best`, row, column),
    both: interval(row, column, `${model.name}:mean`),
    why: DATA.reasons[model.name]?.[`${row},${column},${time}`],
  }));
  const seen = scores.filter((score) => known(score.mean)),
    positive = seen.filter((score) => score.mean > 1),
    negative = seen.filter((score) => score.mean < -1);
  const bounded = scores.some((score) => score.both);
  const gain = summary("gain", row, column);
  const first =
    names[0] !== DATA.anchor
      ? singleAgentWords(names, values)
      : [
          `${sentence(names[0])} alone leaves ${percent(DATA.alone[row][time])} of ${LINES[row]} at ` +
            `${hours(TIMES[time])}. ${sentence(names[1])} at ${partnerDose(column)} ` +
            (DATA.resistant[row]
              ? `closes ${closedText(row, column)}.`
              : known(gain)
                ? `changes its own effect by ${points(gain)} percent points; the line is not resistant.`
                : "was not simulated."),
          DATA.resistant[row] ? `${sentence(closedFrom(row, column))}.` : "",
        ]
          .filter(Boolean)
          .join(" ");
  const agree = !seen.length
    ? "No synergy score."
    : positive.length === seen.length
      ? "All models call it synergy."
      : negative.length === seen.length
        ? "All models call it antagonism."
        : !positive.length && !negative.length
          ? "All models call it additive, within one percent point."
          : `The models disagree: ${seen.map((score) => `${score.label} ${points(score.mean)}`).join(", ")}.`;
  let why = "";
  if (values) {
    const flat = values.flat().filter(known),
      single = Math.min(...values[0].filter(known), ...values.map((line) => line[0]).filter(known)),
      deeper = 100 * (single - Math.min(...flat));
    const one = doses("1", row, column),
      two = doses("2", row, column),
      half = isobole(
        values,
        one,
        two,
        0.5 +
          0.5 *
            Math.max(
              Math.min(...values[0].filter(known)),
              Math.min(...values.map((line) => line[0]).filter(known)),
            ),
      ),
      index = combinationIndex(half);
    const efficacy = deeper > 5,
      potency = index !== null && index < 0.8;
    why =
      `Efficacy: together they go ${deeper.toFixed(1)} percent points below the better drug alone. ` +
      `Potency: ${potencyWords(index)}. ` +
      (efficacy && potency
        ? "Both contribute."
        : efficacy
          ? "What is gained is efficacy: HSA and Bliss see it; Loewe counts it only as far as the single curves reach."
          : potency
            ? "What is gained is potency: Loewe and ZIP see it before HSA does."
            : "Neither moves much.");
  }
  $("pair-head").textContent = `${LINES[row]}: ${names[0]} + ${names[1]}`;
  $("pair-body").replaceChildren(
    el(
      "div",
      {},
      el("p", { class: "big" }, first),
      trustWords() ? el("p", { class: "trusted" }, trustWords()) : "",
      el("p", {}, agree, " ", why),
    ),
    el(
      "div",
      { class: "slide", tabindex: 0, role: "group", "aria-label": "Scores of this pair" },
      el(
        "table",
        { class: "plain", id: "pair-scores" },
        el("caption", {}, `Excess in percent points, positive = synergy, ${hours(TIMES[time])}`),
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            [
              "Model",
              "Mean",
              bounded ? `${DATA.ensemble.level} interval` : null,
              bounded ? "Sets above 0" : null,
              "Best 3 × 3",
              "Note",
            ].map((text, at) =>
              text ? el("th", { scope: "col", class: at > 0 && at < 5 ? "number" : null }, text) : null,
            ),
          ),
        ),
        el(
          "tbody",
          {},
          scores.map((score) =>
            el(
              "tr",
              {},
              el("th", { scope: "row" }, score.label),
              el("td", { class: "number" }, points(score.mean)),
              bounded
                ? el(
                    "td",
                    { class: "number" },
                    score.both ? `${points(score.both[0])} to ${points(score.both[1])}` : "–",
                  )
                : null,
              bounded
                ? el("td", { class: "number" }, percent(summary(`${score.name}:probability`, row, column)))
                : null,
              el("td", { class: "number" }, points(score.best)),
              el("td", {}, score.why || ""),
            ),
          ),
        ),
      ),
    ),
  );
}
// How far to trust this pair: what such predictions were worth on measured cells, and whether the line was calibrated.
function trustWords() {
  const line = DATA.calibrated[state.row],
    parts = [DATA.verdicts[state.column], line ? `line ${line}` : ""].filter(Boolean);
  return parts.length ? sentence(parts.join("; ")) + "." : "";
}
function pairControls() {
  const step = (rows, columns) => () =>
    openPair(
      (state.row + rows + LINES.length) % LINES.length,
      (state.column + columns + PARTNERS.length) % PARTNERS.length,
      false,
    );
  $("pair-controls").replaceChildren(
    choice(
      "Cell line",
      LINES.map((name, row) => [row, clip(name, 40)]),
      state.row,
      (row) => openPair(Number(row), state.column, false),
      { id: "pair-line" },
    ),
    choice(
      "Partner",
      DATA.order.map((column) => [column, clip(pairName(column), 40)]),
      state.column,
      (column) => openPair(state.row, Number(column), false),
      { id: "pair-partner" },
    ),
    choice(
      "Compare with",
      [
        [
          "parent",
          DATA.parents[state.row] === null
            ? "no line"
            : `its parent ${clip(LINES[DATA.parents[state.row]], 30)}`,
        ],
        ...(DATA.parents[state.row] === null ? [] : [["", "no line"]]),
        ...range(LINES.length)
          .filter((row) => row !== state.row && row !== DATA.parents[state.row])
          .map((row) => [row, clip(LINES[row], 40)]),
      ],
      state.other,
      (other) => change({ other }),
      { id: "pair-other" },
    ),
    choice(
      "Readout",
      DATA.readouts.map((readout) => [readout.name, readout.label]),
      state.readout,
      (readout) => change({ readout }),
      { id: "pair-readout" },
    ),
    choice(
      "Assay time",
      TIMES.map((time, at) => [at, hours(time)]),
      state.time,
      (time) => change({ time: Number(time) }),
      { id: "pair-time" },
    ),
    el("button", { type: "button", onclick: step(-1, 0), "aria-label": "Previous line" }, "← line"),
    el("button", { type: "button", onclick: step(1, 0), "aria-label": "Next line" }, "line →"),
    el("button", { type: "button", onclick: step(0, -1), "aria-label": "Previous partner" }, "← partner"),
    el("button", { type: "button", onclick: step(0, 1), "aria-label": "Next partner" }, "partner →"),
    el(
      "button",
      {
        type: "button",
        onclick: async (event) => {
          const link = location.href.split("#")[0] + linkTo(state.row, state.column);
          await navigator.clipboard?.writeText(link);
          event.target.textContent = "Link copied";
        },
      },
      "Copy link",
    ),
  );
}

SECTIONS.pair = {
  begin: pairControls,
  draw() {
    pairControls();
    return pairSummary();
  },
  listens: PAIR_CHANGES,
};
