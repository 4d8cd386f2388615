"""The pathway's own tables with a calibration's nominal parameters, ready for `screen/pathway/data/`."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from screen.pathway import Assay
from screen.pathway.panels.population_statistics import write_population
from screen.pathway.tables.cell_lines import load_cell_lines
from screen.pathway.tables.drugs import potency_id
from screen.pathway.tables.ensemble import Draw
from screen.pathway.tables.parameters import load_parameters
from screen.pathway.tables.tsv import Row, assignments, rewrite_table

NAMES = ("parameters.tsv", "drugs.tsv", "cell_lines.tsv", "omics_groups.tsv")
POTENCY_DIGITS = 5
"""So that a potency at its bound (`MOST_SHIFT`) is still within the 10-fold that the loader asks for."""


def write_shipped(nominal: Draw, assay: Assay, folder: Path) -> list[Path]:
    """Write parameters.tsv, drugs.tsv, cell_lines.tsv and omics_groups.tsv with the values of a draw, and
    population.tsv as the lines then are; returns their paths.

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
        potency = {target: nominal.values[potency_id(known, target)] for target in known.targets}
        row["potency_nM"] = _text(potency, POTENCY_DIGITS)

    def line(row: Row) -> None:
        own = assignments(row["values"], row["name"])
        found = dict(nominal.lines.get(row["name"], {}))
        parent = nominal.lines.get(pathway.cell_lines[row["name"]].parent or "", {})
        if row["name"] == reference.name:
            found.pop("k_birth", None)
        row["values"] = _text({**own, **{name: v for name, v in found.items() if parent.get(name) != v}})

    def group(row: Row) -> None:
        if row["group"] in nominal.exponents:
            row["exponent"], row["kind"] = f"{nominal.exponents[row['group']]:.4g}", "calibrated"

    changes = (parameter, drug, line, group)
    paths = [rewrite_table(folder / name, change) for name, change in zip(NAMES, changes, strict=True)]
    parameters = load_parameters(paths[0])
    lines = load_cell_lines(frozenset(pathway.entities) | frozenset(parameters), paths[2])
    loaded = replace(pathway, parameters=parameters, cell_lines=lines)
    return [*paths, write_population(loaded, folder / "population.tsv")]


def _text(values: Mapping[str, float], digits: int = 4) -> str:
    return ";".join(f"{name}={value:.{digits}g}" for name, value in values.items())
