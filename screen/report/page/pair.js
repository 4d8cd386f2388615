// One pair: its words, surfaces, curves, isobologram and the way back to sensitivity.

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

async function drawResponse(width, own, row = state.row) {
  const values = await pairData(state.readout, row),
    status = await pairData("status", row);
  if (!values) return missing(width, LEFT_OUT);
  const scale = responseScale(values),
    two = doses("2", row, state.column),
    side = Math.min(52, (width - 62 - 26) / two.length);
  const level =
    state.readout === "viability"
      ? [
          [0.75, "2 4"],
          [0.5, null],
          [0.25, "7 4"],
        ]
      : state.readout === "gr_value"
        ? [
            [0.5, null],
            [0, "7 4"],
          ]
        : [];
  const drawn = surface({
    values,
    status,
    row,
    column: state.column,
    y: 12,
    side,
    scale,
    text: cellText,
    contours: level,
    tip: (value, a, b) =>
      `${doseTip(a, b)}\n${readoutOf(state.readout).label}: ${known(value) ? short(value) : "no value"}`,
  });
  const peaks = [DATA.drug_1[state.column], DATA.drug_2[state.column]].filter(
    (drug) => peakOf(drug) !== null,
  );
  own.caption.textContent =
    (state.readout === "viability"
      ? "Lines: viability 0.75 (dotted), 0.5 (full), 0.25 (dashed). "
      : state.readout === "gr_value"
        ? "Lines: GR 0.5 (full) and 0 (dashed). "
        : "") +
    (peaks.length
      ? `Red arrows: attainable peak of ${peaks.map((drug) => `${drug} (${doseText(peakOf(drug))})`).join(" and ")}. `
      : "") +
    blankWords({ values, status });
  return canvas(
    width,
    drawn.foot + 46,
    own.heading.textContent,
    drawn.node,
    colourBar(scale, drawn.left, drawn.foot + 2, drawn.right - drawn.left),
  );
}
function drawPairResponse(width, own) {
  own.heading.textContent = `Response of ${LINES[state.row]}: ${titleOf(state.readout)}, ${hours(TIMES[state.time])}`;
  return drawResponse(width, own);
}
async function drawParentResponse(width, own) {
  const parent = DATA.parents[state.row];
  if (parent === null) return null;
  own.heading.textContent = `The same in its sensitive parent ${LINES[parent]}`;
  return drawResponse(width, own, parent);
}
// What resistance adds: the excess here less that in the parent, where both have the same grid.
async function drawGained(width, own) {
  const parent = DATA.parents[state.row],
    model = DATA.main_model;
  if (parent === null || !model) return null;
  const [mine, theirs] = [await pairData(`${model}_excess`), await pairData(`${model}_excess`, parent)];
  if (
    !mine ||
    !theirs ||
    String(doses("1", parent, state.column)) !== String(doses("1", state.row, state.column)) ||
    String(doses("2", parent, state.column)) !== String(doses("2", state.row, state.column))
  )
    return null;
  const [here, there] = [await pairData("status"), await pairData("status", parent)],
    status =
      here &&
      there &&
      here.map((line, i) =>
        line.map((code, j) => ([code, there[i][j]].includes(FAILED) ? FAILED : Math.max(code, there[i][j]))),
      );
  const values = mine.map((line, i) => line.map((value, j) => value - theirs[i][j])),
    scale = diverging(limitOf(values.flat(), 1)),
    two = doses("2", state.row, state.column),
    name = MODEL_NAMES[model];
  const mean = (row) => points(summary(`${model}:mean`, row, state.column));
  own.heading.textContent = `Synergy gained on resistance: ${name} excess less that in ${LINES[parent]}`;
  own.caption.textContent = `Mean ${name} excess ${mean(state.row)} points here, ${mean(parent)} in the parent. Positive: more synergy in the resistant line. ${blankWords({ values, status })}`;
  const drawn = surface({
    values,
    status,
    row: state.row,
    column: state.column,
    y: 12,
    side: Math.min(52, (width - 62 - 26) / two.length),
    scale,
    text: excessText,
    tip: (value, a, b) => `${doseTip(a, b)}\nexcess gained: ${points(value)} points`,
  });
  return canvas(
    width,
    drawn.foot + 46,
    own.heading.textContent,
    drawn.node,
    colourBar(
      scale,
      drawn.left,
      drawn.foot + 2,
      drawn.right - drawn.left,
      "percent points gained; positive = more synergy",
    ),
  );
}
async function drawRelief(width, own) {
  const values = await pairData(state.readout),
    status = await pairData("status");
  if (!values) return null;
  own.caption.textContent = [
    "Drag, or focus and press the arrow keys, to turn it. Each grid line is one dose.",
    lonely(values).length ? "Dots on stems: wells whose neighbours have no value." : "",
    blankWords({ values, status }).replace("Pale, empty wells", "Wells where nothing stands"),
  ]
    .filter(Boolean)
    .join(" ");
  return relief({
    values,
    status,
    one: doses("1", state.row, state.column),
    two: doses("2", state.row, state.column),
    names: [DATA.drug_1[state.column], DATA.drug_2[state.column]],
    scale: responseScale(values),
    width,
    zName: titleOf(state.readout),
  });
}
async function drawExcess(width, own) {
  const found = (
    await Promise.all(
      DATA.models.map(async (model) => ({ ...model, values: await pairData(`${model.name}_excess`) })),
    )
  ).filter((model) => model.values);
  if (!found.length) return DATA.models.length ? missing(width, LEFT_OUT) : null;
  const status = await pairData("status");
  const scale = diverging(
      limitOf(
        found.flatMap((model) => model.values.flat()),
        1,
      ),
    ),
    two = doses("2", state.row, state.column);
  const across = Math.min(found.length, width > 1060 ? 4 : width > 560 ? 2 : 1),
    each = width / across,
    side = Math.min(46, (each - 62 - 26) / two.length);
  let foot = 0,
    y = 0;
  const parts = found.map((model, at) => {
    if (at % across === 0 && at) y = foot + 12;
    const x = each * (at % across);
    const drawn = surface({
      values: model.values,
      status,
      row: state.row,
      column: state.column,
      x,
      y: y + 40,
      side,
      scale,
      text: excessText,
      peaks: false,
      tip: (value, a, b) => `${doseTip(a, b)}\n${model.label} excess: ${points(value)} points`,
    });
    foot = Math.max(foot, drawn.foot);
    const why = DATA.reasons[model.name]?.[`${state.row},${state.column},${state.time}`];
    return [
      label(x + 62, y + 18, model.label, { "font-weight": 650, "font-size": 13.5 }),
      label(
        x + 62,
        y + 34,
        `mean ${points(summary(`${model.name}:mean`, state.row, state.column))}, best window ${points(summary(`${model.name}:best`, state.row, state.column))}`,
        { "font-size": 11.5, class: "muted" },
      ),
      why
        ? tell(
            label(x + 62 + 7.6 * model.label.length + 10, y + 18, "see note", {
              "font-size": 11.5,
              class: "peak-text tell",
            }),
            why,
          )
        : null,
      drawn.node,
    ];
  });
  own.heading.textContent = `Excess over each model, percent points, ${hours(TIMES[state.time])}`;
  own.caption.textContent = [
    "Inhibition beyond what the model expects of drugs that do not interact; the edges are single agents, 0 by definition.",
    blankWords(...found.map(({ values }) => ({ values, status }))),
    ...found.map((model) => {
      const why = DATA.reasons[model.name]?.[`${state.row},${state.column},${state.time}`];
      return why ? `${model.label}: ${why}.` : "";
    }),
  ]
    .filter(Boolean)
    .join(" ");
  return canvas(
    width,
    foot + 48,
    own.heading.textContent,
    parts,
    colourBar(scale, 62, foot + 4, Math.min(360, width - 90)),
  );
}
const quarters = (...values) => values.map((value) => [value, short(value)]);
const yTicks = () => (state.readout === "viability" ? quarters(0, 0.25, 0.5, 0.75, 1) : null);
const yDomain = (values) => {
  const seen = values.filter(known);
  return [
    Math.min(0, ...seen),
    Math.max(state.readout === "viability" ? 1.05 : 0, ...seen) * (fraction() ? 1 : 1.06),
  ];
};
async function drawSingles(width, own) {
  const values = await pairData(state.readout);
  if (!values) return missing(width, LEFT_OUT);
  const one = doses("1", state.row, state.column),
    two = doses("2", state.row, state.column),
    [low, high] = await Promise.all([pairData(`${state.readout}_low`), pairData(`${state.readout}_high`)]);
  const series = [
    [DATA.drug_1[state.column], one, (array) => array.map((line) => line[0])],
    [DATA.drug_2[state.column], two, (array) => array[0]],
  ].map(([name, x, edge], at) => {
    const y = edge(values),
      fit = state.readout === "viability" ? hillFit(x, y) : null;
    return {
      name,
      x,
      y,
      colour: PALETTE.categorical[at],
      fit: fit ? fit.at : null,
      found: fit,
      low: low && edge(low),
      high: high && edge(high),
    };
  });
  const words = series
    .map(({ name, found, y }) =>
      !found
        ? state.readout === "viability"
          ? `${name}: hardly any effect (lowest viability ${short(Math.min(...y.filter(known)), 2)}), no fit`
          : ""
        : `${name}: EC50 ${doseText(found.ec50)}, slope ${short(found.slope, 2)}, floor ${short(found.floor, 2)}, IC50 ${found.ic50 === null ? "not reached" : doseText(found.ic50)}, fit error ${found.error < 0.001 ? "below 0.001" : short(found.error, 1)}`,
    )
    .filter(Boolean);
  own.heading.textContent = `Single agents in ${LINES[state.row]}`;
  own.caption.textContent =
    (words.length ? `Hill fits: ${words.join("; ")}.` : "Simulated points joined.") +
    (low ? ` Bands: ${DATA.sure.level} of the parameter draws.` : "");
  return curves({
    name: own.heading.textContent,
    series,
    xName: "dose of the single agent",
    yName: readoutOf(state.readout).label,
    domain: yDomain(series.flatMap((item) => item.y)),
    ticks: yTicks(),
    width,
    drugs: series.map((item) => item.name),
  });
}
async function drawLadder(width, own) {
  const values = await pairData(state.readout);
  if (!values) return null;
  const one = doses("1", state.row, state.column),
    two = doses("2", state.row, state.column),
    partner = DATA.drug_2[state.column],
    anchor = DATA.drug_1[state.column];
  const series = two.map((dose, j) => ({
    name: j ? doseText(dose) : `no ${clip(partner, 10)}`,
    x: one,
    y: values.map((line) => line[j]),
    colour: j ? shade(PALETTE.sequential, 0.74 * (1 - j / (two.length - 1 || 1))) : PALETTE.categorical[1],
    bold: j === 0,
  }));
  own.heading.textContent = `${anchor} beside each fixed dose of ${partner}`;
  own.caption.textContent = `One curve per ${partner} dose, named at its end; orange: ${anchor} alone. Parallel curves mean that the drugs act side by side; a steeper fall means that ${partner} makes ${anchor} work.`;
  return curves({
    name: own.heading.textContent,
    series,
    xName: `dose of ${anchor}`,
    yName: readoutOf(state.readout).label,
    domain: yDomain(values.flat()),
    ticks: yTicks(),
    width,
    drugs: [anchor],
  });
}
let chosenLevel = null;
async function drawIsobole(width, own) {
  const values = await pairData("viability");
  if (!values) return null;
  const one = doses("1", state.row, state.column),
    two = doses("2", state.row, state.column),
    names = [DATA.drug_1[state.column], DATA.drug_2[state.column]];
  const levels = [0.9, 0.8, 0.75, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2]
    .map((level) => ({ level, ...isobole(values, one, two, level) }))
    .filter(({ points: list, alone1, alone2 }) => list.length > 1 && alone1 !== 0 && alone2 !== 0);
  own.heading.textContent = "Isobologram";
  own.tools.replaceChildren();
  if (!levels.length) {
    own.caption.textContent = "No dose pair of the grid lowers viability to 0.9.";
    return missing(width, "No isobole on this grid.");
  }
  const natural =
    levels.find(({ level, alone1, alone2 }) => level === 0.5 && alone1 && alone2) ||
    levels.filter(({ alone1, alone2 }) => alone1 && alone2).at(-1) ||
    levels.find(({ level }) => level === 0.5) ||
    levels.at(-1);
  const chosen = levels.find(({ level }) => level === chosenLevel) || natural;
  own.tools.append(
    choice(
      "",
      levels.map(({ level }) => [level, `viability ${level}`]),
      chosen.level,
      (level) => {
        chosenLevel = Number(level);
        own.redraw();
      },
      { "aria-label": "Viability of the isobole" },
    ),
  );
  const { points: list, alone1, alone2, level } = chosen,
    index = combinationIndex(chosen),
    left = 64,
    top = 16,
    height = 360,
    bottom = height - 48,
    right = width - 20;
  own.heading.textContent = `Isobologram at viability ${level}, ${hours(TIMES[state.time])}`;
  const path = (project, from = list) =>
    "M" + from.map((point) => project(point).map(round).join(" ")).join("L");
  const dots = (project) =>
    list.map((point) => {
      const [x, y] = project(point);
      return tell(
        svg("circle", { cx: round(x), cy: round(y), r: 4, fill: PALETTE.categorical[1], class: "tell" }),
        `${names[0]} ${doseText(point[0])} + ${names[1]} ${doseText(point[1])}`,
      );
    });
  if (alone1 && alone2) {
    const top2 = Math.max(1.15, ...list.map((point) => point[1] / alone2)),
      top1 = Math.max(1.15, ...list.map((point) => point[0] / alone1));
    const X = (value) => left + ((right - left) * value) / top2,
      Y = (value) => bottom - ((bottom - top) * value) / top1,
      project = ([a, b]) => [X(b / alone2), Y(a / alone1)];
    own.caption.textContent = `Doses as a share of what each drug needs alone (${names[0]} ${doseText(alone1)}, ${names[1]} ${doseText(alone2)}). Below the straight line = synergy. Combination index along the isobole, geometric mean: ${index === null ? "–" : short(index, 2)} (below 1 = synergy).`;
    return canvas(
      width,
      height,
      own.heading.textContent,
      valueAxis(Y, valueTicks(0, top1, 5), left, right, `${names[0]}, share of its dose alone`, top + bottom),
      valueTicks(0, top2, 5).map(([value, text]) => [
        svg("line", { x1: round(X(value)), x2: round(X(value)), y1: top, y2: bottom, class: "grid" }),
        label(X(value), bottom + 18, text, { "text-anchor": "middle", class: "muted", "font-size": 11.5 }),
      ]),
      label((left + right) / 2, bottom + 36, `${names[1]}, share of its dose alone`, {
        "text-anchor": "middle",
        "font-size": 12.5,
      }),
      svg("path", {
        d: `M${round(X(0))} ${round(Y(1))}L${round(X(1))} ${round(Y(0))}`,
        class: "axis",
        "stroke-dasharray": "6 4",
        "stroke-width": 1.4,
      }),
      label(X(0.62) + 6, Y(0.4) - 8, "additive", { "font-size": 11.5, class: "muted" }),
      svg("path", { d: path(project), fill: "none", stroke: PALETTE.categorical[1], "stroke-width": 2.4 }),
      dots(project),
    );
  }
  const scale2 = doseScale(two, left, right),
    scale1 = doseScale(one, bottom, top),
    project = ([a, b]) => [scale2.place(b), scale1.place(a)];
  own.caption.textContent = `${alone1 || alone2 ? `${alone1 ? names[1] : names[0]} alone never reaches viability ${level}` : `Neither drug alone reaches viability ${level}`} on this grid, so no line of additivity can be drawn between two single doses; ${alone1 || alone2 ? "the dashed line is the dose of the other drug alone" : "reaching it together is an efficacy beyond either"}. Logarithmic axes.`;
  const decades = range(Math.floor(scale1.high + 0.001) - Math.ceil(scale1.low) + 1).map(
    (k) => 10 ** (k + Math.ceil(scale1.low)),
  );
  return canvas(
    width,
    height,
    own.heading.textContent,
    doseAxis(scale2, bottom, top, `dose of ${names[1]}`),
    valueAxis(
      (dose) => scale1.place(dose),
      [[0, "0"], ...decades.map((dose) => [dose, doseText(dose)])],
      left,
      right,
      `dose of ${names[0]}`,
      top + bottom,
    ),
    alone1
      ? svg("line", {
          x1: left,
          x2: right,
          y1: round(scale1.place(alone1)),
          y2: round(scale1.place(alone1)),
          class: "axis",
          "stroke-dasharray": "6 4",
        })
      : null,
    alone2
      ? svg("line", {
          x1: round(scale2.place(alone2)),
          x2: round(scale2.place(alone2)),
          y1: top,
          y2: bottom,
          class: "axis",
          "stroke-dasharray": "6 4",
        })
      : null,
    peakMark(scale2, names[1], top, bottom),
    svg("path", { d: path(project), fill: "none", stroke: PALETTE.categorical[1], "stroke-width": 2.4 }),
    dots(project),
  );
}
async function drawWayBack(width, own) {
  const ratio = await pairData("ratio"),
    { row, column, time } = state,
    two = doses("2", row, column),
    partner = DATA.drug_2[column];
  if (!ratio?.some(known)) return null;
  const beside = await pairData("viability"),
    reference = DATA.reference[row][time],
    log = summary("rescue", row, column);
  const series = [
    { name: `${clip(DATA.anchor, 11)} effect`, x: two, y: ratio, colour: PALETTE.categorical[1], bold: true },
    ...(beside
      ? [{ name: `${partner} alone`, x: two, y: beside[0], colour: PALETTE.categorical[0], dash: "5 4" }]
      : []),
  ];
  own.heading.textContent = `The way back: ${DATA.anchor} at ${doseText(DATA.anchor_nM)} beside ${partner}`;
  own.caption.textContent = `Orange: viability with both over viability with ${partner} alone, that is what ${DATA.anchor} itself still leaves. Where it falls to the reference line the cells are re-sensitised: ${rescueText(log)}${rescueSure(row, column)}.`;
  return curves({
    name: own.heading.textContent,
    series,
    xName: `dose of ${partner}`,
    yName: "fraction of cells left",
    ticks: quarters(0, 0.25, 0.5, 0.75, 1),
    domain: [0, Math.max(1.05, ...ratio.filter(known))],
    width,
    drugs: [partner],
    marks: (scale, place, _top, _bottom, left, right) => [
      known(reference)
        ? [
            svg("line", {
              x1: left,
              x2: right,
              y1: round(place(reference)),
              y2: round(place(reference)),
              class: "rule",
              "stroke-width": 1.4,
              "stroke-dasharray": "2 3",
            }),
            label(left + 4, place(reference) + 15, `${DATA.anchor} alone in ${DATA.reference_names[row]}`, {
              "font-size": 11.5,
              class: "muted halo",
            }),
          ]
        : null,
      known(log) && log > -8 && log < 8
        ? svg("circle", {
            cx: round(scale.place(10 ** log)),
            cy: round(place(reference)),
            r: 8,
            fill: "none",
            stroke: PALETTE.categorical[1],
            "stroke-width": 2,
          })
        : null,
    ],
  });
}

