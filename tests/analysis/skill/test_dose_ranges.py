"""What a source tested is a fact with evidence."""

from pathlib import Path

import pytest

from screen.analysis.skill.dose_ranges import COLUMNS, load_dose_ranges, stated_range
from screen.errors import InputError


def test_a_range_is_of_a_source_and_drug_or_of_all_its_drugs() -> None:
    wide, ljp = stated_range("MEP_LINCS", "everolimus"), stated_range("LJP", "lapatinib")
    assert wide is not None
    assert ljp is not None
    assert (wide.decades, ljp.decades) == (5.592, 2.398)
    assert ljp == stated_range("LJP", "alpelisib")
    usual, low = stated_range("GDSC2", "lapatinib"), stated_range("GDSC2", "trametinib")
    assert usual is not None
    assert low is not None
    assert (usual.top_nM, low.top_nM, low.decades) == (10_000, 1000, 3)
    assert stated_range("HMS_BRCA", "everolimus") is None
    fitted = stated_range("AZ_DREAM", "sapitinib")
    assert fitted is not None
    assert fitted.fitted
    assert not usual.fitted


def test_a_range_without_evidence_or_with_a_dose_of_0_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dose_ranges.tsv"
    for row, words in (
        ("a\tLAB\t\t10\t4\t\t\t", "a: no evidence"),
        ("a\tLAB\t\t0\t4\t\tx\t", "expected above 0"),
        ("a\tLAB\t\t10\t4\tno\tx\t", "fitted: found 'no', expected yes or nothing"),
    ):
        path.write_text("\t".join(COLUMNS) + f"\n{row}\n", encoding="utf-8")
        with pytest.raises(InputError, match=words):
            load_dose_ranges(path)
