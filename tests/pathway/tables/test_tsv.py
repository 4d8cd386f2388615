"""The pathway's tables: complete, sourced, within bounds, and quick to load."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from screen.errors import InputError
from screen.pathway import load_pathway
from screen.pathway.tables.assemble import targets_of
from screen.pathway.tables.cell_lines import load_cell_lines
from screen.pathway.tables.drugs import load_drugs
from screen.pathway.tables.parameters import load_parameters
from screen.pathway.tables.tsv import FOLDER, read_table
from tests.paths import ROOT

PATHWAY = load_pathway()

MEDIA = {"insulin_medium", "EGF_medium"}
NEEDED_DRUGS = [
    "trastuzumab",
    "pertuzumab",
    "lapatinib",
    "neratinib",
    "tucatinib",
    "gefitinib",
    "linsitinib",
    "BMS-754807",
    "NVP-AEW541",
    "BMS-536924",
    "figitumumab",
    "dalotuzumab",
    "ganitumab",
    "xentuzumab",
    "alpelisib",
    "taselisib",
    "pictilisib",
    "buparlisib",
    "copanlisib",
    "MK-2206",
    "ipatasertib",
    "capivasertib",
    "everolimus",
    "sapanisertib",
    "torin2",
    "trametinib",
    "selumetinib",
    "dasatinib",
    "saracatinib",
    "vorinostat",
    "tacrolimus",
    "ciclosporin",
    "GSK2334470",
]
NEEDED_LINES = [
    "SKBR3",
    "BT474",
    "AU565",
    "SKBR3-pool2",
    "BT474-HR20",
    "HCC1954",
    "HCC1569",
    "HCC1419",
    "HCC202",
    "HCC2218",
    "JIMT-1",
    "MDA-MB-453",
    "MDA-MB-361",
    "MDA-MB-330",
    "UACC-812",
    "UACC-893",
    "ZR-75-30",
    "EFM-192A",
    "SUM190PT",
    "SUM225CWN",
    "KPL-4",
    "MCF10A",
]


def test_every_drug_and_line_of_the_design_is_there() -> None:
    assert set(NEEDED_DRUGS) <= set(PATHWAY.drugs)
    assert set(NEEDED_LINES) <= set(PATHWAY.cell_lines)


def test_the_reference_is_the_mean_of_the_amplified_lines_that_were_measured() -> None:
    """Factors follow levels relative to their mean: what calibration adds to a line averages out nearly."""
    lines = [line for line in PATHWAY.cell_lines.values() if line.name != "MCF10A" and not line.parent]
    for entity in ("HER2", "HER3", "IGF1R", "AKT", "ERK"):
        assert abs(np.mean(np.log([line.values[entity] for line in lines]))) < 0.25, entity


@pytest.mark.parametrize(("derivative", "parent"), [("SKBR3-pool2", "SKBR3"), ("BT474-HR20", "BT474")])
def test_resistance_is_set_by_its_input_alone(derivative: str, parent: str) -> None:
    own = PATHWAY.cell_line(derivative)
    inherited = PATHWAY.cell_line(parent).values
    changed = {name for name, value in own.values.items() if inherited.get(name) != value}
    assert own.parent == parent
    assert changed <= {"SRC", "STAT5", "HDAC1", "k_birth"}


def test_lines_differ_by_abundances_mutations_media_and_growth_only() -> None:
    for line in PATHWAY.cell_lines.values():
        assert set(line.values) <= {*PATHWAY.entities, *MEDIA, "k_birth"}, line.name


def test_every_parameter_is_used_and_every_entity_has_its_factor() -> None:
    for parameter in PATHWAY.parameters:
        assert parameter in PATHWAY.network, parameter
    for entity in PATHWAY.entities:
        assert f"f_{entity}" in PATHWAY.parameters


def test_every_target_of_the_network_is_hit_by_a_drug() -> None:
    hit = {target for drug in PATHWAY.drugs.values() for target in drug.targets}
    assert targets_of(PATHWAY.network) == hit


@pytest.mark.slow
def test_loading_takes_no_heavy_library() -> None:
    code = (
        "import sys, screen.pathway as p; p.load_pathway(); "
        "heavy = {'pandas', 'libsbml', 'antimony', 'scipy.stats', 'scipy.special', 'llvmlite', 'xarray'}; "
        "heavy &= set(sys.modules); "
        "sys.exit(', '.join(heavy) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_table_says_where_it_is_wrong(tmp_path: Path) -> None:
    short = write(tmp_path, "t.tsv", "id\tvalue\nx\n")
    with pytest.raises(InputError, match=r"t\.tsv:2: 1 fields, expected 2"):
        read_table(short, ["id", "value"])
    twice = write(tmp_path, "t.tsv", "id\tvalue\nx\t1\nx\t2\n")
    with pytest.raises(InputError, match=r"t\.tsv:3: id 'x' is empty or a duplicate"):
        read_table(twice, ["id", "value"])
    with pytest.raises(InputError, match="no column 'values'; did you mean 'value'"):
        read_table(twice, ["id", "values"])


def test_a_measured_value_needs_a_source(tmp_path: Path) -> None:
    header = "id\tvalue\tunit\tlower\tupper\tkind\tsource\tnote\n"
    with pytest.raises(InputError, match="k: a measured value without a source"):
        load_parameters(write(tmp_path, "p.tsv", header + "k\t1\tnM\t0\t2\tmeasured\t\t\n"))
    with pytest.raises(InputError, match="k: value 3 outside of its bounds 0 to 2"):
        load_parameters(write(tmp_path, "p.tsv", header + "k\t3\tnM\t0\t2\tassumed\t\t\n"))
    with pytest.raises(
        InputError, match="k: kind is 'guessed', expected one of measured, calibrated, assumed"
    ):
        load_parameters(write(tmp_path, "p.tsv", header + "k\t1\tnM\t0\t2\tguessed\t\t\n"))


def test_a_potency_stays_near_its_measurement(tmp_path: Path) -> None:
    table = ROOT / "screen" / "pathway" / "data" / "drugs.tsv"
    header, first, *_ = table.read_text().splitlines()
    fields = first.split("\t")
    fields[header.split("\t").index("potency_nM")] = "HER2_IV=500"
    with pytest.raises(InputError, match="HER2_IV 500 nM is over 10-fold off its measured"):
        load_drugs(write(tmp_path, "d.tsv", header + "\n" + "\t".join(fields) + "\n"))


def test_a_line_knows_its_names(tmp_path: Path) -> None:
    header = "name\tparent\tcellosaurus\tdoubling_h\tvalues\tsource\tnote\n"
    with pytest.raises(InputError, match="'HER9' is neither an entity nor a parameter"):
        load_cell_lines(frozenset({"HER2"}), write(tmp_path, "c.tsv", header + "A\t\t\t40\tHER9=1\tx\t\n"))
    with pytest.raises(InputError, match="parent 'B' is not defined above it"):
        load_cell_lines(frozenset({"HER2"}), write(tmp_path, "c.tsv", header + "A\tB\t\t40\t\tx\t\n"))


@pytest.mark.parametrize("table", sorted(FOLDER.glob("*.tsv")), ids=lambda path: path.name)
def test_a_table_names_no_source_that_a_user_cannot_reach(table: Path) -> None:
    named = set(re.findall(r"[\w./-]+\.md\b", table.read_text(encoding="utf-8")))
    assert named <= {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")}
