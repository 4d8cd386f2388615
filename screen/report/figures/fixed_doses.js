// The curve of a pair's first drug with every fixed dose of its second.

// Higher doses stand out from the ground: darker on light, lighter on dark.
const isDark = () => document.documentElement.dataset.theme === "dark" && !PRINTED;
const doseShade = (share) => shade(PALETTE.sequential, isDark() ? 0.4 + 0.55 * share : 0.74 * (1 - share));
const FEWEST_POINTS = 4,
  MOST_CURVES = 12;
async function drawFixedDoses(width, own) {
  const values = await pairData(state.readout);
  if (!values) return null;
  const one = doses("1", state.row, state.column),
    two = doses("2", state.row, state.column),
    partner = DATA.drug_2[state.column],
    anchor = DATA.drug_1[state.column];
  const rising = range(two.length).sort((a, b) => two[a] - two[b]); // doses of rays come as they were simulated
  const every = rising.map((j, rank) => ({
    name: rank ? doseText(two[j]) : `no ${clip(partner, 10)}`,
    x: one,
    y: values.map((line) => line[j]),
    colour: rank ? doseShade(rank / (two.length - 1 || 1)) : PALETTE.categorical[1],
    bold: rank === 0,
  }));
  // A dose that a design gave few wells is no curve; of many some are shown, evenly apart.
  const whole = every.filter((item, rank) => !rank || item.y.filter(known).length >= FEWEST_POINTS),
    apart = Math.ceil((whole.length - 1) / MOST_CURVES),
    series = whole.filter((_, rank) => !rank || (whole.length - 1 - rank) % apart === 0);
  if (series.length < 2) return null;
  own.heading.textContent = sentence(`${anchor} with each fixed dose of ${partner}`);
  own.caption.textContent =
    (series.length === every.length
      ? `One curve per ${partner} dose, named at its end; `
      : `${series.length - 1} of ${every.length - 1} ${partner} doses, named at the end of their curves; `) +
    `orange: ${anchor} alone. ` +
    (state.readout === "viability"
      ? `Parallel curves mean that the drugs act independently; a steeper fall means that ${partner} makes ${anchor} work.`
      : `Curves that fall or rise alike mean that ${partner} does not change what ${anchor} does to it.`);
  return curves({
    name: own.heading.textContent,
    series,
    xName: `dose of ${anchor}`,
    yName: readoutOf(state.readout).label,
    domain: yDomain(values.flat()),
    ticks: yTicks(),
    width,
    drugs: [anchor],
  });
}
FIGURES["fixed-doses"] = { draw: drawFixedDoses, listens: PAIR_CHANGES, pairwise: true };
