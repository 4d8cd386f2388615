// The response surface as a relief: a projected mesh that turns by dragging or with the arrow keys.

const view = { turn: 0.85, tilt: 0.62 };
// Wells with a value that no face of the mesh touches, as [dose 1, dose 2].
function lonely(values) {
  const whole = (i, j) =>
    [
      [i, j],
      [i, j + 1],
      [i + 1, j + 1],
      [i + 1, j],
    ].every(([a, b]) => known(values[a]?.[b]));
  return values
    .flatMap((line, i) => line.map((_, j) => [i, j]))
    .filter(
      ([i, j]) =>
        known(values[i][j]) &&
        ![
          [i, j],
          [i - 1, j],
          [i, j - 1],
          [i - 1, j - 1],
        ].some(([a, b]) => whole(a, b)),
    );
}
function relief({ values, status, one, two, names, scale, width, height, zName }) {
  const size = Math.min(width, height * 1.25) * 0.36,
    low = scale.low,
    high = scale.high;
  const picture = canvas(width, height, `${zName} as a relief; arrow keys turn it`),
    layer = svg("g");
  picture.append(layer);
  const project = (u, v, z) => {
    const [x, y] = [u - 0.5, v - 0.5],
      [c, s] = [Math.cos(view.turn), Math.sin(view.turn)],
      across = x * c - y * s,
      along = x * s + y * c;
    return {
      x: width / 2 + 1.36 * size * across,
      y:
        height * 0.56 +
        1.36 * size * along * Math.sin(view.tilt) -
        size * 1.0 * (z - 0.42) * Math.cos(view.tilt),
      depth: along,
    };
  };
  const level = (value) => (Math.min(Math.max(value, low), high) - low) / (high - low || 1);
  const path = (points) => "M" + points.map((p) => `${round(p.x)} ${round(p.y)}`).join("L");
  function redraw() {
    const m = one.length - 1,
      n = two.length - 1,
      faces = [];
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        const corners = [
          [i, j],
          [i, j + 1],
          [i + 1, j + 1],
          [i + 1, j],
        ];
        if (!corners.every(([a, b]) => known(values[a][b]))) continue;
        const mean = corners.reduce((sum, [a, b]) => sum + values[a][b], 0) / 4,
          placed = corners.map(([a, b]) => project(b / n, a / m, level(values[a][b])));
        faces.push({
          placed,
          depth: placed.reduce((sum, p) => sum + p.depth, 0),
          colour: scale.colour(mean),
        });
      }
    faces.sort((a, b) => a.depth - b.depth);
    const far = [0, 1].map((u) => [u, project(u, 0.5, 0).depth]).sort((a, b) => a[1] - b[1])[0][0],
      deep = [0, 1].map((v) => [v, project(0.5, v, 0).depth]).sort((a, b) => a[1] - b[1])[0][0];
    const near = 1 - deep,
      side = 1 - far,
      middle2 = project(0.5, near + (near ? 0.13 : -0.13), 0),
      middle1 = project(side + (side ? 0.13 : -0.13), 0.5, 0);
    const ends2 = [0.06, 0.94].map((u) => project(u, near + (near ? 0.06 : -0.06), 0)),
      ends1 = [0.06, 0.94].map((v) => project(side + (side ? 0.06 : -0.06), v, 0));
    const outward = (p) => (p.x < width / 2 ? "end" : "start"),
      post = [0, 0.5, 1].map((z) => [z, project(far, near, z)]);
    layer.replaceChildren(
      ...[0, 0.25, 0.5, 0.75, 1].map((z) =>
        svg("path", {
          d: path([project(far, near, z), project(far, deep, z), project(side, deep, z)]),
          class: "grid",
        }),
      ),
      svg("path", {
        d: path([project(0, 0, 0), project(1, 0, 0), project(1, 1, 0), project(0, 1, 0)]) + "Z",
        class: "axis",
        "stroke-width": 0.8,
      }),
      ...faces.map((face) =>
        svg("path", {
          d: path(face.placed) + "Z",
          fill: face.colour,
          stroke: "#16202b",
          "stroke-width": 0.45,
          "stroke-linejoin": "round",
        }),
      ),
      ...lonely(values)
        .map(([i, j]) => [
          project(j / n, i / m, 0),
          project(j / n, i / m, level(values[i][j])),
          scale.colour(values[i][j]),
        ])
        .flatMap(([foot, top, colour]) => [
          svg("path", { d: path([foot, top]), class: "axis", "stroke-width": 0.7 }),
          svg("circle", {
            cx: round(top.x),
            cy: round(top.y),
            r: 3.4,
            fill: colour,
            stroke: "#16202b",
            "stroke-width": 0.6,
          }),
        ]),
      ...values
        .flatMap((line, i) =>
          line.map((value, j) =>
            !known(value) && blank(status, i, j) === "×" ? project(j / n, i / m, 0) : null,
          ),
        )
        .filter(Boolean)
        .map((p) => label(p.x, p.y + 4, "×", { "text-anchor": "middle", class: "muted" })),
      svg("path", { d: path([post[0][1], post[2][1]]), class: "axis" }),
      ...post.map(([z, p]) =>
        label(p.x - 7, p.y + 4, short(low + z * (high - low), 2), {
          "text-anchor": "end",
          "font-size": 11,
          class: "muted",
        }),
      ),
      ...ends2.map((p, k) =>
        label(p.x, p.y + 5, k ? doseText(two.at(-1)) : "0", {
          "text-anchor": outward(middle2),
          "font-size": 11,
          class: "muted",
        }),
      ),
      ...ends1.map((p, k) =>
        label(p.x, p.y + 5, k ? doseText(one.at(-1)) : "0", {
          "text-anchor": outward(middle1),
          "font-size": 11,
          class: "muted",
        }),
      ),
      label(middle2.x, middle2.y + 8, clip(names[1], 22), {
        "text-anchor": outward(middle2),
        "font-size": 12.5,
      }),
      label(middle1.x, middle1.y + 8, clip(names[0], 22), {
        "text-anchor": outward(middle1),
        "font-size": 12.5,
      }),
      label(10, 16, zName, { "font-size": 12.5 }),
    );
  }
  turnable(picture, view, { turn: [-Infinity, Infinity], tilt: [0.15, 1.35] }, redraw);
  redraw();
  return picture;
}

async function drawRelief(width, own) {
  const values = await pairData(state.readout),
    status = await pairData("status");
  if (!values) return null;
  own.caption.textContent = [
    hint("Drag, or focus and press the arrow keys, to turn it. ") + "Each grid line is one dose.",
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
    height: await own.room(Math.min(430, width * 0.8), 0.95 * width),
    zName: titleOf(state.readout),
  });
}
FIGURES.relief = { draw: drawRelief, listens: PAIR_CHANGES, pairwise: true };
