// Colour maps and their bars. White is 0 in the diverging map; every bar prints what its sign means.

const PALETTE = DATA.palette;
function shade(stops, position) {
  const place = Math.min(Math.max(position, 0), 1) * (stops.length - 1),
    index = Math.min(Math.floor(place), stops.length - 2),
    share = place - index;
  const part = (text, from) => parseInt(text.slice(from, from + 2), 16);
  return (
    "#" +
    [1, 3, 5]
      .map((from) =>
        Math.round(part(stops[index], from) * (1 - share) + part(stops[index + 1], from) * share)
          .toString(16)
          .padStart(2, "0"),
      )
      .join("")
  );
}
function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map((from) => (parseInt(colour.slice(from, from + 2), 16) / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.3 ? "dark" : "light";
}
function niceLimit(value, least = 0.5) {
  const top = Math.max(value, least),
    power = 10 ** Math.floor(Math.log10(top));
  return [1, 1.2, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= top * 0.999) * power;
}
function diverging(limit, unit = "percent points") {
  return {
    stops: PALETTE.diverging,
    low: -limit,
    high: limit,
    text: points,
    colour: (value) => (known(value) ? shade(PALETTE.diverging, 0.5 + value / (2 * limit)) : PALETTE.missing),
    ticks: [-limit, -limit / 2, 0, limit / 2, limit].map((value) => [
      value,
      value ? points(value, Number.isInteger(limit / 2) ? 0 : 1) : "0",
    ]),
    caption: `${unit}; positive = synergy`,
  };
}
function sequential(low, high, caption, flip = false) {
  const place = (value) => (value - low) / (high - low || 1);
  return {
    stops: flip ? [...PALETTE.sequential].reverse() : PALETTE.sequential,
    low,
    high,
    caption,
    text: (value) => short(value, 2),
    colour(value) {
      return known(value) ? shade(this.stops, place(value)) : PALETTE.missing;
    },
    ticks: range(5)
      .map((k) => low + ((high - low) * k) / 4)
      .map((value) => [value, short(value, 2)]),
  };
}
// The largest magnitude but for the most extreme hundredth, as a round number.
function limitOf(values, least) {
  const all = values
    .filter(known)
    .map(Math.abs)
    .sort((a, b) => a - b);
  return niceLimit(all.length ? all[Math.min(all.length - 1, Math.floor(0.99 * all.length))] : 1, least);
}
function colourBar(scale, x, y, width, caption = scale.caption) {
  const pieces = 64,
    step = width / pieces,
    place = (value) => x + (width * (value - scale.low)) / (scale.high - scale.low || 1);
  return svg(
    "g",
    {},
    range(pieces).map((k) =>
      svg("rect", {
        x: round(x + k * step),
        y,
        width: round(step + 0.5),
        height: 9,
        fill: shade(scale.stops, (k + 0.5) / pieces),
      }),
    ),
    svg("rect", { x, y, width: round(width), height: 9, class: "axis", "stroke-width": 0.6 }),
    scale.ticks.map(([value, text]) => [
      svg("line", {
        x1: round(place(value)),
        x2: round(place(value)),
        y1: y + 9,
        y2: y + 12,
        class: "axis",
        "stroke-width": 0.8,
      }),
      label(place(value), y + 23, text, { "text-anchor": "middle", "font-size": 10.5, class: "muted" }),
    ]),
    label(x + width / 2, y + 38, caption, { "text-anchor": "middle", "font-size": 11 }),
  );
}
