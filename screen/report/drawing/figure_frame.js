// A figure: heading, picture, caption, and buttons that save the picture as SVG or PNG, always on white.

const KEPT = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linejoin",
  "font-family",
  "font-size",
  "font-weight",
  "font-style",
  "opacity",
  "paint-order",
  "text-anchor",
];

const saveButtons = (own) =>
  el(
    "div",
    { class: "save" },
    ["SVG", "PNG"].map((kind) =>
      el(
        "button",
        {
          type: "button",
          "aria-label": `Save as ${kind}`,
          title: `Save as ${kind}`,
          onclick: () => keep(kind, own()),
        },
        kind,
      ),
    ),
  );
// A picture that was drawn before the page was written carries its own title and colours; it is saved as it stands.
function adoptPictures(root = document) {
  for (const node of root.querySelectorAll("figure.static[id]")) {
    const own = { id: node.id, drawing: node.querySelector(".drawing"), ready: true };
    node.prepend(
      el(
        "div",
        { class: "fig-head over" },
        el("span"),
        saveButtons(() => own),
      ),
    );
  }
}
// What scrolls sideways on a narrow screen can be scrolled by keys; a picture with a stop of its own can anyway.
function inReach(node, name) {
  node.removeAttribute("tabindex");
  if (node.scrollWidth <= node.clientWidth || node.querySelector('[tabindex="0"]')) return;
  fill(node, { tabindex: 0, role: "group", "aria-label": name }, []);
}
function staticInReach() {
  for (const node of document.querySelectorAll("figure.static .drawing"))
    inReach(node, node.parentNode.querySelector("figcaption")?.textContent || "Picture");
}
function figure(section, id, title) {
  const { draw, begin, size, pairwise, ready } = FIGURES[id];
  const drawing = el("div", { class: "drawing" }),
    caption = el("figcaption"),
    tools = el("div", { class: "inline" }),
    heading = el("h3", { id: `${id}-title` }, title);
  const node = el(
    "figure",
    { id, class: size?.(), "aria-labelledby": `${id}-title` },
    el("div", { class: "fig-head" }, heading, figureButtons()),
    tools,
    drawing,
    caption,
  );
  function figureButtons() {
    const buttons = saveButtons(() => own),
      larger = el(
        "button",
        {
          type: "button",
          class: "larger",
          "aria-label": "Enlarge",
          "aria-pressed": "false",
          title: "Enlarge, or back",
          onclick: async () => {
            larger.setAttribute("aria-pressed", String(node.classList.toggle("enlarged")));
            await redraw();
            node.scrollIntoView({ block: "nearest" });
          },
        },
        "⤢",
      );
    buttons.prepend(larger);
    return buttons;
  }
  const own = { id, section, pairwise, ready, node, drawing, caption, tools, heading, redraw, room };
  $(`${section}-figures`).append(node);
  begin?.(own);
  let turn = 0;
  function redraw() {
    own.drawn = drawn();
    return own.drawn;
  }
  async function drawn() {
    const mine = ++turn,
      width = Math.max(drawing.clientWidth || 600, 280),
      picture = await draw(width, own);
    if (mine !== turn) return;
    node.hidden = !picture;
    if (picture) drawing.replaceChildren(picture);
    inReach(drawing, heading.textContent);
  }
  // How high a picture is whose card ends with the card before it in the same row of the page, between `least` and
  // `most` pixels; `least` where it stands alone. Asked once its own caption is written.
  async function room(least, most) {
    const before = figures
      .slice(0, figures.indexOf(own))
      .findLast((one) => one.section === section && !one.node.hidden);
    await before?.drawn;
    if (!before || before.node.hidden || before.node.offsetTop !== node.offsetTop) return least;
    const around = (one) =>
      [one.caption, one.tools, one.heading.parentNode].reduce((sum, part) => sum + part.offsetHeight, 0);
    return Math.max(least, Math.min(most, before.drawing.offsetHeight + around(before) - around(own)));
  }
  figures.push(own);
  return own;
}
const figures = [];
// Every picture that is to be seen, as [name of its file, SVG text].
const allPictures = () =>
  figures
    .filter((own) => !own.node.hidden && own.drawing.querySelector("svg"))
    .map((own) => [fileName(own, "svg"), (own.ready ? asDrawn(own) : standalone(own)).text]);
