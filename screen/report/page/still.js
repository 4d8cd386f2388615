"use strict";
// What pages of still pictures share: colours, tables that sort, what scrolls sideways in reach of keys.

const $ = (id) => document.getElementById(id);

// What scrolls sideways on a narrow screen can be scrolled by keys.
function reachable(root) {
  for (const drawing of root.querySelectorAll(".drawing")) {
    if (drawing.scrollWidth > drawing.clientWidth) drawing.setAttribute("tabindex", "0");
    else drawing.removeAttribute("tabindex");
  }
}
// A click on a head sorts the table by it, largest first, and then the other way round.
function sortable(table) {
  if ("printed" in document.documentElement.dataset) return; // a repeated head shows no buttons on paper
  const body = table.tBodies[0],
    key = (row, at) => row.cells[at].dataset.key ?? row.cells[at].textContent;
  [...table.tHead.rows[0].cells].forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].sort((a, b) => {
        const [x, y] = [key(a, at), key(b, at)],
          [p, q] = [Number(x), Number(y)];
        const order = Number.isNaN(p) || Number.isNaN(q) ? y.localeCompare(x) : q > p ? 1 : q < p ? -1 : 0;
        return down ? order : -order;
      });
      body.append(...rows);
    });
  });
}

function colours() {
  const button = $("theme"),
    root = document.documentElement;
  const set = (dark) => {
    root.dataset.theme = dark ? "dark" : "light";
    button.textContent = dark ? "Light" : "Dark";
    button.setAttribute("aria-label", dark ? "Use light colours" : "Use dark colours");
  };
  set(matchMedia("(prefers-color-scheme: dark)").matches);
  button.hidden = false;
  button.addEventListener("click", () => set(root.dataset.theme !== "dark"));
}
