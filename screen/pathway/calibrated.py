"""Which lines and drugs the built-in model was calibrated on: all else that it says is extrapolation."""

from functools import cache

from screen.pathway.names import UnknownName
from screen.pathway.pathway import Pathway, load_pathway
from screen.pathway.tables.delimited import read_delimited
from screen.pathway.tables.tsv import FOLDER

MEASURED, EVIDENCE = FOLDER / "measured.csv", FOLDER / "evidence.csv"
MEASURED_KIND = "gr_measured"
"""The kind of evidence that is a measured number."""


def calibrated_names(pathway: Pathway) -> tuple[frozenset[str], frozenset[str]]:
    """(cell lines, drugs) whose measured single-agent responses are among the rows that calibration fits; none for a
    custom model.
    """
    lines, drugs = _of_built_in()
    return lines & pathway.cell_lines.keys(), drugs & pathway.drugs.keys()


@cache
def calibrated_sources() -> frozenset[str]:
    """The sources of the measured numbers that calibration fits."""
    rows = read_delimited(MEASURED, ",", "a table of measured numbers").records()
    return frozenset(row["source"] for row in rows)


@cache
def _of_built_in() -> tuple[frozenset[str], frozenset[str]]:
    measured = read_delimited(MEASURED, ",", "a table of measured numbers").records()
    evidence = read_delimited(EVIDENCE, ",", "an evidence table").records()
    found = {(row["cell_line"], row["drug_1"]) for row in measured}
    for row in evidence:
        if row["kind"] == MEASURED_KIND:  # a name without a dose is what the statement sweeps
            swept = [name for name in row["treatment"].split(";") if "=" not in name]
            found |= {(row["cell_line"], name) for name in swept}
    pathway, lines, drugs = load_pathway(), set(), set()
    for line, drug in found:
        try:
            names = pathway.cell_line(line).name, pathway.drug(drug).name
        except UnknownName:
            continue
        lines.add(names[0])
        drugs.add(names[1])
    return frozenset(lines), frozenset(drugs)
