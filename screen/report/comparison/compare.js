// The page of a comparison: colours, tables that sort, what scrolls sideways in reach of keys.

colours();
for (const table of document.querySelectorAll("table.sortable")) sortable(table);
reachable(document);
addEventListener("resize", () => reachable(document));
document.documentElement.dataset.ready = "true";
