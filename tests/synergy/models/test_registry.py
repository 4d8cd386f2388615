"""Every reference model says what it is: names, source, the unit and meaning of each quantity, a row in the docs."""

import re

import numpy as np
import pytest

from screen.cli.main import invoke
from screen.report.findings.references import LABELS, library
from screen.synergy import score_matrices, score_tensors
from screen.synergy.models.registry import MANY_DRUGS, MODELS, PLATE_MODELS, TESTED, quantity
from tests.paths import ROOT
from tests.synergy.known_matrices import doses, independent

DOCS = (ROOT / "docs" / "synergy.md").read_text()
EVERY = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
CONC = doses(size=6)


def test_the_lists_keep_their_order():
    assert PLATE_MODELS == ("hsa", "bliss", "loewe", "zip", "musyc", "braid")
    assert tuple(MANY_DRUGS) == ("hsa", "bliss", "loewe", "zip", "schindler", "musyc")
    assert tuple(TESTED) == ("hsa", "bliss", "loewe", "zip")


@EVERY
def test_a_model_has_names_of_its_own(model):
    for words in (model.name, model.title, model.label, model.null):
        assert words.strip() == words != ""
    for field in ("name", "title", "label", "null"):
        assert [getattr(other, field) for other in MODELS.values()].count(getattr(model, field)) == 1


@EVERY
def test_a_model_cites_its_paper(model):
    entry = library()[model.reference]
    assert entry.get("doi") == model.doi
    assert entry.get("author")
    assert entry.get("year").isdigit()
    assert LABELS[model.reference] == model.title


@EVERY
def test_a_model_has_a_row_in_the_docs(model):
    row = next(line for line in DOCS.splitlines() if line.startswith(f"| `{model.name}` |"))
    assert model.title in row
    assert model.doi in row


@EVERY
def test_every_quantity_has_a_unit_and_a_meaning(model):
    viability = independent(CONC, CONC, (0.3, 50.0, 1.0), (0.1, 900.0, 1.6))
    given = score_matrices(viability, CONC, CONC, [model.name])[model.name].parameters
    for name in given:
        about = quantity(name)
        assert about.unit in ("1", "nM", "percent points"), name
        assert len(about.meaning) > 10, name
    assert set(model.parameters) == {name for name in given if not name.endswith("_error")}


@pytest.mark.parametrize("name", MANY_DRUGS)
def test_every_quantity_of_three_drugs_has_a_unit_and_a_meaning(name):
    grid = np.meshgrid(CONC, CONC, CONC, indexing="ij")
    viability = np.prod([1 / (1 + dose / 100.0) for dose in grid], axis=0)
    given = score_tensors(viability, [CONC] * 3, [name])[name].parameters
    known = MANY_DRUGS[name].parameters(3)
    assert given.keys() == known.keys()
    assert all(about.unit and len(about.meaning) > 10 for about in known.values())


def test_an_error_is_described_by_its_quantity():
    assert quantity("musyc_log_C1_error").unit == "1"
    assert quantity("musyc_log_C1_error").meaning.startswith(
        "standard error of the natural logarithm of musyc_C1"
    )
    assert quantity("zimmer_a12_error").meaning.startswith("standard error of zimmer_a12")
    with pytest.raises(KeyError):
        quantity("musyc_omega")


def test_a_fitted_surface_leaves_degrees_of_freedom_for_what_it_fits():
    assert {name: model.surface_parameters for name, model in MODELS.items() if model.surface_parameters} == {
        "musyc": 12,
        "braid": 8,
        "zimmer": 6,
    }


@pytest.mark.parametrize("command", [["score", "--help"], ["schema"]], ids=" ".join)
def test_help_and_schema_name_every_model(command, capsys):
    assert invoke(command) == 0
    assert set(MODELS) <= set(re.findall(r"[a-z]+", capsys.readouterr().out))
