"""Which lines and drugs calibration fits: all else that the model says is extrapolation."""

from functools import cache

from screen.analysis.evidence.evidence_table import BUILT_IN as EVIDENCE
from screen.analysis.evidence.evidence_table import MEASURED_KIND, read_evidence
from screen.analysis.skill.measured_table import BUILT_IN, read_measured
from screen.pathway import Pathway, load_pathway


def calibrated_names(pathway: Pathway) -> tuple[frozenset[str], frozenset[str]]:
    """(cell lines, drugs) with measured single-agent responses among the rows that calibration fits; none for a
    custom model.
    """
    lines, drugs = _of_built_in()
    return lines & pathway.cell_lines.keys(), drugs & pathway.drugs.keys()


@cache
def _of_built_in() -> tuple[frozenset[str], frozenset[str]]:
    pathway = load_pathway()
    rows = [row for row in read_evidence(EVIDENCE, pathway) if row.kind == MEASURED_KIND]
    cells = read_measured(BUILT_IN, pathway).cells
    return (
        frozenset({row.test.line.name for row in rows} | {cell.line for cell in cells}),
        frozenset({*(n for row in rows for n in row.test.treatment.swept), *(c.drugs[0] for c in cells)}),
    )
