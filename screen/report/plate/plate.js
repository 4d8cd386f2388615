// The page of measured plates: unfolds blocks, shows one model's pictures, turns reliefs, sorts, saves, changes colours.

const PARTS = JSON.parse($("parts").textContent);
// The models in the order of the colours of a face: the first that is shown, then the others.
const FILLS = [...$("model").options]
  .sort((a, b) => b.defaultSelected - a.defaultSelected)
  .map((option) => option.value);
const SVG_SPACE = "http://www.w3.org/2000/svg";

// A block travels deflated until it is opened.
async function unfold(block) {
  const packed = PARTS[block.dataset.part];
  if (!packed || block.dataset.open) return;
  block.dataset.open = "true";
  const text = atob(packed),
    bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const body = block.querySelector(".body");
  body.innerHTML = await new Response(stream).text();
  enliven(body);
}
function enliven(root) {
  showModel(root);
  for (const picture of root.querySelectorAll("figure[id$='-relief'] svg")) turning(picture);
  for (const figure of root.querySelectorAll("figure")) savable(figure);
  reachable(root);
}
function showModel(root) {
  const chosen = $("model").value;
  for (const node of root.querySelectorAll("[data-of]")) node.hidden = node.dataset.of !== chosen;
  for (const face of root.querySelectorAll("[data-fill]"))
    face.setAttribute("fill", face.dataset.fill.split(" ")[FILLS.indexOf(chosen)]);
}

// A relief: what has a place in space (data-p) is projected again; the same projection as in pictures/relief.py.
const WIDTH = 430,
  HEIGHT = 360,
  SIZE = 140;
function turning(picture) {
  const stand = { turn: 0.85, tilt: 0.5 };
  const faces = [...picture.querySelectorAll(".face")],
    layer = faces.length ? faces[0].parentNode : picture,
    after = faces.length ? faces[faces.length - 1].nextSibling : null;
  function project([u, v, z]) {
    const [x, y] = [u - 0.5, v - 0.5],
      [c, s] = [Math.cos(stand.turn), Math.sin(stand.turn)],
      along = x * s + y * c;
    const down = 1.36 * SIZE * along * Math.sin(stand.tilt) - 1.15 * SIZE * (z - 0.42) * Math.cos(stand.tilt);
    return [WIDTH / 2 + 1.36 * SIZE * (x * c - y * s), 0.47 * HEIGHT + down, along];
  }
  function redraw() {
    const depth = new Map();
    for (const node of picture.querySelectorAll("[data-p]")) {
      const all = node.dataset.p.split(" ").map(Number),
        places = [];
      for (let at = 0; at < all.length; at += 3) places.push(project(all.slice(at, at + 3)));
      if (node.tagName === "text") {
        node.setAttribute("x", places[0][0].toFixed(1));
        node.setAttribute("y", (places[0][1] + 4).toFixed(1));
      } else {
        const closed = node.getAttribute("d").endsWith("Z") ? "Z" : "";
        node.setAttribute(
          "d",
          "M" + places.map((p) => `${p[0].toFixed(1)} ${p[1].toFixed(1)}`).join("L") + closed,
        );
        depth.set(
          node,
          places.reduce((sum, p) => sum + p[2], 0),
        );
      }
    }
    faces.sort((a, b) => depth.get(a) - depth.get(b));
    for (const face of faces) layer.insertBefore(face, after);
  }
  // The corner without drugs stays behind, where the walls are.
  turnable(picture, stand, { turn: [0.07, 1.5], tilt: [0.12, 1.35] }, redraw);
}

// Pictures are drawn for white, whatever the page shows them on: they are saved as they came.
function savable(figure) {
  const box = document.createElement("div");
  box.className = "save";
  for (const kind of ["SVG", "PNG"]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = kind;
    button.setAttribute("aria-label", `Save as ${kind}: ${figure.querySelector("h3").textContent}`);
    button.addEventListener("click", () => save(figure, kind));
    box.append(button);
  }
  figure.querySelector(".fig-head").append(box);
}
async function save(figure, kind) {
  const source = figure.querySelector("svg"),
    [, , width, height] = source.getAttribute("viewBox").split(" ").map(Number);
  const copy = source.cloneNode(true);
  copy.setAttribute("xmlns", SVG_SPACE);
  const text = new XMLSerializer().serializeToString(copy),
    drawn = new Blob([text], { type: "image/svg+xml" });
  if (kind === "SVG") return download(`${figure.id}.svg`, drawn);
  const picture = new Image(),
    board = document.createElement("canvas");
  [board.width, board.height] = [3 * width, 3 * height];
  picture.src = URL.createObjectURL(drawn);
  await picture.decode();
  board.getContext("2d").drawImage(picture, 0, 0, 3 * width, 3 * height);
  URL.revokeObjectURL(picture.src);
  board.toBlob((blob) => download(`${figure.id}.png`, blob));
}
function download(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name.replace(/[^\w.+-]+/g, "_");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 20000);
}

async function follow() {
  const block = location.hash.startsWith("#block-") ? $(location.hash.slice(1)) : null;
  if (!block) return;
  block.open = true;
  await unfold(block);
  block.scrollIntoView();
}

colours();
for (const block of document.querySelectorAll("details.block"))
  block.addEventListener("toggle", () => block.open && unfold(block));
for (const table of document.querySelectorAll("table.sortable")) sortable(table);
document.querySelector(".chooser").hidden = false;
$("model").addEventListener("change", () => showModel(document));
enliven(document);
addEventListener("hashchange", follow);
addEventListener("resize", () => reachable(document));
follow().then(() => {
  document.documentElement.dataset.ready = "true";
});
