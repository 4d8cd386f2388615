// The response surface of a pair and its excess over every model, and the same of its parent.

// Pixels of a well: larger where the reader enlarged the figure.
const cellSide = (width, many) => Math.min(width > 900 ? 96 : 58, (width - 62 - 26) / many);
async function drawResponse(width, own, row = state.row) {
  const values = await pairData(state.readout, row),
    status = await pairData("status", row);
  if (!values) return missing(width, LEFT_OUT);
  const scale = responseScale(values),
    two = doses("2", row, state.column),
    side = cellSide(width, two.length);
  const whole = !status?.flat().includes(NOT_SIMULATED), // a level line needs neighbours
    level = !whole
      ? []
      : state.readout === "viability"
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
  const peaks = ["1", "2"]
    .map((which) => [DATA[`drug_${which}`][state.column], doses(which, row, state.column)])
    .filter(([drug]) => peakOf(drug) !== null)
    .map(([drug, levels]) => [drug, gridPlace(levels, peakOf(drug)) !== null]);
  const named = (drawn) =>
    peaks.filter(([, inside]) => inside === drawn).map(([drug]) => `${drug} (${doseText(peakOf(drug))})`);
  own.caption.textContent =
    (!drawn.contoured
      ? ""
      : state.readout === "viability"
        ? "Lines: viability 0.75 (dotted), 0.5 (full), 0.25 (dashed). "
        : state.readout === "gr_value"
          ? "Lines: GR 0.5 (full) and 0 (dashed). "
          : "") +
    (named(true).length
      ? `Red arrow${named(true).length > 1 ? "s" : ""}: Cmax of ${named(true).join(" and ")}. `
      : "") +
    (named(false).length ? `Above these doses: Cmax of ${named(false).join(" and ")}. ` : "") +
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
  const other = comparedRow();
  if (other === null) return null;
  const what = other === DATA.parents[state.row] ? "its parent " : "";
  own.heading.textContent = `The same in ${what}${LINES[other]}`;
  return drawResponse(width, own, other);
}
// The excess here less that in the line compared with, where both have the same grid.
async function drawGained(width, own) {
  const parent = comparedRow(),
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
  const gained = parent === DATA.parents[state.row] ? "Synergy gained on resistance: " : "";
  own.heading.textContent = sentence(`${gained}${name} excess less that in ${LINES[parent]}`);
  own.caption.textContent =
    `Mean ${name} excess ${mean(state.row)} points here, ${mean(parent)} in ${LINES[parent]}. ` +
    `Positive: more synergy in ${LINES[state.row]}. ${blankWords({ values, status })}`;
  const drawn = surface({
    values,
    status,
    row: state.row,
    column: state.column,
    y: 12,
    side: cellSide(width, two.length),
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
const score = (model, kind) => points(summary(`${model.name}:${kind}`, state.row, state.column));
const bestWords = (model) =>
  known(summary(`${model.name}:best`, state.row, state.column))
    ? `, best window ${score(model, "best")}`
    : "";
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
      label(x + 62, y + 34, `mean ${score(model, "mean")}${bestWords(model)}`, {
        "font-size": 11.5,
        class: "muted",
      }),
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
    "Inhibition beyond what the model expects of drugs that do not interact; " +
      "the edges are single agents, 0 by definition.",
    state.readout === "viability" ? "" : "Of what was scored, not of the readout chosen.",
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
FIGURES.response = { draw: drawPairResponse, listens: PAIR_CHANGES, pairwise: true };

FIGURES["parent-response"] = { draw: drawParentResponse, listens: COMPARED_CHANGES, pairwise: true };

FIGURES.excess = { draw: drawExcess, listens: PAIR_CHANGES, size: () => "wide", pairwise: true };

FIGURES["gained-excess"] = { draw: drawGained, listens: COMPARED_CHANGES, pairwise: true };
