// The network of a pair that was explained, as it was drawn when the page was made.

function drawNetwork(_width, own) {
  const why = whyOf();
  if (!why) return null;
  own.heading.textContent = `${LINES[state.row]}: ${DATA.drug_1[state.column]} + ${DATA.drug_2[state.column]}`;
  own.caption.textContent =
    "Orange and wide: the edge mediates synergy. Blue: it works against it. " +
    "Bold frames: the drugs' targets. " +
    hint("Point at an edge to read its number.");
  return document.importNode(
    new DOMParser().parseFromString(why.picture, "image/svg+xml").documentElement,
    true,
  );
}
FIGURES.network = {
  draw: drawNetwork,
  listens: ["row", "column"],
  size: () => "wide paper",
  pairwise: true,
  ready: true,
};
