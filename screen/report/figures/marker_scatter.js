// The chosen marker and outcome as a scatter plot, a dot a line.

function outcome(target, row) {
  if (target === ownTarget) return known(DATA.alone[row].at(-1)) ? 100 * (1 - DATA.alone[row].at(-1)) : NaN;
  return summary(
    `${DATA.main_model}:mean`,
    row,
    PARTNERS.indexOf(target.slice(target.indexOf(" with ") + 6)),
    TIMES.length - 1,
  );
}
async function drawScatter(width, own) {
  const marker = DATA.markers.find((one) => one.name === String(state.marker).split(" = ")[0]),
    item = associationCells.get(`${state.marker}|${state.target}`);
  if (!marker || !item) return null;
  const dots = range(LINES.length)
    .filter((row) => !DATA.her2_low[row])
    .map((row) => ({ row, x: marker.values[row], y: outcome(state.target, row) }))
    .filter(({ x, y }) => known(x) && known(y));
  if (!dots.length) return null;
  const xs = dots.map(({ x }) => x),
    log = Math.min(...xs) > 0 && Math.max(...xs) / Math.min(...xs) > 8,
    scaled = (x) => (log ? Math.log10(x) : x);
  const pad = (low, high) => {
    const room = 0.06 * (high - low || 1);
    return [low - room, high + room];
  };
  const against = state.target === ownTarget ? state.target : `synergy with ${targetShort(state.target)}`;
  own.heading.textContent = `${markerWords(state.marker)} and ${against}`;
  own.caption.textContent =
    `Each dot is a line, dark: resistant to ${DATA.anchor} alone. ` +
    `Spearman's rho ${minus(item[3].toFixed(2))}, 95 % ${rhoInterval(item)}; ` +
    `false-discovery rate ${short(item[6], 2)}. ${hint("Choose a dot to open the line.")}`;
  const usual = Math.min(648, 138 + 0.85 * width),
    [left, top, right, bottom] = [62, 18, width - 18, (await own.room(usual, 1.7 * usual)) - 48];
  const [x0, x1] = pad(Math.min(...xs.map(scaled)), Math.max(...xs.map(scaled))),
    [y0, y1] = pad(Math.min(0, ...dots.map(({ y }) => y)), Math.max(0, ...dots.map(({ y }) => y)));
  const X = (x) => left + ((right - left) * (scaled(x) - x0)) / (x1 - x0),
    Y = (y) => bottom - ((bottom - top) * (y - y0)) / (y1 - y0),
    unit = marker.units && marker.units !== "1" ? `, ${marker.units}` : "";
  const ticks = log
      ? range(Math.floor(x1) - Math.ceil(x0) + 1).map((k) => 10 ** (k + Math.ceil(x0)))
      : valueTicks(x0, x1, 5).map(([value]) => value),
    more = log && ticks.length < 2 ? [...new Set([Math.min(...xs), ...ticks, Math.max(...xs)])] : ticks;
  const column = Math.max(0, PARTNERS.indexOf(targetShort(state.target)));
  return asGroup(
    canvas(
      width,
      bottom + 48,
      own.heading.textContent,
      valueAxis(
        Y,
        valueTicks(y0, y1),
        left,
        right,
        state.target === ownTarget ? "cells removed, percent" : "mean excess, percent points",
        top + bottom,
      ),
      more.map((value) => [
        svg("line", { x1: round(X(value)), x2: round(X(value)), y1: top, y2: bottom, class: "grid" }),
        label(X(value), bottom + 18, short(value, 2), {
          "text-anchor": "middle",
          class: "muted",
          "font-size": 11.5,
        }),
      ]),
      label(
        (left + right) / 2,
        bottom + 38,
        `${markerWords(marker.name)} before treatment${unit}${log ? ", logarithmic" : ""}`,
        { "text-anchor": "middle", "font-size": 12.5 },
      ),
      y0 < 0 ? svg("line", { x1: left, x2: right, y1: round(Y(0)), y2: round(Y(0)), class: "axis" }) : null,
      dots.map(({ row, x, y }) =>
        tell(
          svg("circle", {
            cx: round(X(x)),
            cy: round(Y(y)),
            r: dots.length > 200 ? 2.5 : 5,
            fill: isCounted(row) ? PALETTE.categorical[1] : "#e0b595",
            stroke: "#16202b",
            "stroke-width": 0.5,
            class: "hit",
            role: "button",
            tabindex: dots.length > 200 ? null : 0,
            "aria-label": `${LINES[row]}: ${short(x)}, ${points(y)}`,
            onclick: () => openPair(row, column),
            onkeydown: (event) => {
              if (event.key === "Enter") openPair(row, column);
            },
          }),
          `${LINES[row]}\n${markerWords(marker.name)} ${short(x)}${unit}\n${points(y)}`,
        ),
      ),
      dots.length > 40
        ? null
        : scatterNames(
            dots.map(({ row, x, y }) => ({ text: clip(LINES[row], 14), x: X(x), y: Y(y) })),
            right,
            top,
            bottom,
          ),
    ),
  );
}
// Names next to the dots, each where it covers no other; a name without room is left to the tooltip.
function scatterNames(dots, right, top, bottom) {
  const taken = dots.map(({ x, y }) => [x - 6, y - 6, x + 6, y + 6]);
  return dots.map(({ text, x, y }) => {
    const wide = 6.1 * text.length,
      spots = [
        [x + 8, y + 4, "start"],
        [x - 8, y + 4, "end"],
        [x, y - 9, "middle"],
        [x, y + 17, "middle"],
      ];
    for (const [at, base, anchor] of spots) {
      const from = anchor === "start" ? at : anchor === "end" ? at - wide : at - wide / 2,
        box = [from, base - 9, from + wide, base + 2];
      if (
        box[0] < 60 ||
        box[2] > right + 14 ||
        box[1] < top ||
        box[3] > bottom ||
        taken.some(
          (other) => other[0] < box[2] && other[2] > box[0] && other[1] < box[3] && other[3] > box[1],
        )
      )
        continue;
      taken.push(box);
      return label(at, base, text, {
        "font-size": 10.5,
        class: "muted",
        "text-anchor": anchor,
        "pointer-events": "none",
      });
    }
    return null;
  });
}
FIGURES["marker-scatter"] = { draw: drawScatter, listens: ["marker", "target"] };
