"""The pathway's own tables with a calibration's nominal set in place, ready to stand in `screen/pathway/`."""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

from screen.pathway import Assay
from screen.pathway.draws import Draw
from screen.pathway.drugs import potency_id
from screen.pathway.tables import FOLDER, assignments

NAMES = ("parameters.tsv", "drugs.tsv", "cell_lines.tsv")
Row = dict[str, str]


def write_shipped(nominal: Draw, assay: Assay, folder: Path) -> list[Path]:
    """Write parameters.tsv, drugs.tsv and cell_lines.tsv with the values of a draw; returns their paths.

    Start values of the model's states become the untreated state of the reference line.
    """
    pathway = assay.pathway
    reference = next(iter(pathway.cell_lines.values()))
    state = assay.untreated([reference], None, nominal).state[0]
    start = dict(zip(assay.engine.states, map(float, state)))
    value = {
        name: nominal.values[name]
        for name, parameter in pathway.parameters.items()
        if name in nominal.values and parameter.kind == "calibrated"
    }
    value["k_birth"] = nominal.lines[reference.name]["k_birth"]

    def parameter(row: Row) -> None:
        if row["id"] in start:
            row["value"] = f"{max(start[row['id']], 0.0):.6g}"
            row["upper"] = f"{max(100 * max(start[row['id']], 0.0), 1.0):.6g}"
        elif row["id"] in value:
            row["value"] = f"{value[row['id']]:.5g}"

    def drug(row: Row) -> None:
        known = pathway.drugs[row["name"]]
        row["potency_nM"] = _text({t: nominal.values[potency_id(known, t)] for t in known.targets})

    def line(row: Row) -> None:
        own = assignments(row["values"], row["name"])
        found = dict(nominal.lines.get(row["name"], {}))
        if row["name"] == reference.name:
            found.pop("k_birth", None)
        row["values"] = _text({**own, **found})

    return [_rewrite(folder / name, change) for name, change in zip(NAMES, (parameter, drug, line))]


def _text(values: Mapping[str, float]) -> str:
    return ";".join(f"{name}={value:.4g}" for name, value in values.items())


def _rewrite(path: Path, change: Callable[[Row], None]) -> Path:
    with (FOLDER / path.name).open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        header, rows = list(reader.fieldnames or []), list(reader)
    for row in rows:
        change(row)
    lines = ["\t".join(header), *("\t".join(row[column] or "" for column in header) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
