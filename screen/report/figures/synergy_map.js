// The chosen summary of every line with every partner.

function overviewTip(row, column) {
  const both = interval(row, column),
    failed = at3FromPair(summaries.failed, row, column),
    key = state.show.split(":")[0],
    why = DATA.reasons[key]?.[`${row},${column},${state.time}`];
  return [
    `${LINES[row]}, ${DATA.drug_1[column]} + ${DATA.drug_2[column]}`,
    `${summaryName()}: ${showText(summary(state.show, row, column))}${both ? ` (${bothText(both, state.show)})` : ""}`,
    key === "recovery" || key === "closed" || !known(summary(`${key}:probability`, row, column))
      ? null
      : `above 0 in ${percent(summary(`${key}:probability`, row, column))} of the parameter sets`,
    `${DATA.anchor} alone leaves ${percent(DATA.alone[row][state.time])} of the cells`,
    DATA.drug_1[column] === DATA.anchor
      ? DATA.resistant[row]
        ? `at ${partnerDose(column)} it closes ${closedText(row, column)}; ${closedFrom(row, column)}`
        : `the line is not resistant to ${DATA.anchor}`
      : null,
    failed ? `${failed} failed simulations` : null,
    why || null,
  ]
    .filter(Boolean)
    .join("\n");
}
function drawSynergyMap(width, own) {
  const { rows, total } = chosenRows(),
    scale = summaryScale(),
    mixed =
      !isDose() &&
      !isShare() &&
      rows.some((row) => range(PARTNERS.length).some((column) => interval(row, column)));
  own.heading.textContent = `${summaryName()}, ${hours(TIMES[state.time])}`;
  own.caption.textContent = [
    rows.length < total ? `The first ${rows.length} of ${total} lines; "All lines" shows the rest.` : "",
    `Bold: resistant to ${DATA.anchor} alone. ` +
      (isDose()
        ? "– not reached; ? not simulated, or failed; empty: not resistant; none: no partner is needed."
        : "Grey: no value."),
    isShare() ? "Each partner at its Cmax, or its top dose where none is known; empty: not resistant." : "",
    mixed ? "Italic: the interval includes 0." : "",
  ]
    .filter(Boolean)
    .join(" ");
  own.drawing.classList.toggle("tall", rows.length > 30);
  if (!rows.length)
    return svg("svg", { width: 300, height: 40 }, label(0, 24, "No line matches the filter."));
  return matrix({
    name: `${summaryName()} by line and partner`,
    width,
    rows: rows.map((row) => ({ name: LINES[row], row })),
    columns: chosenColumns().map((column) => ({ name: pairName(column), column })),
    height: rows.length > 150 ? 5 : rows.length > LIMIT ? 15 : 24,
    scale,
    cell: [isDose() ? 58 : 40, roomy(chosenColumns(), 68)],
    bold: ({ row }) => isCounted(row),
    value: ({ row }, { column }) => summary(state.show, row, column),
    text: (value, { row }) =>
      isDose() && (!known(value) || value > 8)
        ? known(value)
          ? "–"
          : "?"
        : isDose() && value < -8
          ? isCounted(row)
            ? "none"
            : ""
          : isShare() && !known(value)
            ? ""
            : showText(value),
    tip: ({ row }, { column }) => overviewTip(row, column),
    chosen: ({ row }, { column }) => row === state.row && column === state.column,
    unsure: ({ row }, { column }) => {
      const both = interval(row, column);
      return both && !isDose() && !isShare() && both[0] <= 0 && both[1] >= 0;
    },
    open: ({ row }, { column }) => openPair(row, column),
  });
}
FIGURES["synergy-map"] = {
  draw: drawSynergyMap,
  listens: OVERVIEW_CHANGES,
  size: () => (PARTNERS.length > 12 || LINES.length < 2 ? "wide" : ""),
};