// The interval of a re-sensitisation dose and the share of draws in which it is reached, in brackets.
function rescueSure(row, column) {
  const both = interval(row, column, "rescue"),
    share = summary("rescue:share", row, column);
  const parts = [
    both ? bothText(both, "rescue") : "",
    known(share) ? `reached at an attainable dose in ${percent(share)} of the draws` : "",
    both && DATA.sure.from === "bounds" ? "from the bounds of every well" : "",
  ].filter(Boolean);
  return parts.length ? ` (${parts.join("; ")})` : "";
}

// Of a pair that does not begin with the anchor: what each drug leaves alone, and why no way back is told.
function ownSentence([first, second], values) {
  const least = (edge) => percent(Math.min(...edge.filter(known)));
  return (
    (values
      ? `${sentence(first)} alone leaves ${least(values.map((line) => line[0]))} of ${LINES[state.row]} at ${hours(TIMES[state.time])}, ${second} alone ${least(values[0])}, each at the dose that leaves least. `
      : "") + `Re-sensitisation to ${DATA.anchor} is judged only where ${DATA.anchor} is the first drug.`
  );
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
  const log = summary("rescue", row, column),
    gain = summary("gain", row, column);
  const first =
    names[0] !== DATA.anchor
      ? ownSentence(names, values)
      : [
          `${sentence(names[0])} alone leaves ${percent(DATA.alone[row][time])} of ${LINES[row]} at ${hours(TIMES[time])}. Beside ${names[1]}, its own effect grows by ${points(gain)} percent points at most (attainable doses).`,
          !known(log)
            ? ""
            : log > 8
              ? "On this grid it never gets as strong as in the reference."
              : log < -8
                ? "It is as strong as in the reference already without a partner."
                : `From ${rescueText(log)} ${names[1]} it is as strong as in ${DATA.reference_names[row]}${rescueSure(row, column)}.`,
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
      `Efficacy: together they go ${deeper.toFixed(1)} percent points below the better drug alone. Potency: ${index === null ? "cannot be said, because one drug alone hardly acts" : `at half the weaker drug's effect the combination index is ${short(index, 2)}${index > 1.25 ? ", so more drug is needed than alone" : index < 0.8 ? ", so less drug does the same" : ", close to additive"}`}. ` +
      (efficacy && potency
        ? "Both contribute."
        : efficacy
          ? "What is gained is efficacy: HSA and Bliss see it; Loewe counts it only as far as the single curves reach."
          : potency
            ? "What is gained is potency: Loewe and ZIP see it before HSA does."
            : "Neither moves much.");
  }
  $("pair-head").textContent = `${LINES[row]}: ${names[0]} + ${names[1]}`;
  $("pair-summary").replaceChildren(
    el("div", {}, el("p", { class: "big" }, first), el("p", {}, agree, " ", why)),
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
            bounded ? `${DATA.sure.level} interval` : null,
            bounded ? "Draws above 0" : null,
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
  );
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
      PARTNERS.map((name, column) => [column, clip(name, 40)]),
      state.column,
      (column) => openPair(state.row, Number(column), false),
      { id: "pair-partner" },
    ),
    choice(
      "Readout",
      DATA.readouts.map((readout) => [readout.name, clip(readout.label, 44)]),
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
  );
}
