"""Calibrated is what calibration reads measured rows of."""

from screen.analysis.evidence.evidence_table import BUILT_IN as EVIDENCE
from screen.analysis.evidence.evidence_table import read_evidence
from screen.analysis.skill.measured_table import BUILT_IN, read_measured
from screen.pathway import load_pathway
from screen.pathway.calibrated import MEASURED_KIND, calibrated_names


def test_they_are_the_names_in_the_rows_that_calibration_fits() -> None:
    pathway = load_pathway()
    rows = [row for row in read_evidence(EVIDENCE, pathway) if row.kind == MEASURED_KIND]
    cells = read_measured(BUILT_IN, pathway).cells
    lines, drugs = calibrated_names(pathway)
    assert lines == {row.test.line.name for row in rows} | {cell.line for cell in cells}
    assert drugs == {name for row in rows for name in row.test.treatment.swept} | {
        cell.drugs[0] for cell in cells
    }
    assert "SKBR3" in lines
    assert "SKBR3-pool2" not in lines
