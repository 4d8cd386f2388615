// Links, theme, and the order in which the page comes to life.

const part = (text) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => "%" + character.charCodeAt(0).toString(16).toUpperCase(),
  );
const linkTo = (row, column) => `#${part(LINES[row])}/${part(PARTNERS[column])}`;
function openPair(row, column, scroll = true) {
  change({ row, column });
  if (location.hash !== linkTo(row, column)) {
    arriving = true;
    location.hash = linkTo(row, column);
  }
  if (scroll) {
    $("pair").scrollIntoView({
      behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
    });
    $("pair-head").focus({ preventScroll: true });
  }
  $("say").textContent = `Opened ${LINES[row]} with ${pairName(column)}`;
}
let arriving = false;
function followLink() {
  if (arriving) {
    arriving = false;
    return;
  }
  const place = location.hash.slice(1),
    slash = place.indexOf("/");
  $("no-pair")?.remove();
  if (!place) {
    const [row, column] = openingPair(); // back at the page as it opened
    change({ row, column });
  }
  if (slash < 0) return;
  let names;
  try {
    names = [decodeURIComponent(place.slice(0, slash)), decodeURIComponent(place.slice(slash + 1))];
  } catch {
    return;
  }
  const row = LINES.indexOf(names[0]),
    column = [PARTNERS, DATA.combinations, DATA.drug_2]
      .map((list) => list.indexOf(names[1]))
      .find((at) => at >= 0);
  if (row >= 0 && column !== undefined) openPair(row, column);
  else {
    const words = `This page has no pair ${clip(names.join(" with "), 120)}.`;
    $("pair-controls")?.before(el("p", { class: "note", id: "no-pair" }, words));
    $("pair")?.scrollIntoView();
    $("say").textContent = words;
  }
}
function openingPair() {
  if (DATA.opens) return DATA.opens;
  const key = DATA.main_model ? `${DATA.main_model}:mean` : "gain";
  let best = [0, 0, -Infinity];
  for (const row of range(LINES.length))
    for (const column of range(PARTNERS.length)) {
      const value =
        at3(summaries[key], row, column, state.time) + (DATA.resistant[row] && !DATA.her2_low[row] ? 1e4 : 0);
      if (value > best[2]) best = [row, column, value];
    }
  return best;
}
function theme() {
  const button = $("theme"),
    root = document.documentElement,
    set = (dark) => {
      root.dataset.theme = dark ? "dark" : "light";
      button.textContent = dark ? "Light" : "Dark";
      button.setAttribute("aria-label", dark ? "Use light colours" : "Use dark colours");
    };
  set(matchMedia("(prefers-color-scheme: dark)").matches);
  button.hidden = false;
  button.addEventListener("click", () => {
    set(root.dataset.theme !== "dark");
    for (const own of figures) if (own.id === "fixed-doses") own.redraw();
  });
}
function nav() {
  const links = new Map([...document.querySelectorAll(".bar a")].map((link) => [link.hash.slice(1), link]));
  const watch = new IntersectionObserver(
    (entries) =>
      entries
        .filter((entry) => entry.isIntersecting)
        .forEach((entry) => {
          for (const link of links.values()) link.removeAttribute("aria-current");
          links.get(entry.target.id)?.setAttribute("aria-current", "true");
        }),
    { rootMargin: "-30% 0px -65% 0px" },
  );
  for (const section of document.querySelectorAll("main section")) watch.observe(section);
}
async function start() {
  theme();
  nav();
  await Promise.all(
    Object.keys(DATA.chunks)
      .filter((name) => !name.includes("@"))
      .map(async (name) => {
        summaries[name] = await chunk(name);
      }),
  );
  state.show = DATA.main_model ? `${DATA.main_model}:mean` : "gain";
  if (!LINES.length || !PARTNERS.length) return;
  [state.row, state.column] = openingPair();
  const present = Object.keys(DATA.sections);
  for (const id of present) SECTIONS[id]?.begin?.();
  for (const node of document.querySelectorAll(".fallback")) node.remove();
  adoptPictures();
  for (const { section, id, title } of DATA.panels) if (present.includes(section)) figure(section, id, title);
  for (const own of figures) listen(FIGURES[own.id].listens, own.redraw);
  for (const id of present) if (SECTIONS[id]) listen(SECTIONS[id].listens, SECTIONS[id].draw);
  for (const id of present) await drawSection(id);
  staticInReach();
  addEventListener("hashchange", followLink);
  followLink();
  let wide = innerWidth,
    timer = 0;
  addEventListener("resize", () => {
    if (innerWidth === wide) return;
    wide = innerWidth;
    clearTimeout(timer);
    timer = setTimeout(() => {
      for (const own of figures) own.redraw();
      staticInReach();
    }, 120);
  });
  document.documentElement.dataset.ready = "true";
}
// A section of figures alone, none of which has anything to draw, is not shown.
async function drawSection(id) {
  const own = figures.filter((one) => one.section === id);
  await Promise.all(own.map((one) => one.redraw()));
  await SECTIONS[id]?.draw();
  if (own.length && !SECTIONS[id] && !$(id).querySelector(".said") && own.every((one) => one.node.hidden))
    $(id).hidden = true;
}
start().catch((error) => {
  console.error(error);
  $("say").before(
    el(
      "p",
      { class: "note" },
      "The interactive figures could not be drawn in this browser; the picture and the words stand without them.",
    ),
  );
});
