// Both drugs of a pair alone, with Hill fits.

async function drawSingles(width, own) {
  const values = await pairData(state.readout);
  if (!values) return missing(width, LEFT_OUT);
  const one = doses("1", state.row, state.column),
    two = doses("2", state.row, state.column),
    [low, high] = await Promise.all([pairData(`${state.readout}_low`), pairData(`${state.readout}_high`)]);
  const series = [
    [DATA.drug_1[state.column], one, (array) => array.map((line) => line[0])],
    [DATA.drug_2[state.column], two, (array) => array[0]],
  ].map(([name, x, edge], at) => {
    const y = edge(values),
      fit = state.readout === "viability" ? hillFit(x, y) : null;
    return {
      name,
      x,
      y,
      colour: PALETTE.categorical[at],
      fit: fit ? fit.at : null,
      found: fit,
      low: low && edge(low),
      high: high && edge(high),
    };
  });
  const words = series
    .map(({ name, found, y }) =>
      !found
        ? state.readout === "viability"
          ? `${name}: hardly any effect (lowest viability ${short(Math.min(...y.filter(known)), 2)}), no fit`
          : ""
        : `${name}: EC50 ${doseText(found.ec50)}, slope ${short(found.slope, 2)}, ` +
          `lower plateau ${short(found.floor, 2)}, ` +
          `IC50 ${found.ic50 === null ? "not reached" : doseText(found.ic50)}, ` +
          `fit error ${found.error < 0.001 ? "below 0.001" : short(found.error, 1)}`,
    )
    .filter(Boolean);
  own.heading.textContent = `Single agents in ${LINES[state.row]}`;
  own.caption.textContent =
    (words.length ? `Hill fits: ${words.join("; ")}.` : "Simulated points joined.") +
    (low ? ` Bands: ${DATA.ensemble.level} of the parameter draws.` : "");
  return curves({
    name: own.heading.textContent,
    series,
    xName: "dose of the single agent",
    yName: readoutOf(state.readout).label,
    domain: yDomain(series.flatMap((item) => item.y)),
    ticks: yTicks(),
    width,
    drugs: series.map((item) => item.name),
  });
}
FIGURES["single-agents"] = { draw: drawSingles, listens: PAIR_CHANGES, pairwise: true };
