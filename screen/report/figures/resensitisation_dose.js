// The re-sensitisation dose of every resistant line with every partner.

function drawResensitisation(width, own) {
  const least = (row) =>
    Math.min(
      ...range(PARTNERS.length)
        .map((column) => summary("recovery", row, column))
        .filter((log) => known(log) && log > -8),
      9,
    );
  const rows = range(LINES.length)
      .filter((row) => DATA.resistant[row] && !DATA.her2_low[row])
      .sort((a, b) => least(a) - least(b)),
    shown = rows.slice(0, LIMIT);
  own.heading.textContent = `Re-sensitisation dose, ${hours(TIMES[state.time])}`;
  own.caption.textContent =
    `The smallest partner dose of the grid that closes ${percent(DATA.gap.closed)} of the gap. – not reached; ` +
    "? unknown, a well before it failed or was not simulated; in brackets: above Cmax." +
    (rows.length > LIMIT ? ` The first ${LIMIT} of ${rows.length} resistant lines.` : "");
  if (!shown.length) return null;
  own.drawing.classList.toggle("tall", shown.length > 30);
  const above = (column, log) =>
    peakOf(DATA.drug_2[column]) !== null && log < 8 && log > Math.log10(peakOf(DATA.drug_2[column])) + 1e-4;
  return matrix({
    name: "Re-sensitisation dose by resistant line and partner",
    width,
    scale: doseColour(),
    cell: [58, roomy(anchored(), 76)],
    rows: shown.map((row) => ({ name: LINES[row], row })),
    columns: anchored().map((column) => ({ name: PARTNERS[column], column })),
    value: ({ row }, { column }) => summary("recovery", row, column),
    text: (value, _, { column }) => {
      const said = !known(value) ? "?" : value > 8 ? "–" : value < -8 ? "none" : recoveryText(value);
      return known(value) && above(column, value) ? `(${said})` : said;
    },
    tip: ({ row }, { column }, value) => {
      const peak = peakOf(DATA.drug_2[column]);
      return [
        `${LINES[row]}, ${PARTNERS[column]}`,
        `re-sensitisation dose: ${endText(value)}${recoveryInterval(row, column)}`,
        `reference: ${DATA.reference_names[row]}, ${DATA.anchor} leaves ${percent(DATA.reference[row][state.time])}`,
        peak ? `Cmax: ${doseText(peak)}${above(column, value) ? " (below this dose)" : ""}` : null,
      ]
        .filter(Boolean)
        .join("\n");
    },
    open: ({ row }, { column }) => openPair(row, column),
  });
}
FIGURES["resensitisation-dose"] = { draw: drawResensitisation, listens: ["time"] };
