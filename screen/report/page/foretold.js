// Markers against outcomes: Spearman's rho over the panel, and the chosen marker and outcome as a scatter plot.

const ownTarget = `effect of ${DATA.anchor}`;
const targetShort = (target) =>
  target === ownTarget ? `${clip(DATA.anchor, 11)} effect` : target.slice(target.indexOf(" with ") + 6);
const foretoldCells = new Map(DATA.foretold.map((item) => [`${item[0]}|${item[1]}`, item]));
if (DATA.foretold.length) [state.marker, state.target] = DATA.foretold[0];

function drawForetold(width, own) {
  if (!DATA.foretold.length) return null;
  const targets = [...new Set(DATA.foretold.map((item) => item[1]))],
    at = (name, target) => foretoldCells.get(`${name}|${target}`);
  targets.sort((a, b) => (a === ownTarget ? -1 : b === ownTarget ? 1 : 0));
  const strength = (marker) => Math.max(...targets.map((target) => Math.abs(at(marker, target)?.[3] ?? 0)));
  const names = DATA.markers
      .map((marker) => marker.name)
      .filter((name) => targets.some((target) => at(name, target))),
    shown = [...names].sort((a, b) => strength(b) - strength(a)).slice(0, 40);
  own.heading.textContent = `Markers against outcomes over ${DATA.foretold[0][2]} lines: Spearman's rho, ${hours(TIMES.at(-1))}`;
  own.caption.textContent = `First column: the effect of ${DATA.anchor} alone; the others: synergy with that partner. Positive: the more of the marker before treatment, the more of it. A ring: false-discovery rate at most 5 % among all pairs tested. Derived lines and their parents are not independent of each other, so read the rates as a guide. Choose a cell to see its lines.${shown.length < names.length ? ` The 40 strongest of ${names.length} markers.` : ""}`;
  own.drawing.classList.toggle("tall", shown.length > 44);
  const scale = diverging(1);
  Object.assign(scale, {
    ticks: [-1, -0.5, 0, 0.5, 1].map((value) => [value, short(value)]),
    caption: "Spearman's rho; positive = more marker, more effect",
  });
  return matrix({
    name: own.heading.textContent,
    width,
    scale,
    cell: [34, 60],
    height: 20,
    rows: shown.map((name) => ({ name })),
    columns: targets.map((target) => ({ name: targetShort(target), target })),
    bold: ({ name }) => ["IGF2", "IRS1"].includes(name),
    value: ({ name }, { target }) => at(name, target)?.[3] ?? NaN,
    text: (rho) => (known(rho) ? minus(rho.toFixed(2)).replace("−0.00", "0.00") : ""),
    mark: ({ name }, { target }) => (at(name, target)?.[6] ?? 1) <= 0.05,
    chosen: ({ name }, { target }) => name === state.marker && target === state.target,
    open: ({ name }, { target }) => {
      if (at(name, target)) change({ marker: name, target });
    },
    tip: ({ name }, { target }, rho) => {
      const item = at(name, target);
      return item
        ? `${name}, ${target}\nrho ${minus(rho.toFixed(2))} (95 %: ${minus(item[4].toFixed(2))} to ${minus(item[5].toFixed(2))})\nfalse-discovery rate ${short(item[6], 2)}, ${item[2]} lines`
        : `${name}, ${target}: not tested`;
    },
  });
}
function outcome(target, row) {
  if (target === ownTarget) return known(DATA.alone[row].at(-1)) ? 100 * (1 - DATA.alone[row].at(-1)) : NaN;
  return summary(
    `${DATA.main_model}:mean`,
    row,
    PARTNERS.indexOf(target.slice(target.indexOf(" with ") + 6)),
    TIMES.length - 1,
  );
}
function drawScatter(width, own) {
  const marker = DATA.markers.find((one) => one.name === state.marker),
    item = foretoldCells.get(`${state.marker}|${state.target}`);
  if (!marker || !item) return null;
  const dots = range(LINES.length)
    .filter((row) => !DATA.her2_low[row])
    .map((row) => ({ row, x: marker.values[row], y: outcome(state.target, row) }))
    .filter(({ x, y }) => known(x) && known(y));
  if (!dots.length) return null;
  const xs = dots.map(({ x }) => x),
    log = Math.min(...xs) > 0 && Math.max(...xs) / Math.min(...xs) > 8,
    scaled = (x) => (log ? Math.log10(x) : x);
  const [left, top, right, bottom] = [62, 18, width - 18, Math.min(600, 90 + 0.85 * width)],
    pad = (low, high) => {
      const room = 0.06 * (high - low || 1);
      return [low - room, high + room];
    };
  const [x0, x1] = pad(Math.min(...xs.map(scaled)), Math.max(...xs.map(scaled))),
    [y0, y1] = pad(Math.min(0, ...dots.map(({ y }) => y)), Math.max(0, ...dots.map(({ y }) => y)));
  const X = (x) => left + ((right - left) * (scaled(x) - x0)) / (x1 - x0),
    Y = (y) => bottom - ((bottom - top) * (y - y0)) / (y1 - y0),
    unit = marker.units && marker.units !== "1" ? `, ${marker.units}` : "";
  const ticks = log
      ? range(Math.floor(x1) - Math.ceil(x0) + 1).map((k) => 10 ** (k + Math.ceil(x0)))
      : valueTicks(x0, x1, 5).map(([value]) => value),
    more = log && ticks.length < 2 ? [...new Set([Math.min(...xs), ...ticks, Math.max(...xs)])] : ticks;
  own.heading.textContent = `${marker.name} and ${state.target === ownTarget ? state.target : `synergy with ${targetShort(state.target)}`}`;
  own.caption.textContent = `Each dot is a line, dark: resistant to ${DATA.anchor} alone. Spearman's rho ${minus(item[3].toFixed(2))}, 95 % ${minus(item[4].toFixed(2))} to ${minus(item[5].toFixed(2))}; false-discovery rate ${short(item[6], 2)}. Choose a dot to open the line.`;
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
        `${marker.name} before treatment${unit}${log ? ", logarithmic" : ""}`,
        { "text-anchor": "middle", "font-size": 12.5 },
      ),
      y0 < 0 ? svg("line", { x1: left, x2: right, y1: round(Y(0)), y2: round(Y(0)), class: "axis" }) : null,
      dots.map(({ row, x, y }) =>
        tell(
          svg("circle", {
            cx: round(X(x)),
            cy: round(Y(y)),
            r: dots.length > 200 ? 2.5 : 5,
            fill: DATA.resistant[row] ? PALETTE.categorical[1] : "#e0b595",
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
          `${LINES[row]}\n${marker.name} ${short(x)}${unit}\n${points(y)}`,
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
// Names beside the dots, each where it covers no other; a name without room is left to the tooltip.
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
