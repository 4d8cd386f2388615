"""Which lines and drugs the shipped parameters were fitted on: all else that the model says is extrapolation."""

from functools import cache

from screen.analysis.evidence.table import BUILT_IN, read_evidence
from screen.pathway import Pathway, load_pathway

MEASURED = "gr_measured"


def calibrated_names(pathway: Pathway) -> tuple[frozenset[str], frozenset[str]]:
    """(cell lines, drugs) with measured single-agent responses among the rows that calibration fits; none for a
    custom model.
    """
    lines, drugs = _of_built_in()
    return lines & pathway.cell_lines.keys(), drugs & pathway.drugs.keys()


@cache
def _of_built_in() -> tuple[frozenset[str], frozenset[str]]:
    rows = [row for row in read_evidence(BUILT_IN, load_pathway()) if row.kind == MEASURED]
    return (
        frozenset(row.test.line.name for row in rows),
        frozenset(name for row in rows for name in row.test.treatment.swept),
    )
