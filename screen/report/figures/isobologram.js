// The isobole of a pair at a viability that the reader chooses.

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
    const reached = values.flat().some((value) => known(value) && value <= 0.9);
    own.caption.textContent = reached
      ? "Too few neighbouring wells were simulated to tell between which doses a viability is reached."
      : "No dose pair of the grid lowers viability to 0.9.";
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
    own.caption.textContent =
      "Doses as a share of what each drug needs alone " +
      `(${names[0]} ${doseText(alone1)}, ${names[1]} ${doseText(alone2)}). Below the straight line = synergy. ` +
      "Combination index along the isobole, geometric mean: " +
      `${index === null ? "–" : short(index, 2)} (below 1 = synergy).${ofViability()}`;
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
  own.caption.textContent =
    (alone1 || alone2
      ? `${alone1 ? names[1] : names[0]} alone never reaches viability ${level}`
      : `Neither drug alone reaches viability ${level}`) +
    " on this grid, so no line of additivity can be drawn between two single doses; " +
    (alone1 || alone2
      ? "the dashed line is the dose of the other drug alone"
      : "reaching it together is an efficacy beyond either") +
    `. Logarithmic axes.${ofViability()}`;
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
FIGURES.isobologram = { draw: drawIsobole, listens: PAIR_CHANGES, pairwise: true };
