"""Evidence tables are read strictly: every name is known, every number is one."""

from pathlib import Path

import pytest

from screen.analysis.evidence.evidence_table import BUILT_IN, COLUMNS, parse_statement, read_evidence
from screen.errors import InputError
from screen.pathway import load_pathway

PATHWAY = load_pathway()


def row(**values: str) -> dict[str, str]:
    blank = dict.fromkeys(COLUMNS, "")
    return {
        **blank,
        "id": "X1",
        "cell_line": "SKBR3",
        "time_h": "24",
        "observable": "IRS1",
        "statistic": "ratio",
        **values,
    }


def parse(**values: str):  # type: ignore[no-untyped-def]
    return parse_statement(row(**values), PATHWAY, "t.csv: X1")


def test_the_built_in_table_is_read_whole() -> None:
    statements = read_evidence(BUILT_IN, PATHWAY)
    assert len(statements) == 509
    assert len({statement.id for statement in statements}) == 509


def test_a_condition_holds_doses_sweeps_and_perturbations() -> None:
    statement = parse(
        treatment="Herceptin=68; linsitinib ;igf2=13", perturbation="irs1=0.2;FOXO3a=3", ref_time_h="1"
    )
    assert dict(statement.test.treatment.doses) == {"trastuzumab": 68.0, "IGF2": 13.0}
    assert statement.test.treatment.swept == ("linsitinib",)
    assert dict(statement.test.perturbation) == {"IRS1": 0.2, "FOXO3A": 3.0}
    assert statement.test.time_h == 24
    assert statement.reference.time_h == 1


def test_a_blank_reference_is_the_same_line_and_time_untreated() -> None:
    reference = parse(cell_line="bt-474", treatment="lapatinib=5", perturbation="HER3=2").reference
    assert reference.line.name == "BT474"
    assert reference.time_h == 24
    assert not reference.treatment.doses
    assert not reference.perturbation


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cell_line": "SKBR4"}, r"t\.csv: X1: cell_line: unknown cell line 'SKBR4'; did you mean 'SKBR3'"),
        (
            {"treatment": "lapatinb=5"},
            "treatment: unknown drug or ligand 'lapatinb'; did you mean 'lapatinib'",
        ),
        ({"perturbation": "IRS3=1"}, "perturbation: unknown entity 'IRS3'"),
        ({"perturbation": "IRS1"}, r"perturbation: IRS1 has no factor, expected IRS1=number"),
        ({"observable": "pAKT"}, r"unknown observable 'pAKT'.*known: pHER2, pHER3"),
        ({"statistic": "ic50"}, "unknown statistic 'ic50'; did you mean 'ic50_nM'"),
        ({"time_h": ""}, "time_h is blank"),
        ({"time_h": "-1"}, "time_h is '-1', expected a number of 0 or more"),
        ({"upper": "high"}, "upper is 'high', expected a number"),
        ({"treatment": "lapatinib=nan"}, "treatment is 'nan', expected a number of 0 or more"),
        ({"treatment": "lapatinib=5;Tykerb=5"}, "duplicate lapatinib"),
    ],
)
def test_an_error_names_the_row_what_was_found_and_what_is_known(
    values: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        parse(**values)


def test_a_missing_column_and_a_missing_file_are_told(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,kind\nA,b\n")
    with pytest.raises(InputError, match="no column 'cell_line'"):
        read_evidence(path, PATHWAY)
    with pytest.raises(InputError, match="no such file"):
        read_evidence(tmp_path / "none.csv", PATHWAY)
