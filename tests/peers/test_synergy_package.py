"""Agreement with software that we did not write: the PyPI package `synergy` and SynergyFinder 3.15.0."""

import warnings

import numpy as np
import pytest

from screen.synergy import score_matrices
from screen.synergy.plates.read_plates import read_plates


@pytest.mark.parametrize("model", ["hsa", "bliss"])
def test_hsa_and_bliss_equal_synergyfinder(blocks, model):
    column = {"hsa": "HSA_synergy", "bliss": "Bliss_synergy"}[model]
    for block in blocks:
        score = score_matrices(block.viability, block.conc_1, block.conc_2, [model])[model]
        np.testing.assert_allclose(score.excess, block.peer[column], atol=1e-6)
        assert score.mean == pytest.approx(block.summary[model], abs=1e-6)
        assert score.best == pytest.approx(block.summary[f"{model}_msa3x3"], abs=1e-6)


@pytest.mark.parametrize("name", ["mathews-viability.csv", "decrease-18-inhibition.csv"])
def test_hsa_and_bliss_equal_the_synergy_package_on_every_plate(shared, name):
    from synergy.combination import HSA, Bliss

    for block in read_plates(shared / "plates" / name).blocks:
        scores = score_matrices(block.viability, block.conc_1, block.conc_2, ["hsa", "bliss"])
        first, second = np.meshgrid(block.conc_1, block.conc_2, indexing="ij")
        for model, peer in (("hsa", HSA), ("bliss", Bliss)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                theirs = peer().fit(first.ravel(), second.ravel(), block.viability.ravel())
            excess = scores[model].excess
            np.testing.assert_allclose(
                excess, 100 * theirs.reshape(excess.shape), atol=1e-6, err_msg=block.name
            )


def test_loewe_equals_the_synergy_package_where_both_drugs_reach_the_effect():
    """With the same noise-free curves both tools solve the same equation; the peer minimises a square by a
    bounded search whose steps end at about 1e-3 points."""
    from synergy.combination import Loewe
    from synergy.single import Hill

    from tests.synergy.known_matrices import doses, hill

    conc = doses()
    viability = hill(conc, 0.1, 80.0, 1.2)[:, None] * hill(conc, 0.1, 700.0, 0.8)[None, :]
    first, second = np.meshgrid(conc, conc, indexing="ij")
    curves = Hill(E0=1, Emax=0.1, h=1.2, C=80.0), Hill(E0=1, Emax=0.1, h=0.8, C=700.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = Loewe(mode="delta_nan", drug1_model=curves[0], drug2_model=curves[1])
        theirs = model.fit(first.ravel(), second.ravel(), viability.ravel()).reshape(8, 8)
    score = score_matrices(viability, conc, conc, ["loewe"])["loewe"]
    np.testing.assert_allclose(score.excess, 100 * theirs, atol=0.01)
