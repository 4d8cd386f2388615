// The answer as a picture: how much of the gap each partner closes in every resistant line.

function drawGapClosed(width, own) {
  const columns = DATA.sections.answer.partners.map((column) => ({ name: PARTNERS[column], column })),
    rows = DATA.sections.answer.rows.slice(0, LIMIT).map((row) => ({ name: LINES[row], row }));
  if (!rows.length || !columns.length) return null;
  const last = TIMES.length - 1,
    closed = ({ row }, { column }) => summary("closed", row, column, last),
    share = ({ row }, { column }) => summary("closed:probability", row, column, last);
  own.heading.textContent = `How much of the gap each partner closes, ${hours(TIMES[last])}`;
  own.caption.textContent =
    `0 %: ${DATA.anchor} alone in this line; 100 %: ${DATA.anchor} alone in its parent or reference. ` +
    `Bold: at least ${percent(DATA.gap.closed)}` +
    (DATA.gap.draws ? ` in most of ${DATA.gap.draws} parameter sets. ` : ". ") +
    "Each partner at its Cmax, or its top dose where none is known. ? not known." +
    hint(" Choose a cell to open its pair.");
  own.drawing.classList.toggle("tall", rows.length > 30);
  return matrix({
    name: own.heading.textContent,
    width,
    scale: shareColour(),
    cell: [38, roomy(columns, 72)],
    rows,
    columns,
    value: closed,
    text: (value) => (known(value) ? shareText(value) : "?"),
    strong: (row, column) =>
      known(share(row, column)) ? share(row, column) > 0.5 : closed(row, column) >= 100 * DATA.gap.closed,
    chosen: ({ row }, { column }) => row === state.row && column === state.column,
    tip: ({ row }, { column }) =>
      `${LINES[row]}: ${PARTNERS[column]} at ${partnerDose(column)}\ncloses ${closedText(row, column, last)}`,
    open: ({ row }, { column }) => openPair(row, column),
  });
}
FIGURES["gap-closed"] = { draw: drawGapClosed, listens: ["row", "column"], size: () => "wide" };
