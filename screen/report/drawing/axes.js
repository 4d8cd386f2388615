// Dose axes. A continuous axis is logarithmic with a place of its own for dose 0; a grid axis has one cell a dose.

function doseScale(levels, left, right) {
  const positive = levels.filter((dose) => dose > 0),
    low = Math.log10(Math.min(...positive)),
    high = Math.log10(Math.max(...positive));
  const gap = levels.some((dose) => dose === 0) ? Math.min(44, 0.13 * (right - left)) : 0,
    span = Math.max(high - low, 0.3),
    pad = 0.04 * (right - left - gap);
  const place = (dose) =>
    dose > 0
      ? left + gap + pad + ((right - left - gap - 2 * pad) * (Math.log10(dose) - low)) / span
      : left + gap / 3;
  return {
    place,
    gap,
    low,
    high,
    left,
    right,
    inside: (dose) => dose >= 10 ** (low - 0.01) && place(dose) <= right + 0.5,
  };
}
function doseAxis(scale, y, top, name, zero = true) {
  const all = range(Math.floor(scale.high + 0.001) - Math.ceil(scale.low - 0.001) + 1).map(
    (k) => 10 ** (k + Math.ceil(scale.low - 0.001)),
  );
  const skip = Math.ceil((all.length * 52) / Math.max(scale.right - scale.left - scale.gap, 1)),
    decades = all.filter((_, k) => k % skip === 0);
  return svg(
    "g",
    {},
    svg("line", {
      x1: scale.left + (scale.gap ? 0.72 * scale.gap : 0),
      x2: scale.right,
      y1: y,
      y2: y,
      class: "axis",
    }),
    scale.gap && zero
      ? [
          svg("line", { x1: scale.left, x2: scale.left + 0.55 * scale.gap, y1: y, y2: y, class: "axis" }),
          svg("path", { d: `M${round(scale.left + 0.5 * scale.gap)} ${y + 4}l4 -8m5 0l-4 8`, class: "axis" }),
          label(scale.place(0), y + 18, "0", { "text-anchor": "middle", class: "muted", "font-size": 11.5 }),
        ]
      : null,
    decades.map((dose) =>
      svg(
        "g",
        {},
        svg("line", {
          x1: round(scale.place(dose)),
          x2: round(scale.place(dose)),
          y1: top,
          y2: y,
          class: "grid",
        }),
        svg("line", {
          x1: round(scale.place(dose)),
          x2: round(scale.place(dose)),
          y1: y,
          y2: y + 5,
          class: "axis",
        }),
        label(scale.place(dose), y + 18, doseText(dose), {
          "text-anchor": "middle",
          class: "muted",
          "font-size": 11.5,
        }),
      ),
    ),
    label((scale.left + scale.right) / 2, y + 36, name, { "text-anchor": "middle", "font-size": 12.5 }),
  );
}
function peakMark(scale, drug, top, y, text = "Cmax", line = 0) {
  const peak = peakOf(drug);
  if (peak === null || !scale.inside(peak)) return null;
  const x = scale.place(peak),
    end = x > (scale.left + scale.right) / 2;
  return tell(
    svg(
      "g",
      { class: "tell" },
      svg("line", { x1: round(x), x2: round(x), y1: top, y2: y, class: "peak", "stroke-dasharray": "4 3" }),
      label(x + (end ? -5 : 5), top + 8 + 14 * line, text, {
        "font-size": 11,
        class: "peak-text halo",
        "text-anchor": end ? "end" : "start",
      }),
    ),
    `Cmax of ${drug}: ${doseText(peak)}`,
  );
}
function valueAxis(place, ticks, left, right, name, height) {
  return svg(
    "g",
    {},
    ticks.map(([value, text]) => [
      svg("line", { x1: left, x2: right, y1: round(place(value)), y2: round(place(value)), class: "grid" }),
      label(left - 7, place(value) + 4, text, { "text-anchor": "end", class: "muted", "font-size": 11.5 }),
    ]),
    svg(
      "text",
      {
        transform: `translate(13,${round(height / 2)}) rotate(-90)`,
        "text-anchor": "middle",
        "font-size": 12.5,
      },
      name,
    ),
  );
}
function valueTicks(low, high, count = 5) {
  const least = Math.max((high - low) / count, 1e-9),
    power = 10 ** Math.floor(Math.log10(least)),
    step = [1, 2, 2.5, 5, 10].find((k) => k * power >= least * 0.999) * power,
    first = Math.ceil(low / step - 1e-9);
  return range(Math.floor(high / step + 1e-9) - first + 1)
    .map((k) => (first + k) * step)
    .map((value) => [value, short(value)]);
}
// Where a dose stands on a grid axis, in cells: 0 is the centre of dose 0.
function gridPlace(levels, dose) {
  const next = levels.findIndex((level) => level >= dose * (1 - 1e-9));
  if (next < 0) return null;
  if (next === 0 || levels[next] === dose) return next;
  const [below, above] = [levels[next - 1], levels[next]];
  return next - 1 + (below > 0 ? Math.log(dose / below) / Math.log(above / below) : dose / above);
}
// A dose on the axis of a surface: nM below 1000, then µM, which is written.
const gridTick = (dose) => (dose >= 999.5 ? `${short(dose / 1000)}µM` : short(dose));
const gridName = (name, levels) =>
  `${clip(name, 24)}, nM${levels.some((dose) => dose >= 999.5) ? " unless stated" : ""}`;
