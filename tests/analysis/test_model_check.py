"""The model's own linter: silent on errors for the built-in model, loud on each kind of broken one."""

from dataclasses import replace

import pytest

from screen.analysis import model_check
from screen.analysis.model_check import check_model
from screen.pathway import Pathway, load_pathway

PATHWAY = load_pathway()
FEW = replace(PATHWAY, cell_lines={name: PATHWAY.cell_lines[name] for name in ("SKBR3", "BT474", "JIMT-1")})


def edited(old: str, new: str) -> Pathway:
    assert old in FEW.network
    return replace(FEW, network=FEW.network.replace(old, new))


def with_unit(name: str, unit: str) -> Pathway:
    changed = replace(FEW.parameters[name], unit=unit)
    return replace(FEW, parameters={**FEW.parameters, name: changed})


@pytest.mark.slow
def test_the_built_in_model_has_no_errors_and_one_untreated_state_a_line() -> None:
    found = check_model(PATHWAY)
    assert [one for one in found if one.level == "error" or "bistable" in one.text] == []


def test_an_undeclared_symbol_and_an_unused_value_are_errors() -> None:
    broken = edited("EGF_free := EGF_medium + dose_EGF;", "EGF_free := EGF_medium + dose_EGGS;")
    found = [f"{f.where}: {f.text}" for f in model_check._symbols(broken)]
    assert "her2_igf1r.ant: 'dose_EGGS' is used but nowhere declared" in found
    assert "parameters.tsv: 'dose_EGF' is declared but nowhere used" in found


@pytest.mark.slow
@pytest.mark.parametrize(("name", "unit"), [("K_RAS_RAF", "1/h"), ("kd_mRNA", "nM"), ("break_IV", "nM")])
def test_a_wrong_unit_is_an_error(name: str, unit: str) -> None:
    errors = [found for found in check_model(with_unit(name, unit)) if found.level == "error"]
    assert {found.where for found in errors} == {"units"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "FOXO3A_off: FOXO3A_active -> FOXO3A_phospho;",
            "FOXO3A_off: FOXO3A_active -> 2 FOXO3A_phospho;",
            "",
        ),
        ("FOXO3A_off: FOXO3A_active -> FOXO3A_phospho;", "FOXO3A_off: FOXO3A_active -> IRS1;", ""),
        ("PIP3_lost: PIP3 -> ;", "PIP3_lost: -> ;", "PIP3: is made and never lost"),
    ],
)
def test_molecules_that_appear_or_vanish_are_errors(old: str, new: str, message: str) -> None:
    found = [f"{f.where}: {f.text}" for f in model_check._mass(edited(old, new))]
    assert (message or "FOXO3A_off: turns one molecule into another, or changes their number") in found


@pytest.mark.slow
def test_an_active_form_beyond_its_total_is_an_error() -> None:
    leaky = edited("(ERK_total - pERK)", "(2*ERK_total - pERK)")
    strong = leaky.with_values({"K_MEK_ERK": 1.0})
    assert any("pERK exceeds all ERK there is" in found.text for found in model_check._untreated(strong))


@pytest.mark.slow
def test_a_second_untreated_state_is_found_where_there_is_one() -> None:
    """SRC that activates itself steeply is a switch: it stays on from a high start."""
    pathway = edited("(SRC_total - pSRC)", "(SRC_total - pSRC)*(0.01 + pSRC^4/(pSRC^4 + 8^4))")
    pathway = pathway.with_values({"SRC_basal": 1.0, "pSRC": 0.1})
    notes = [found.text for found in model_check._untreated(pathway) if found.level == "note"]
    assert "bistable: a high start leads to another untreated state" in notes
