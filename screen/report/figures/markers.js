// The model's markers: every line's untreated readouts or its abundances against the panel's median.

const median = (values) => {
  const all = values.filter(known).sort((a, b) => a - b),
    half = all.length >> 1;
  return !all.length ? NaN : all.length % 2 ? all[half] : (all[half - 1] + all[half]) / 2;
};
function markerColumns() {
  return DATA.markers
    .filter((marker) => marker.label && marker.untreated === (state.markers === "untreated"))
    .map((marker) => ({ ...marker, name: marker.label, middle: median(marker.values) }))
    .filter((marker) => {
      const seen = marker.values.filter(known);
      return (
        seen.length &&
        (LINES.length < 2 || Math.max(...seen) - Math.min(...seen) > 1e-9 * Math.max(...seen.map(Math.abs)))
      );
    });
}
function foldOf(marker, row) {
  const value = marker.values[row];
  if (!known(value)) return NaN;
  if (marker.middle > 0) return value > 0 ? Math.max(-9, Math.log2(value / marker.middle)) : -9;
  return value > 0 ? 9 : 0;
}
function drawMarkers(width, own) {
  const columns = markerColumns(),
    { rows } = chosenRows();
  own.heading.textContent =
    state.markers === "untreated"
      ? "Untreated readouts, fold of the panel's median"
      : "Abundances and mutations, fold of the panel's median";
  own.caption.textContent =
    "Bold: resistant lines, in the order of the overview. " +
    "Quantities that are the same in every line are not drawn, those joined by = differ alike. " +
    MARKER_KINDS +
    hint(" Choose a cell to see the value.");
  if (!columns.length || !rows.length)
    return missing(width, "Nothing to show: no number in the cube's panel differs between lines.");
  const scale = diverging(3);
  Object.assign(scale, {
    ticks: [
      [-3, "⅛"],
      [-2, "¼"],
      [-1, "½"],
      [0, "1"],
      [1, "2"],
      [2, "4"],
      [3, "8 ×"],
    ],
    caption: "fold of the panel's median",
  });
  own.drawing.classList.toggle("tall", rows.length > 34);
  return matrix({
    name: own.heading.textContent,
    width,
    scale,
    cell: [26, 46],
    height: rows.length > LIMIT ? 12 : 22,
    bold: ({ row }) => isCounted(row),
    rows: rows.map((row) => ({ name: LINES[row], row })),
    columns,
    value: ({ row }, marker) => foldOf(marker, row),
    text: (fold, { row }, marker) =>
      !known(marker.values[row])
        ? ""
        : marker.values[row] === 0
          ? "0"
          : Math.abs(fold) > 8.9
            ? short(marker.values[row], 2)
            : 2 ** fold >= 9.95
              ? String(Math.round(2 ** fold))
              : 2 ** fold >= 0.095
                ? (2 ** fold).toFixed(1)
                : 2 ** fold >= 0.0095
                  ? (2 ** fold).toFixed(2)
                  : "<0.01",
    tip: ({ row }, marker, fold) =>
      [
        `${LINES[row]}, ${marker.name}`,
        `${short(marker.values[row])} ${marker.units && marker.units !== "1" ? marker.units : ""}`,
        Math.abs(fold) < 8.9
          ? `${short(2 ** fold)} times the median (${short(marker.middle)})`
          : `median ${short(marker.middle)}`,
      ].join("\n"),
    open: ({ row }) => openPair(row, state.column),
  });
}
function markerControls(own) {
  const kinds = [
    ["untreated", "untreated readouts"],
    ["abundance", "abundances and mutations"],
  ].filter(([kind]) => DATA.markers.some((marker) => marker.untreated === (kind === "untreated")));
  if (!kinds.some(([kind]) => kind === state.markers))
    state.markers = kinds.length ? kinds[0][0] : "untreated";
  own.tools.replaceChildren(
    choice("", kinds, state.markers, (markers) => change({ markers }), {
      "aria-label": "Which quantities to show",
    }),
  );
}

FIGURES["marker-map"] = {
  draw: drawMarkers,
  begin: markerControls,
  size: () => "wide",
  listens: ["markers", "sort", "filter", "all", "show", "time"],
};
