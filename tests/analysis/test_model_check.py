"""The model's own linter: silent on errors for the built-in model, loud on a broken one."""

from dataclasses import replace

from screen.analysis.model_check import check_model
from screen.pathway import load_pathway

PATHWAY = load_pathway()


def test_the_built_in_model_has_no_errors() -> None:
    assert [finding for finding in check_model(PATHWAY) if finding.level == "error"] == []


def test_an_undeclared_symbol_and_an_unused_value_are_errors() -> None:
    network = PATHWAY.network.replace(
        "EGF_free := EGF_medium + dose_EGF;", "EGF_free := EGF_medium + dose_EGGS;"
    )
    texts = [
        finding.text for finding in check_model(replace(PATHWAY, network=network)) if finding.level == "error"
    ]
    assert "'dose_EGGS' is used but nowhere declared" in texts
    assert "'dose_EGF' is declared but nowhere used" in texts
