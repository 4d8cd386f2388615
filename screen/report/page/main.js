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
  $("say").textContent = `Opened ${LINES[row]} with ${PARTNERS[column]}`;
}
let arriving = false;
function followLink() {
  if (arriving) {
    arriving = false;
    return;
  }
  const place = location.hash.slice(1),
    slash = place.indexOf("/");
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
}
function strongestPair() {
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
  button.addEventListener("click", () => set(root.dataset.theme !== "dark"));
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
  [state.row, state.column] = strongestPair();
  overviewControls();
  pairControls();
  tableControls();
  $("overview-figures").replaceChildren();
  adoptPictures();
  const place = (section) => $(`${section}-figures`),
    pairwise = (own) => Object.assign(own, { pairwise: true });
  const overview = [
    figure(
      place("overview"),
      "synergy-map",
      "Overview",
      PARTNERS.length > 12 || LINES.length < 2 ? "wide" : "",
      drawOverview,
    ),
    figure(place("overview"), "waterfall", "Waterfall", PARTNERS.length > 12 ? "wide" : "", drawWaterfall),
  ];
  const response = [["response", "Response", "", drawPairResponse]],
    relief3 = [["relief", "The response as a relief", "", drawRelief]],
    score = [["excess", "Excess", "wide", drawExcess]];
  const beside = [["parent-response", "Parent", "", drawParentResponse]],
    gained = [["gained-excess", "Excess gained", "", drawGained]];
  const rest = [
    ["singles", "Single agents", "", drawSingles],
    ["ladder", "Anchor beside the partner", "", drawLadder],
    ["isobologram", "Isobologram", "", drawIsobole],
    ["way-back", "The way back", "", drawWayBack],
  ];
  const pair = [...response, ...beside, ...score, ...gained, ...relief3, ...rest].map(
    ([id, title, size, draw]) => pairwise(figure(place("pair"), id, title, size, draw)),
  );
  const resistance = [
    figure(place("resistance"), "rescue-map", "Re-sensitisation dose", "", drawRescue),
    figure(place("resistance"), "pairs-of-lines", "Synergy gained on resistance", "", drawPairs),
  ];
  const markers = [figure(place("markers"), "marker-map", "Markers", "wide", drawMarkers)],
    foretold = figure(
      place("markers"),
      "foretold",
      "Markers against outcomes",
      PARTNERS.length > 12 ? "wide" : "",
      drawForetold,
    ),
    scatter = figure(place("markers"), "scatter", "One marker", "", drawScatter);
  place("markers").prepend(foretold.node, scatter.node);
  const why = pairwise(figure(place("why"), "network", "Network", "wide paper", drawWhy));
  why.ready = true;
  markerControls(markers[0]);
  const redraw = (group) => () => {
    for (const own of group) own.redraw();
  };
  listen(["show", "time", "sort", "filter", "all", "row", "column"], redraw(overview));
  listen(["row", "column", "time", "readout"], () => {
    pairControls();
    pairSummary();
    redraw(pair)();
  });
  listen(["row", "column"], () => {
    pairWhy();
    why.redraw();
  });
  listen(["marker", "target"], () => {
    foretold.redraw();
    scatter.redraw();
  });
  listen(["time"], () => {
    overviewControls();
    redraw(resistance)();
    drawTable();
  });
  listen(["markers", "sort", "filter", "all", "show", "time"], redraw(markers));
  await Promise.all([...overview, ...pair].map((own) => own.redraw()));
  await pairSummary();
  pairWhy();
  for (const own of [why, ...resistance, foretold, scatter, ...markers]) await own.redraw();
  drawTable();
  if (!resistance.some((own) => !own.node.hidden)) $("resistance").hidden = true;
  addEventListener("hashchange", followLink);
  followLink();
  let wide = innerWidth,
    timer = 0;
  addEventListener("resize", () => {
    if (innerWidth === wide) return;
    wide = innerWidth;
    clearTimeout(timer);
    timer = setTimeout(redraw(figures), 120);
  });
  document.documentElement.dataset.ready = "true";
}
start().catch((error) => {
  console.error(error);
  $("overview-controls").replaceChildren(
    el(
      "p",
      { class: "note" },
      "The interactive figures could not be drawn in this browser; the picture and the words stand without them.",
    ),
  );
});
