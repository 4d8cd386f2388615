// The surface of a dose pair, and what stands in a well without a value.

// What stands in a well without a value: × where its simulation failed, nothing where the design left it out.
const FAILED = 2,
  NOT_SIMULATED = 3;
const statusAt = (status, i, j) => (status ? status[i][j] : FAILED);
const leftOut = (value, status, i, j) => !known(value) && statusAt(status, i, j) === NOT_SIMULATED;
const blank = (status, i, j) => ({ [FAILED]: "×", [NOT_SIMULATED]: "" })[statusAt(status, i, j)] ?? "–";
// The same for a caption: only what is to be seen is said.
function blankWords(...pictures) {
  const seen = new Set(
    pictures.flatMap(({ values, status }) =>
      values.flatMap((line, i) => line.map((value, j) => (known(value) ? null : blank(status, i, j)))),
    ),
  );
  return [
    seen.has("×") ? "× marks a failed simulation." : "",
    seen.has("–") ? "– marks a well without a value." : "",
    seen.has("") ? "Pale, empty wells were not simulated: the design leaves them out." : "",
  ]
    .filter(Boolean)
    .join(" ");
}

// The surface of one dose pair: drug 1 upwards, drug 2 to the right, both from 0.
function surface({
  values,
  status,
  row,
  column,
  x = 0,
  y = 0,
  side,
  scale,
  text,
  tip,
  contours = [],
  axisNames = true,
  peaks = true,
}) {
  const one = doses("1", row, column),
    two = doses("2", row, column),
    names = [DATA.drug_1[column], DATA.drug_2[column]];
  const left = x + 62,
    top = y + 6,
    bottom = top + side * one.length,
    right = left + side * two.length,
    size = Math.min(11, Math.max(8.5, side * 0.32));
  const cells = one.map((a, i) =>
    two.map((b, j) => {
      const value = values[i][j],
        colour = scale.colour(value),
        cx = left + side * j,
        cy = bottom - side * (i + 1);
      return [
        tell(
          svg("rect", {
            x: round(cx),
            y: round(cy),
            width: round(side - 1),
            height: round(side - 1),
            fill: colour,
            class: leftOut(value, status, i, j) ? "cell tell unasked" : "cell tell",
          }),
          () =>
            [
              tip(value, a, b, i, j),
              [
                "",
                "solved by the reference solver",
                "the simulation failed",
                "not simulated: the design leaves it out",
              ][status ? status[i][j] : 0],
            ]
              .filter(Boolean)
              .join("\n"),
        ),
        side >= 22
          ? label(
              cx + side / 2 - 0.5,
              cy + side / 2 + size * 0.36,
              known(value) ? text(value) : blank(status, i, j),
              {
                "font-size": size,
                "text-anchor": "middle",
                class: inkOn(colour),
                "pointer-events": "none",
                ...(contours.length
                  ? { stroke: colour, "stroke-width": 7, "paint-order": "stroke", "stroke-linejoin": "round" }
                  : {}),
              },
            )
          : null,
      ];
    }),
  );
  const middle = (j) => round(left + side * (j + 0.5));
  const longest = Math.max(...two.map((dose) => gridTick(dose).length)),
    slant = side < Math.max(30, 6.2 * longest),
    drop = slant ? Math.max(46, 28 + 4.3 * longest) : 30, // the axis' name stands below the longest dose
    every = Math.max(1, Math.ceil(18 / side)); // names of doses side by side, none touching the next
  const ticks = [
    one.map((dose, i) =>
      i % every
        ? null
        : label(left - 6, bottom - side * (i + 0.5) + 4, gridTick(dose), {
            "font-size": 10.5,
            "text-anchor": "end",
            class: "muted",
          }),
    ),
    two.map((dose, j) =>
      j % every
        ? null
        : svg(
            "text",
            {
              transform: `translate(${middle(j)},${round(bottom + 13)})${slant ? " rotate(-45)" : ""}`,
              "font-size": 10.5,
              "text-anchor": slant ? "end" : "middle",
              class: "muted",
            },
            gridTick(dose),
          ),
    ),
  ];
  const marks = [];
  const p1 = peaks && peakOf(names[0]) !== null ? gridPlace(one, peakOf(names[0])) : null,
    p2 = peaks && peakOf(names[1]) !== null ? gridPlace(two, peakOf(names[1])) : null;
  if (p1 !== null)
    marks.push(
      tell(
        svg("path", {
          d: `M${right + 9} ${round(bottom - side * (p1 + 0.5))}l-8 -4v8z`,
          class: "peak-text tell",
        }),
        `Cmax of ${names[0]}: ${doseText(peakOf(names[0]))}`,
      ),
    );
  if (p2 !== null)
    marks.push(
      tell(
        svg("path", {
          d: `M${round(left + side * (p2 + 0.5))} ${top - 9}l-4 8h8z`,
          class: "peak-text tell",
          transform: `translate(0,0)`,
        }),
        `Cmax of ${names[1]}: ${doseText(peakOf(names[1]))}`,
      ),
    );
  const courses = contours
    .map(([level, dash]) => [
      contourPath(values, level, (i, j) => [left + side * (j + 0.5), bottom - side * (i + 0.5)]),
      dash,
    ])
    .filter(([course]) => course);
  const lines = courses.map(([course, dash]) =>
    svg("path", {
      d: course,
      class: "contour",
      stroke: "#c2571a",
      "stroke-width": 2,
      fill: "none",
      "stroke-dasharray": dash,
      "pointer-events": "none",
    }),
  );
  const titles = axisNames
    ? [
        label((left + right) / 2, bottom + drop, gridName(names[1], two), {
          "text-anchor": "middle",
          "font-size": 12.5,
        }),
        svg(
          "text",
          {
            transform: `translate(${round(x + 14)},${round((top + bottom) / 2)}) rotate(-90)`,
            "text-anchor": "middle",
            "font-size": 12.5,
          },
          gridName(names[0], one),
        ),
      ]
    : [];
  return {
    node: svg(
      "g",
      {},
      cells.map((line) => line.map(([rect]) => rect)),
      lines,
      cells.map((line) => line.map(([, number]) => number)),
      ticks,
      marks,
      titles,
    ),
    contoured: courses.length > 0,
    left,
    right,
    top,
    bottom,
    foot: bottom + drop + 8,
  };
}
