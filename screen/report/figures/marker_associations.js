// Markers against outcomes: Spearman's rho over the panel. A cell chooses what the scatter plot shows.

const ownTarget = `effect of ${DATA.anchor}`;
const markerWords = (marker) => DATA.marker_words[marker] || marker;
const MARKER_KINDS =
  "p stands for phosphorylated; expression is how much of it the line makes (1 as the mean of the named lines), " +
  "all else is simulated without drugs. ";
// The two quantiles of a rho over resampled lines.
const rhoInterval = (item) => `${minus(item[4].toFixed(2))} to ${minus(item[5].toFixed(2))}`;
const targetShort = (target) =>
  target === ownTarget ? `${clip(DATA.anchor, 11)} effect` : target.slice(target.indexOf(" with ") + 6);
const associationCells = new Map(DATA.associations.map((item) => [`${item[0]}|${item[1]}`, item]));
if (DATA.associations.length) [state.marker, state.target] = DATA.associations[0];
function drawAssociations(width, own) {
  if (!DATA.associations.length) return null;
  const targets = [...new Set(DATA.associations.map((item) => item[1]))],
    at = (name, target) => associationCells.get(`${name}|${target}`);
  const place = (target) =>
    target === ownTarget
      ? -1
      : DATA.order.indexOf(PARTNERS.indexOf(target.slice(target.indexOf(" with ") + 6)));
  targets.sort((a, b) => place(a) - place(b));
  const strength = (marker) => Math.max(...targets.map((target) => Math.abs(at(marker, target)?.[3] ?? 0)));
  const names = [...new Set(DATA.associations.map((item) => item[0]))],
    shown = [...names].sort((a, b) => strength(b) - strength(a)).slice(0, 40);
  own.heading.textContent =
    `Markers against outcomes over ${DATA.associations[0][2]} lines: ` +
    `Spearman's rho, ${hours(TIMES.at(-1))}`;
  own.caption.textContent =
    `First column: the effect of ${DATA.anchor} alone; the others: synergy with that partner. ` +
    "Positive: the more of the marker before treatment, the more of it. " +
    "Bold: false-discovery rate at most 5 % among all pairs tested. " +
    "Derived lines and their parents are not independent of each other, so read the rates as a guide. " +
    "Markers joined by = rank all lines alike and are tested as one. " +
    MARKER_KINDS +
    hint("Choose a cell to see its lines.") +
    (shown.length < names.length ? ` The 40 strongest of ${names.length} markers.` : "");
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
    rows: shown.map((marker) => ({ name: markerWords(marker), marker })),
    columns: targets.map((target) => ({ name: targetShort(target), target })),
    bold: ({ marker }) => marker.split(" = ").some((one) => ["IGF2", "IRS1"].includes(one)),
    value: ({ marker }, { target }) => at(marker, target)?.[3] ?? NaN,
    text: (rho) => (known(rho) ? minus(rho.toFixed(2)).replace("−0.00", "0.00") : ""),
    strong: ({ marker }, { target }) => (at(marker, target)?.[6] ?? 1) <= 0.05,
    chosen: ({ marker }, { target }) => marker === state.marker && target === state.target,
    open: ({ marker }, { target }) => {
      if (at(marker, target)) change({ marker, target });
    },
    tip: ({ name, marker }, { target }, rho) => {
      const item = at(marker, target);
      return item
        ? `${name}, ${target}\nrho ${minus(rho.toFixed(2))} (95 %: ${rhoInterval(item)})\n` +
            `false-discovery rate ${short(item[6], 2)}, ${item[2]} lines`
        : `${name}, ${target}: not tested`;
    },
  });
}
FIGURES["marker-associations"] = {
  draw: drawAssociations,
  listens: ["marker", "target"],
  size: () => (PARTNERS.length > 12 ? "wide" : ""),
};
