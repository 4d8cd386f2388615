// Heat maps: a matrix of names by names (a grid for the keyboard), and the surface of a dose pair.

function matrix({
  name,
  rows,
  columns,
  value,
  scale,
  text,
  tip,
  open,
  chosen,
  width,
  cell = [30, 64],
  height = 24,
  print = true,
  bold,
  mark,
}) {
  const longest = Math.max(4, ...rows.map((row) => clip(row.name, 22).length)),
    left = Math.min(22 + 6.9 * longest, 190);
  const heads = columns.map((column) => clip(column.name, HEAD)),
    tail = Math.max(54, 4.9 * heads.at(-1).length - 16);
  const side = Math.max(cell[0], Math.min(cell[1], (width - left - tail) / columns.length));
  const head = 16 + 5.1 * Math.max(...heads.map((text) => text.length)),
    total = Math.max(
      left + side * columns.length + 54,
      ...heads.map((text, j) => left + side * (j + 0.5) + 10 + 4.9 * text.length),
    );
  const grid = svg("g", {
      role: "grid",
      "aria-label": name,
      "aria-rowcount": rows.length,
      "aria-colcount": columns.length,
    }),
    nodes = [];
  let focus = [0, 0];
  rows.forEach((row, i) => {
    const y = head + height * i,
      line = svg("g", { role: "row" });
    if (height >= 11)
      line.append(
        svg(
          "text",
          {
            x: left - 8,
            y: round(y + height / 2 + 4),
            "font-size": Math.min(12.5, height - 1),
            "text-anchor": "end",
            role: "rowheader",
            "font-weight": bold?.(row) ? 650 : 400,
          },
          clip(row.name, 22),
        ),
      );
    nodes.push(
      columns.map((column, j) => {
        const number = value(row, column),
          colour = scale.colour(number),
          x = left + side * j;
        const here = chosen?.(row, column);
        if (here) focus = [i, j];
        const node = svg("rect", {
          x: round(x),
          y: round(y),
          width: round(side - 1),
          height: round(height - (height > 6 ? 1 : 0)),
          fill: colour,
          class: "hit cell",
          role: "gridcell",
          tabindex: -1,
          "aria-label": tip(row, column, number).replace(/\n/g, "; "),
        });
        tell(node, () => tip(row, column, number));
        place.set(node, [i, j]);
        line.append(node);
        const shown = print && height >= 14 ? text(number, row, column) : "";
        if (shown)
          line.append(
            svg(
              "text",
              {
                x: round(x + side / 2 - 0.5),
                y: round(y + height / 2 + 4),
                "font-size": side < 40 ? 10.5 : 12,
                "text-anchor": "middle",
                class: inkOn(colour),
                "pointer-events": "none",
                "aria-hidden": "true",
              },
              shown,
            ),
          );
        if (mark && height >= 14 && mark(row, column))
          line.append(
            svg("circle", {
              cx: round(x + side - 7),
              cy: round(y + 6),
              r: 2.4,
              fill: "none",
              "stroke-width": 1,
              stroke: inkOn(colour) === "dark" ? "#16202b" : "#ffffff",
              "pointer-events": "none",
            }),
          );
        if (here)
          line.append(
            svg("rect", {
              x: round(x - 0.5),
              y: round(y - 0.5),
              width: round(side),
              height: round(height),
              class: "chosen",
            }),
          );
        return node;
      }),
    );
    grid.append(line);
  });
  if (nodes.length && nodes[0].length) nodes[focus[0]][focus[1]].setAttribute("tabindex", 0);
  grid.addEventListener("keydown", (event) => {
    const from = place.get(event.target),
      move = {
        ArrowUp: [-1, 0],
        ArrowDown: [1, 0],
        ArrowLeft: [0, -1],
        ArrowRight: [0, 1],
        Home: [0, -999],
        End: [0, 999],
      }[event.key];
    if (from && (event.key === "Enter" || event.key === " ") && open) {
      event.preventDefault();
      open(rows[from[0]], columns[from[1]]);
    }
    if (!from || !move) return;
    event.preventDefault();
    const next =
      nodes[Math.min(Math.max(from[0] + move[0], 0), rows.length - 1)][
        Math.min(Math.max(from[1] + move[1], 0), columns.length - 1)
      ];
    event.target.setAttribute("tabindex", -1);
    next.setAttribute("tabindex", 0);
    next.focus();
  });
  grid.addEventListener("click", (event) => {
    const from = place.get(event.target);
    if (from && open) open(rows[from[0]], columns[from[1]]);
  });
  const bottom = head + height * rows.length;
  const picture = canvas(
    Math.max(total, 300),
    bottom + 64,
    name,
    heads.map((text, j) =>
      svg(
        "text",
        {
          transform: `translate(${round(left + side * (j + 0.5) + 2)},${head - 7}) rotate(-42)`,
          "font-size": 12.5,
        },
        text,
      ),
    ),
    grid,
    colourBar(scale, left, bottom + 14, Math.max(160, Math.min(side * columns.length, 300))),
  );
  picture.setAttribute("role", "group");
  return picture;
}
const place = new WeakMap();
const HEAD = 24; // letters of a column's name

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
              { "font-size": size, "text-anchor": "middle", class: inkOn(colour), "pointer-events": "none" },
            )
          : null,
      ];
    }),
  );
  const slant = side < 30,
    every = side < 15 ? 2 : 1;
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
              transform: `translate(${round(left + side * (j + 0.5))},${round(bottom + 13)})${slant ? " rotate(-45)" : ""}`,
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
        `Attainable peak of ${names[0]}: ${doseText(peakOf(names[0]))}`,
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
        `Attainable peak of ${names[1]}: ${doseText(peakOf(names[1]))}`,
      ),
    );
  const lines = contours.map(([level, dash]) =>
    svg("path", {
      d: contourPath(values, level, (i, j) => [left + side * (j + 0.5), bottom - side * (i + 0.5)]),
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
        label((left + right) / 2, bottom + (slant ? 46 : 30), `${clip(names[1], 24)}, nM`, {
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
          `${clip(names[0], 24)}, nM`,
        ),
      ]
    : [];
  return {
    node: svg("g", {}, cells, ticks, lines, marks, titles),
    left,
    right,
    top,
    bottom,
    foot: bottom + (slant ? 54 : 38),
  };
}
