// A heat map of names by names, which is a grid for the keyboard.

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
  unsure,
  strong,
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
                "font-style": unsure?.(row, column) ? "italic" : null,
                "font-weight": strong?.(row, column) ? 700 : null,
                class: inkOn(colour),
                "pointer-events": "none",
                "aria-hidden": "true",
              },
              shown,
            ),
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
// How wide a cell may be: wider where there are few columns, so that the picture fills its card.
const roomy = (columns, usual) => (columns.length < 4 ? 120 : usual);
const place = new WeakMap();
const HEAD = 24; // letters of a column's name
