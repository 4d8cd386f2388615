"""Other people's evidence: a small table of our own making that uses every statistic and every column."""

import csv
import json
import math
from pathlib import Path

import pytest

from screen.analysis.evidence.check import check, write_csv, write_json
from screen.analysis.evidence.evidence_table import COLUMNS, STATISTICS, read_evidence
from screen.errors import InputError
from screen.pathway import Assay

ROWS = """\
R1,sk-br-3,Herceptin=68,,2,,,,,pHER3,ratio,,0.85
R2,BT474,EGF=1;gefitinib=300,,1,,EGF=1,,,pERK,ratio,,0.999
R3,SKBR3,,PTEN=0.1;SRC=2,0,,,PTEN=1,,PIP3,difference,1,
R4,MCF10A,,,0,,,,,growth_rate,value,0.02,0.04
R5,BT474-HR20,IGF2=13,,48,BT474,IGF2=13,,24,PPP3CB,ratio,,0.9
R6,SKBR3,IGF1=13,,0.5,,,,,pIGF1R,ratio,1.5,
R7,BT474,trastuzumab=68;pertuzumab=68;NRG1=0.3,,72,,,,,viability,value,0,1
R8,HCC1954,neratinib,,72,,,,,viability,ic50_nM,0.01,10000
R9,SKBR3,gefitinib,,1,,,,,viability,ic50_nM,700,
R10,BT474,alpelisib;trastuzumab=68,,72,,,,,gr_value,gr50_nM,,5000
R11,BT474,lapatinib,PIK3CA_H1047R=1,72,,,,,viability,max_inhibition,0,1
R12,AU565,torin2,,72,,,,,gr_value,gr_max,-1,0.5
G1,SKBR3-pool2,trastuzumab;linsitinib,,96,,,,,viability,bliss,-50,50
G2,SKBR3-pool2,trastuzumab;linsitinib,,96,,,,,viability,loewe,-50,50
G3,SKBR3-pool2,trastuzumab;linsitinib,,96,,,,,viability,hsa,-50,50
G4,SKBR3-pool2,trastuzumab;linsitinib,,96,,,,,viability,zip,-50,50
G5,SKBR3-pool2,trastuzumab;linsitinib,,96,,,,,viability,bliss_max,-50,50
F1,SKBR3,trastuzumab=68,,2,,,,,pHER3,ratio,2,
"""
"""Every statistic; any spelling of a name; ligands, mixtures, perturbations, references of their own."""
TABLE = [row.split(",") for row in ROWS.splitlines()]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "theirs.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as handle:
        writer = csv.writer(handle)
        writer.writerow([*COLUMNS, "confidence", "source", "note", "their own column"])
        for name, *rest in TABLE:
            writer.writerow([name, "theirs", *rest, "read", "here", "", "kept out"])
    return path


def test_every_statistic_is_in_the_table() -> None:
    assert {row[10] for row in TABLE} == set(STATISTICS)


def test_a_foreign_table_runs_row_by_row(table: Path, assay: Assay, tmp_path: Path) -> None:
    statements = read_evidence(table, assay.pathway)
    results = {result.id: result for result in check(statements, assay.pathway, assay)}
    assert [name for name, result in results.items() if not result.passed] == ["F1"]
    assert results["F1"].reason.endswith("is below 2")
    assert math.isinf(results["R9"].value)
    for alone in statements[::5]:
        [result] = check([alone], assay.pathway, assay)
        assert result.value == pytest.approx(results[alone.id].value, rel=1e-4)
    write_json(results.values(), tmp_path / "r.json")
    write_csv(results.values(), tmp_path / "r.csv")
    written = json.loads((tmp_path / "r.json").read_text())
    rows = list(csv.DictReader((tmp_path / "r.csv").open()))
    assert [row["id"] for row in rows] == [item["id"] for item in written] == [row[0] for row in TABLE]
    assert next(item for item in written if item["id"] == "R9")["value"] == "inf"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Herceptin=68", "Herceptine=68", "R1: treatment: unknown drug or ligand 'Herceptine'; did you mean"),
        ("pHER3,ratio", "pHER3,rato", "R1: statistic: unknown statistic 'rato'; did you mean 'ratio'"),
        ("PTEN=0.1", "PTEN=low", "R3: perturbation is 'low', expected a number of 0 or more"),
        ("observable", "observed", "no column 'observable'; did you mean 'observed'"),
    ],
)
def test_a_mistake_in_a_foreign_table_is_named(
    table: Path, assay: Assay, old: str, new: str, message: str
) -> None:
    text = table.read_text(encoding="utf-8-sig")
    assert old in text
    table.write_text(text.replace(old, new))
    with pytest.raises(InputError, match=message):
        read_evidence(table, assay.pathway)