const canvas = (width, height, name, ...children) =>
  svg(
    "svg",
    {
      viewBox: `0 0 ${round(width)} ${round(height)}`,
      width: round(width),
      height: round(height),
      role: "img",
      "aria-label": name,
      "font-family": "Arial, sans-serif",
    },
    ...children,
  );
// A picture whose parts can be chosen is a group of buttons, not an image: one stop, in which the arrow keys move.
function asGroup(picture) {
  picture.setAttribute("role", "group");
  return oneStop(picture, [...picture.querySelectorAll('[tabindex="0"]')]);
}
function oneStop(picture, stops) {
  for (const node of stops.slice(1)) node.setAttribute("tabindex", -1);
  picture.addEventListener("keydown", (event) => {
    const at = stops.indexOf(event.target),
      step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key],
      next = stops[at + step];
    if (at < 0 || !next) return;
    event.preventDefault();
    event.target.setAttribute("tabindex", -1);
    next.setAttribute("tabindex", 0);
    next.focus();
  });
  return picture;
}

// The picture with every style written into it, so that it looks the same in any program.
function standalone(own) {
  const source = own.drawing.querySelector("svg"),
    root = document.documentElement,
    theme = root.dataset.theme;
  root.dataset.theme = "light";
  const copy = source.cloneNode(true),
    from = [source, ...source.querySelectorAll("*")],
    into = [copy, ...copy.querySelectorAll("*")];
  from.forEach((node, at) => {
    const style = getComputedStyle(node);
    for (const name of KEPT) into[at].setAttribute(name, style.getPropertyValue(name));
    for (const name of ["class", "tabindex", "role", "aria-label", "aria-selected"])
      into[at].removeAttribute(name);
  });
  root.dataset.theme = theme;
  const [, , width, height] = source.getAttribute("viewBox").split(" ").map(Number),
    head = 34;
  copy.setAttribute("xmlns", SVG_SPACE);
  copy.setAttribute("viewBox", `0 ${-head} ${width} ${height + head}`);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height + head);
  copy.prepend(
    svg("rect", { x: 0, y: -head, width, height: height + head, fill: "#ffffff" }),
    svg(
      "text",
      {
        x: 8,
        y: -14,
        "font-size": 14,
        "font-weight": 600,
        fill: "#16202b",
        "font-family": "Arial, sans-serif",
      },
      own.heading.textContent,
    ),
  );
  return { text: new XMLSerializer().serializeToString(copy), width, height: height + head };
}
function asDrawn(own) {
  const source = own.drawing.querySelector("svg"),
    [, , width, height] = source.getAttribute("viewBox").split(" ").map(Number);
  return { text: new XMLSerializer().serializeToString(source), width, height };
}
function download(name, blob) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 20000);
}
const fileName = (own, ending) =>
  `${[DATA.title, own.id, own.pairwise ? `${LINES[state.row]}-${PARTNERS[state.column]}` : ""]
    .filter(Boolean)
    .join("-")
    .replace(/[^\w.+-]+/g, "_")
    .slice(0, 100)}.${ending}`;
async function keep(kind, own) {
  const { text, width, height } = own.ready ? asDrawn(own) : standalone(own);
  if (kind === "SVG") return download(fileName(own, "svg"), new Blob([text], { type: "image/svg+xml" }));
  const picture = new Image(),
    board = el("canvas", { width: 3 * width, height: 3 * height });
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await picture.decode();
  const pen = board.getContext("2d");
  pen.scale(3, 3);
  pen.drawImage(picture, 0, 0, width, height);
  board.toBlob((blob) => download(fileName(own, "png"), blob), "image/png");
}
