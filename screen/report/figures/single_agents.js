// Both drugs of a pair alone, with Hill fits.

// A fit in words; what lies above the doses is a number of the curve, not of the drug, and is not told.
function fitWords({ name, found, x, y }) {
  if (!found)
    return state.readout === "viability"
      ? `${name}: hardly any effect (lowest viability ${short(Math.min(...y.filter(known)), 2)}), no fit`
      : "";
  const top = Math.max(...x.filter(known)),
    within = found.ec50 <= top,
    reached =
      found.ic50 === null ? "not reached" : found.ic50 <= top ? doseText(found.ic50) : "above the doses";
  return [
    `${name}: EC50 ${within ? doseText(found.ec50) : "above the doses"}`,
    `slope ${short(found.slope, 2)}`,
    within ? `lower plateau ${short(found.floor, 2)}` : "no plateau on the grid",
    `IC50 ${reached}`,
    `fit error ${found.error < 0.001 ? "below 0.001" : short(found.error, 1)}`,
  ].join(", ");
}
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
  const words = series.map(fitWords).filter(Boolean);
  own.heading.textContent = `Single agents in ${LINES[state.row]}`;
  own.caption.textContent =
    (words.length ? `Hill fits: ${words.join("; ")}.` : "Simulated points joined.") +
    (low ? ` Bands: ${DATA.ensemble.level} of the parameter sets.` : "");
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
