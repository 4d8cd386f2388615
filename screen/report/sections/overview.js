// The choices of the overview: what is summarised, when, and which lines in which order.

function overviewControls() {
  const filter = el("input", {
    type: "search",
    placeholder: "lines or partners",
    value: state.filter,
    oninput: () => change({ filter: filter.value }),
  });
  $("overview-controls").replaceChildren(
    choice("Show", summaryOptions(), state.show, (show) => change({ show })),
    choice(
      "Assay time",
      TIMES.map((time, at) => [at, hours(time)]),
      state.time,
      (time) => change({ time: Number(time) }),
    ),
    choice(
      "Order of lines",
      [
        ["resistant", "resistant first, then by value"],
        ["score", "by their best value"],
        ["name", "by name"],
        ["cube", "as in the cube"],
        ...DATA.order.slice(0, 40).map((column) => [`column:${column}`, `by ${pairName(column)}`]),
      ],
      state.sort,
      (sort) => change({ sort }),
    ),
    el("label", { class: "stretch" }, "Filter", filter),
    ...(LINES.length > LIMIT
      ? [
          el(
            "button",
            {
              type: "button",
              id: "all-lines",
              onclick: (event) => {
                change({ all: !state.all });
                event.target.textContent = state.all ? `First ${LIMIT} lines` : "All lines";
              },
            },
            "All lines",
          ),
        ]
      : []),
  );
}

SECTIONS.overview = { begin: overviewControls, draw: overviewControls, listens: ["time"] };
