// How the anchor recovers its effect with the dose of the partner.

async function drawRecoveryCurve(width, own) {
  const ratio = await pairData("ratio"),
    { row, column, time } = state,
    two = doses("2", row, column),
    partner = DATA.drug_2[column];
  if (!ratio?.some(known)) return null;
  const viability = await pairData("viability"),
    reference = DATA.reference[row][time],
    log = summary("recovery", row, column);
  const series = [
    { name: `${clip(DATA.anchor, 11)} effect`, x: two, y: ratio, colour: PALETTE.categorical[1], bold: true },
    ...(viability
      ? [{ name: `${partner} alone`, x: two, y: viability[0], colour: PALETTE.categorical[0], dash: "5 4" }]
      : []),
  ];
  own.heading.textContent = `Recovery of ${DATA.anchor} at ${doseText(DATA.anchor_nM)} with ${partner}`;
  own.caption.textContent =
    `Orange: viability with both over viability with ${partner} alone, that is what ${DATA.anchor} itself ` +
    "still leaves. The gap goes from where it begins, without partner, down to the dotted line; " +
    (DATA.resistant[row]
      ? `at ${partnerDose(column)} ${closedText(row, column)} is closed; ` + `${closedFrom(row, column)}.`
      : `${LINES[row]} is not resistant.`) +
    ofViability();
  return curves({
    name: own.heading.textContent,
    series,
    xName: `dose of ${partner}`,
    yName: "fraction of cells left",
    ticks: quarters(0, 0.25, 0.5, 0.75, 1),
    domain: [0, Math.max(1.05, ...ratio.filter(known))],
    width,
    height: 350,
    foot: 66,
    drugs: [partner],
    marks: (scale, place, _top, bottom, left, right) => [
      known(reference)
        ? [
            svg("line", {
              x1: left,
              x2: right,
              y1: round(place(reference)),
              y2: round(place(reference)),
              class: "rule",
              "stroke-width": 1.4,
              "stroke-dasharray": "2 3",
            }),
            // Its words stand below the axis, where no curve crosses them.
            svg("line", {
              x1: left,
              x2: left + 22,
              y1: bottom + 54,
              y2: bottom + 54,
              class: "rule",
              "stroke-width": 1.4,
              "stroke-dasharray": "2 3",
            }),
            label(left + 28, bottom + 58, `${DATA.anchor} alone in ${DATA.reference_names[row]}`, {
              "font-size": 11.5,
              class: "muted",
            }),
          ]
        : null,
      known(log) && log > -8 && log < 8
        ? svg("circle", {
            cx: round(scale.place(10 ** log)),
            cy: round(
              place(reference + (1 - DATA.gap.closed) * Math.max(0, DATA.alone[row][time] - reference)),
            ),
            r: 8,
            fill: "none",
            stroke: PALETTE.categorical[1],
            "stroke-width": 2,
          })
        : null,
    ],
  });
}
FIGURES["recovery-curve"] = { draw: drawRecoveryCurve, listens: PAIR_CHANGES, pairwise: true };
