"""Levels against a formula of their own, from the file as it stands."""

import csv
import math
import os
from pathlib import Path

import numpy as np
import pytest

from screen.errors import InputError
from screen.pathway.names import ENTITIES
from screen.pathway.omics.entity_map import load_omics_map
from screen.pathway.omics.levels import load_measured, panel_levels, panel_shares
from screen.pathway.tables.tsv import FOLDER
from tests.paths import ROOT

OMICS = load_omics_map()
LEVELS = panel_levels(OMICS)
SHARED = Path(os.environ.get("HERSCREEN_SHARED", ROOT.parent / "shared"))


def of_file() -> dict[str, dict[str, float]]:
    with (FOLDER / "omics.tsv").open() as file:
        rows = {row.pop("feature"): row for row in csv.DictReader(file, delimiter="\t")}
    return {
        name: {line: float(text) for line, text in row.items() if line not in ("kind", "unit")}
        for name, row in rows.items()
    }


FILE = of_file()


def away(feature: str, line: str) -> float:
    """log2 steps above the mean over the amplified lines, nothing below -1.5."""
    row = {name: value if value > -1.5 else -1.5 for name, value in FILE[feature].items()}
    others = [value for name, value in row.items() if name != "MCF10A"]
    return row[line] - sum(others) / len(others)


def test_a_level_is_the_mean_of_rna_and_antibody_in_natural_logarithms() -> None:
    for entity, gene, antibody, scale in (
        ("HER2", "ERBB2", "HER2-M-V", 2),
        ("EGFR", "EGFR", "EGFR-R-V", 3),
        ("PTEN", "PTEN", "PTEN-R-V", 1.3),
        ("EIF4EBP1", "EIF4EBP1", "4E-BP1-R-V", 2),
    ):
        for line in ("SKBR3", "HCC1569", "MCF10A"):
            expected = math.log(2) * (away(gene, line) + scale * away(antibody, line)) / 2
            assert math.isclose(LEVELS[line][entity], expected, rel_tol=1e-12, abs_tol=1e-12), (entity, line)


def test_rna_alone_microrna_and_weighted_terms() -> None:
    for line in ("AU565", "JIMT-1", "MCF10A"):
        ln2 = math.log(2)
        assert math.isclose(LEVELS[line]["IRS2"], ln2 * away("IRS2", line), rel_tol=1e-12)
        assert math.isclose(LEVELS[line]["miR128"], ln2 * away("hsa-miR-128", line), rel_tol=1e-12)
        mixed = 0.8 * away("DUSP6", line) + 0.2 * away("SPRY2", line)
        assert math.isclose(LEVELS[line]["DUSP6"], ln2 * mixed, rel_tol=1e-12)


def test_a_sum_that_is_not_tabulated_is_made_of_its_genes() -> None:
    FILE["both"] = {
        line: math.log2(2 ** FILE["FGFR1"][line] + 2 ** FILE["FGFR2"][line]) for line in FILE["FGFR1"]
    }
    for line in ("AU565", "SUM190PT"):
        assert math.isclose(LEVELS[line]["FGFR"], math.log(2) * away("both", line), rel_tol=1e-12)


def test_the_mean_over_the_amplified_lines_is_the_reference() -> None:
    for entity in ("HER2", "IGF1R", "AKT", "miR30a", "RB1"):
        mean = np.mean([row[entity] for line, row in LEVELS.items() if line != "MCF10A"])
        assert abs(mean) < 1e-12


def test_hormone_receptors_are_shares_of_the_highest_expresser() -> None:
    shares = panel_shares(OMICS)
    assert shares["MDA-MB-330"]["ESR1"] == 1
    assert shares["MDA-MB-453"]["AR"] == 1
    assert math.isclose(shares["BT474"]["ESR1"], 2 ** (3.789 - 5.757), rel_tol=1e-12)
    assert shares["SKBR3"]["ESR1"] == 0  # -1.109, at most -1
    assert math.isclose(shares["AU565"]["AR"], 2 ** (2.747 - 5.625), rel_tol=1e-12)


def test_the_shipped_numbers_are_those_of_the_source() -> None:
    table = SHARED / "measured" / "omics.csv"
    if not table.exists():
        pytest.skip(f"no {table}")
    with table.open() as file:
        source = list(csv.DictReader(file))
    for row in source:
        feature = row["genes"] if row["source"].endswith("RNAseq") else row["entity"]
        if feature in FILE:
            assert FILE[feature][row["cell_line"]] == float(row["value"])
    assert len(load_measured().lines) == 19


def test_what_a_pathway_lacks_is_left_out_in_one_place() -> None:
    kept = OMICS.of(ENTITIES)
    assert "HER2" in kept.entities
    assert "MET" not in kept.entities or "MET" in ENTITIES
    assert set(panel_levels(kept)["SKBR3"]) <= set(ENTITIES)
    assert set(OMICS.of(("HER2",)).entities) == {"HER2"}


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("group", "nobody", "group 'nobody'"),
        ("genes", "ERBB2=0.4", "add up to 0.9"),
        ("mode", "x", "mode is 'x'"),
    ],
)
def test_a_map_that_contradicts_itself_is_refused(tmp_path: Path, column: str, text: str, said: str) -> None:
    header, first, *_ = (FOLDER / "omics_map.tsv").read_text().splitlines()
    row = dict(zip(header.split("\t"), first.split("\t"))) | {column: text}
    (tmp_path / "map.tsv").write_text(f"{header}\n" + "\t".join(row.values()) + "\n")
    with pytest.raises(InputError, match=said):
        load_omics_map(tmp_path / "map.tsv")
