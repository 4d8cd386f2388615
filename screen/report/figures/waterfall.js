// The waterfall: the chosen summary of one partner over all lines, best first; a bar opens its pair.

async function drawWaterfall(width, own) {
  if (LINES.length < 2) return null;
  const column = state.column,
    { rows } = chosenRows(false);
  const bars = rows
    .map((row) => ({ row, value: summary(state.show, row, column), both: interval(row, column) }))
    .filter((bar) => known(bar.value) && !(isDose() && Math.abs(bar.value) > 8))
    .sort((a, b) => (smallerIsBetter() ? a.value - b.value : b.value - a.value));
  own.heading.textContent = `${clip(pairName(column), 36)} over all lines: ${summaryName()}`;
  own.caption.textContent =
    `Best line first, ${hours(TIMES[state.time])}. Dark bars: lines resistant to ${DATA.anchor} alone.` +
    `${isDose() ? " Lines without a bar: no dose of the grid closes enough, or they are not resistant." : ""}` +
    `${bars.some((bar) => bar.both) ? ` Lines: ${DATA.ensemble.level} of the parameter sets.` : ""} ` +
    hint("Choose a bar to open its pair.");
  if (!bars.length)
    return svg("svg", { width: 300, height: 40 }, label(0, 24, "No line has a value for this partner."));
  const many = bars.length > 44,
    left = many
      ? 16
      : Math.min(22 + 6.9 * Math.max(4, ...bars.map((bar) => clip(LINES[bar.row], 22).length)), 190),
    step = many
      ? Math.max(0.8, 560 / bars.length)
      : ((await own.room(38 + 22 * bars.length, 38 + 64 * bars.length)) - 38) / bars.length;
  // A dose is drawn by its logarithm, from the decade below the smallest; the ends of its interval may lie beyond.
  const inside = (value) => known(value) && !(isDose() && Math.abs(value) > 8),
    ends = bars.flatMap((bar) => [bar.value, ...(bar.both || [])]).filter(inside),
    base = isDose() ? Math.floor(Math.min(...ends) - 1e-9) : 0,
    low = Math.min(base, ...ends),
    high = Math.max(base, ...ends),
    ticks = isDose()
      ? range(Math.floor(high + 1e-9) - base + 1).map((k) => [base + k, doseText(10 ** (base + k))])
      : valueTicks(low, high, 4).map(([value, text]) => [
          value,
          isShare() ? `${text} %` : value > 0 && !state.show.startsWith("extra:") ? `+${text}` : text,
        ]),
    span = high - low || 1;
  const right = width - 46,
    room = 40 * (low < base),
    at = (value) =>
      left + room + ((right - left - room) * (Math.min(high, Math.max(low, value)) - low)) / span,
    top = 26,
    bottom = top + step * bars.length;
  own.drawing.classList.toggle("tall", bottom > 900);
  return asGroup(
    canvas(
      width,
      bottom + 12,
      own.heading.textContent,
      ticks.map(([value, text]) => [
        svg("line", { x1: round(at(value)), x2: round(at(value)), y1: top, y2: bottom, class: "grid" }),
        label(at(value), top - 9, text, {
          "text-anchor": "middle",
          "font-size": 11,
          class: "muted",
        }),
      ]),
      bars.map((bar, k) => {
        const y = top + step * k,
          name = LINES[bar.row];
        return [
          many
            ? null
            : label(left - 8, y + step / 2 + 4, clip(name, 22), {
                "text-anchor": "end",
                "font-size": 12,
                "font-weight": bar.row === state.row ? 650 : 400,
              }),
          tell(
            svg("rect", {
              x: round(Math.min(at(base), at(bar.value))),
              y: round(y + (many ? 0 : 3)),
              width: round(Math.max(1, Math.abs(at(bar.value) - at(base)))),
              height: round(many ? step + 0.2 : step - 6),
              fill: isCounted(bar.row) ? PALETTE.categorical[1] : "#e0b595",
              class: "hit",
              role: "button",
              tabindex: many ? null : 0,
              "aria-label": `${name}: ${showText(bar.value)}`,
              onclick: () => openPair(bar.row, column),
              onkeydown: (event) => {
                if (event.key === "Enter" || event.key === " ") {
                  event.preventDefault();
                  openPair(bar.row, column);
                }
              },
            }),
            () => overviewTip(bar.row, column),
          ),
          bar.both && !many
            ? svg("line", {
                x1: round(at(bar.both[0])),
                x2: round(at(bar.both[1])),
                y1: round(y + step / 2),
                y2: round(y + step / 2),
                class: "rule",
                "stroke-width": 1.4,
              })
            : null,
          many || bar.both
            ? null
            : label(
                bar.value >= base ? at(bar.value) + 5 : at(bar.value) - 5,
                y + step / 2 + 4,
                showText(bar.value),
                { "font-size": 11, "text-anchor": bar.value >= base ? "start" : "end", class: "muted" },
              ),
        ];
      }),
      svg("line", {
        x1: round(at(base)),
        x2: round(at(base)),
        y1: top - 4,
        y2: bottom,
        class: "rule",
        "stroke-width": 1,
      }),
    ),
  );
}

FIGURES.waterfall = {
  draw: drawWaterfall,
  listens: OVERVIEW_CHANGES,
  size: () => (PARTNERS.length > 12 ? "wide" : ""),
};
