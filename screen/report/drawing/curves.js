// Dose-response curves on a logarithmic dose axis, with labels at their ends, bands, and Hill fits.

// series: {name, x, y, low, high, colour, fit, dash, dots, bold}; marks: extra SVG made from the scale, the place of a
// value, and the four sides of the plot.
function curves({
  name,
  series,
  xName,
  yName,
  domain,
  width,
  height = 330,
  foot = 46,
  drugs = [],
  marks,
  ends = true,
  ticks,
}) {
  const shown = series.filter((item) => item.y.some(known)),
    room = ends
      ? Math.min(146, 34 + 6.2 * Math.max(4, ...shown.map((item) => clip(item.name, 18).length)))
      : 16;
  const left = 58,
    right = width - room,
    top = 14 + 14 * drugs.filter((drug) => peakOf(drug) !== null).length,
    bottom = height - foot;
  const scale = doseScale([...new Set(shown.flatMap((item) => item.x))], left, right);
  const place = (value) => bottom - ((bottom - top) * (value - domain[0])) / (domain[1] - domain[0]);
  const lines = shown.map((item) => {
    const dots = item.x
      .map((dose, at) => [scale.place(dose), item.y[at], dose, at])
      .filter(([, value]) => known(value));
    const path = item.fit
      ? range(81)
          .map((k) => 10 ** (scale.low + ((scale.high - scale.low) * k) / 80))
          .filter((dose) => dose <= Math.max(...item.x) * 1.001)
          .map((dose) => [scale.place(dose), item.fit(dose)])
      : dots.filter(([, , dose]) => dose > 0);
    const band = item.low && item.high ? dots.filter(([, , dose]) => dose > 0) : [];
    return svg(
      "g",
      {},
      band.length > 1
        ? svg("path", {
            d: `M${band.map(([x, , , at]) => `${round(x)} ${round(place(item.high[at]))}`).join("L")}L${[
              ...band,
            ]
              .reverse()
              .map(([x, , , at]) => `${round(x)} ${round(place(item.low[at]))}`)
              .join("L")}Z`,
            fill: item.colour,
            opacity: 0.16,
          })
        : null,
      path.length > 1
        ? svg("path", {
            d: "M" + path.map(([x, value]) => `${round(x)} ${round(place(value))}`).join("L"),
            fill: "none",
            stroke: item.colour,
            "stroke-width": item.bold ? 2.8 : 1.9,
            "stroke-dasharray": item.dash,
            "stroke-linejoin": "round",
          })
        : null,
      item.dots === false
        ? null
        : dots.map(([x, value, dose]) =>
            tell(
              svg("circle", {
                cx: round(x),
                cy: round(place(value)),
                r: item.bold ? 4 : 3.2,
                fill: item.colour,
                class: "tell",
              }),
              `${item.name}\n${doseText(dose)}: ${short(value)}`,
            ),
          ),
    );
  });
  return canvas(
    width,
    height,
    name,
    valueAxis(place, ticks || valueTicks(...domain), left, right, yName, top + bottom),
    doseAxis(scale, bottom, top, xName),
    drugs.map((drug, at) =>
      peakMark(scale, drug, 14, bottom, drugs.length > 1 ? `Cmax ${drug}` : undefined, at),
    ),
    marks ? marks(scale, place, top, bottom, left, right) : null,
    lines,
    ends ? endLabels(shown, place, right, top, bottom) : null,
  );
}
// Names next to the last points, pushed apart so that none overlaps.
function endLabels(series, place, x, top, bottom) {
  const tags = series
      .map((item) => ({ item, y: place(item.y.filter(known).at(-1)) }))
      .sort((a, b) => a.y - b.y),
    gap = 14;
  tags.forEach((tag, at) => {
    tag.at = Math.max(tag.y, at ? tags[at - 1].at + gap : top + 2);
  });
  let limit = bottom + 4;
  for (const tag of [...tags].reverse()) {
    tag.at = Math.min(tag.at, limit);
    limit = tag.at - gap;
  }
  return svg(
    "g",
    {},
    tags.map(({ item, at, y }) => [
      svg("path", {
        d: `M${x + 1} ${round(y)}L${x + 8} ${round(at)}`,
        stroke: item.colour,
        fill: "none",
        "stroke-width": 0.8,
      }),
      svg("rect", { x: x + 10, y: round(at - 4), width: 8, height: 8, fill: item.colour, rx: 2 }),
      label(x + 22, at + 4, clip(item.name, 18), { "font-size": 11.5, "font-weight": item.bold ? 650 : 400 }),
    ]),
  );
}
// E(x) = 1 - (1 - floor) x^h / (m^h + x^h), by damped least squares on (floor, log m, log h).
function hillFit(x, y) {
  const data = x.map((dose, at) => [dose, y[at]]).filter(([dose, value]) => dose > 0 && known(value));
  if (data.length < 4) return null;
  const effect = 1 - Math.min(...data.map(([, value]) => value));
  if (effect < 0.02) return null;
  const value = ([floor, m, h], dose) => {
    const share = (dose / Math.exp(m)) ** Math.exp(h);
    return 1 - (1 - floor) * (share / (1 + share));
  };
  const cost = (p) => data.reduce((sum, [dose, seen]) => sum + (value(p, dose) - seen) ** 2, 0);
  let best = null;
  for (const start of range(7)) {
    const logs = data.map(([dose]) => Math.log(dose));
    let p = [1 - effect, logs[0] + ((logs.at(-1) - logs[0]) * start) / 6, 0.1],
      damping = 1e-3,
      now = cost(p);
    for (let turn = 0; turn < 60; turn++) {
      const jacobian = data.map(([dose]) =>
        p.map((_, k) => {
          const q = [...p];
          q[k] += 1e-5;
          return (value(q, dose) - value(p, dose)) / 1e-5;
        }),
      );
      const a = range(3).map((i) =>
        range(3).map(
          (j) =>
            jacobian.reduce((sum, line) => sum + line[i] * line[j], 0) * (i === j ? 1 + damping : 1) +
            (i === j ? 1e-12 : 0),
        ),
      );
      const step = solve3(
        a,
        range(3).map((i) =>
          jacobian.reduce((sum, line, at) => sum + line[i] * (data[at][1] - value(p, data[at][0])), 0),
        ),
      );
      const next = step && p.map((item, k) => item + Math.max(-1.5, Math.min(1.5, step[k])));
      if (next) {
        next[0] = Math.max(-0.2, Math.min(1, next[0]));
        next[2] = Math.max(-1.6, Math.min(2.1, next[2]));
      }
      const then = next ? cost(next) : Infinity;
      if (then < now) {
        if (now - then < 1e-13) {
          p = next;
          now = then;
          break;
        }
        p = next;
        now = then;
        damping /= 4;
      } else {
        damping *= 5;
        if (damping > 1e9) break;
      }
    }
    if (!best || now < best.now) best = { p, now };
  }
  const [floor, m, h] = best.p,
    error = Math.sqrt(best.now / data.length),
    absolute = floor < 0.5 ? Math.exp(m) * (0.5 / (0.5 - floor)) ** (1 / Math.exp(h)) : null;
  return {
    at: (dose) => value(best.p, dose),
    floor,
    ec50: Math.exp(m),
    slope: Math.exp(h),
    ic50: absolute,
    error,
  };
}
function solve3(a, b) {
  const rows = a.map((line, i) => [...line, b[i]]);
  for (let i = 0; i < 3; i++) {
    const pivot = range(3 - i)
      .map((k) => k + i)
      .reduce((top, k) => (Math.abs(rows[k][i]) > Math.abs(rows[top][i]) ? k : top), i);
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    if (!rows[i][i]) return null;
    for (let k = 0; k < 3; k++)
      if (k !== i) {
        const factor = rows[k][i] / rows[i][i];
        for (let j = i; j < 4; j++) rows[k][j] -= factor * rows[i][j];
      }
  }
  return rows.map((line, i) => line[3] / line[i]);
}
