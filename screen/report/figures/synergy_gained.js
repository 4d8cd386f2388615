// The synergy of a resistant line compared with its parent.

async function drawSynergyGained(width, own) {
  const model = DATA.main_model,
    children = range(LINES.length).filter((row) => DATA.parents[row] !== null);
  if (!model || !children.length) return null;
  const entries = children.flatMap((row) =>
    DATA.order.map((column) => ({
      row,
      column,
      child: summary(`${model}:mean`, row, column),
      parent: summary(`${model}:mean`, DATA.parents[row], column),
    })),
  );
  const bars = entries.filter((entry) => known(entry.child) && known(entry.parent)),
    shown = bars.slice(0, 72);
  own.heading.textContent =
    `Synergy gained on resistance: mean ${MODEL_NAMES[model]} excess, ` + hours(TIMES[state.time]);
  own.caption.textContent =
    "Hollow: the sensitive parent; filled: the resistant line; the number is what resistance adds, in percent " +
    `points. Positive = synergy.${bars.length > 72 ? ` The first 72 of ${bars.length}.` : ""}`;
  if (!shown.length) return null;
  const left = Math.min(
      26 + 6.7 * Math.max(...shown.map((entry) => clip(pairName(entry.column), 24).length)),
      170,
    ),
    right = width - 58,
    top = 30,
    heads = 26 + 30 * (new Set(shown.map((entry) => entry.row)).size - 1) + top,
    step = ((await own.room(heads + 21 * shown.length, heads + 40 * shown.length)) - heads) / shown.length;
  const all = shown.flatMap((entry) => [entry.child, entry.parent, 0]),
    low = Math.min(...all),
    high = Math.max(...all),
    at = (value) => left + 8 + ((right - left - 16) * (value - low)) / (high - low || 1);
  let y = top,
    last = -1;
  const parts = shown.map((entry) => {
    if (entry.row !== last) y += entry.row === shown[0].row ? 12 : 30;
    const head =
      entry.row !== last
        ? label(
            4,
            y - 4,
            `${clip(LINES[entry.row], 30)} against ${clip(LINES[DATA.parents[entry.row]], 30)}`,
            { "font-size": 12.5, "font-weight": 650 },
          )
        : null;
    last = entry.row;
    y += step;
    const line = y - step / 2 + 2,
      gained = entry.child - entry.parent;
    return svg(
      "g",
      {},
      head,
      label(left - 8, line + 4, clip(pairName(entry.column), 24), { "text-anchor": "end", "font-size": 12 }),
      svg("line", {
        x1: round(at(entry.parent)),
        x2: round(at(entry.child)),
        y1: round(line),
        y2: round(line),
        stroke: "#c9a489",
        "stroke-width": 3,
      }),
      svg("circle", {
        cx: round(at(entry.parent)),
        cy: round(line),
        r: 4.5,
        class: "card",
        stroke: "#3f8ac9",
        "stroke-width": 2,
      }),
      tell(
        svg("circle", {
          cx: round(at(entry.child)),
          cy: round(line),
          r: 5.5,
          fill: PALETTE.categorical[1],
          class: "hit",
          onclick: () => openPair(entry.row, entry.column),
        }),
        `${LINES[entry.row]}, ${PARTNERS[entry.column]}: ${points(entry.child)}\n` +
          `${LINES[DATA.parents[entry.row]]}: ${points(entry.parent)}\ngained: ${points(gained)} points`,
      ),
      label(width - 6, line + 4, points(gained), { "text-anchor": "end", "font-size": 11.5, class: "muted" }),
    );
  });
  own.drawing.classList.toggle("tall", y > 900);
  return canvas(
    width,
    y + 14,
    own.heading.textContent,
    valueTicks(low, high, 4).map(([value, text]) => [
      svg("line", {
        x1: round(at(value)),
        x2: round(at(value)),
        y1: top,
        y2: y,
        class: value ? "grid" : "rule",
        "stroke-width": 1,
      }),
      label(at(value), 16, value > 0 ? `+${text}` : text, {
        "text-anchor": "middle",
        "font-size": 11,
        class: "muted",
      }),
    ]),
    parts,
  );
}
FIGURES["synergy-gained"] = { draw: drawSynergyGained, listens: ["time"] };
