"""Intervals cover, p-values are uniform without interaction, and neither depends on the neighbours."""

import numpy as np
import pytest

from screen.errors import InputError
from screen.synergy.plates.block import PlateBlock
from screen.synergy.plates.bootstrap import smooth_batch
from screen.synergy.plates.intervals import add_intervals, interval_of_best
from screen.synergy.plates.score_plates import score_blocks
from screen.synergy.plates.significance import adjust, significance
from screen.synergy.potency.potency import potencies
from screen.synergy.score import score_matrices
from tests.synergy.known_matrices import doses, independent

CONC = doses(size=6)
COUNT, ROUNDS = 40, 40


def surfaces(power=1.0):
    rng = np.random.default_rng(3)
    found = []
    for _ in range(COUNT):
        ends, halves, slopes = rng.uniform(0, 0.5, 2), 10 ** rng.uniform(1, 3, 2), rng.uniform(0.7, 2, 2)
        matrix = independent(CONC, CONC, *zip(ends, halves, slopes))
        matrix[1:, 1:] **= power
        found.append(matrix)
    return np.array(found)


def blocks_of(viability, replicates=1, noise=0.04, seed=0):
    rng = np.random.default_rng(seed)
    wells = viability[..., None] + noise * rng.normal(size=(*viability.shape, replicates))
    return [PlateBlock(f"b{k}", "A", "B", "", CONC, CONC, "nM", w) for k, w in enumerate(wells)]


@pytest.mark.slow
@pytest.mark.parametrize("replicates", [1, 3])
def test_intervals_cover_and_p_values_are_level(replicates):
    truth = surfaces()
    blocks = blocks_of(truth, replicates)
    summary, _ = score_blocks(blocks, ("bliss",))
    found = add_intervals(summary, blocks, ("bliss",), ROUNDS)
    covered = np.mean((found.bliss_low <= 0) & (found.bliss_high >= 0))
    assert 0.85 <= covered <= 1.0
    assert np.mean(found.bliss_p < 0.05) <= 0.12
    assert np.mean(found.bliss_p < 0.5) == pytest.approx(0.5, abs=0.2)
    assert np.mean(found.bliss_q < 0.05) <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize("power", [1.0, 1.5])
def test_intervals_of_best_windows_and_of_css_cover(power):
    """Without interaction, where all windows are as good as the best, and with: 80 matrices, 40 rounds."""
    truth = np.concatenate([surfaces(power)] * 2)
    blocks = blocks_of(truth)
    conc = np.tile(CONC, (len(truth), 1))
    summary, _ = score_blocks(blocks, ("hsa", "bliss"), strength=True)
    found = add_intervals(summary, blocks, ("hsa", "bliss"), ROUNDS)
    true = {f"{name}_max": score.best for name, score in score_matrices(truth, conc, conc).items()}
    true["css"] = potencies(truth, conc, conc)["css"]
    for name in ("hsa_max", "bliss_max", "css"):
        covered = (found[f"{name}_low"] <= true[name]) & (true[name] <= found[f"{name}_high"])
        assert covered.mean() >= 0.89, name
        assert (found[f"{name}_low"] <= found[name]).all()
        assert (found[name] <= found[f"{name}_high"]).mean() > 0.9


def test_the_interval_of_a_best_window_is_that_of_the_window_where_there_is_one():
    random = np.random.default_rng(1)
    drawn = 3.0 + 2.0 * random.normal(size=(4000, 5, 1))
    low, high = interval_of_best(np.full((5, 1), 7.0), np.full((5, 1), 3.0), drawn)
    np.testing.assert_allclose(low, 7.0 - 1.96 * 2.0, atol=0.3)
    np.testing.assert_allclose(high, 7.0 + 1.96 * 2.0, atol=0.3)
    assert np.isnan(interval_of_best(np.full((2, 3), np.nan), np.zeros((2, 3)), np.zeros((9, 2, 3)))).all()
    assert np.isnan(interval_of_best(np.zeros((2, 0)), np.zeros((2, 0)), np.zeros((9, 2, 0)))).all()


@pytest.mark.slow
def test_tests_of_single_cells_and_of_the_surface_are_level():
    """Without interaction each p-value falls below 0.1 about one time in ten, few draws or not."""
    viability = np.concatenate([surfaces()] * 3) + 0.04 * np.random.default_rng(5).normal(size=(120, 6, 6))
    conc = np.tile(CONC, (120, 1))
    batch, smooth = smooth_batch(viability, conc, conc)
    names = [str(k) for k in range(120)]
    found = significance(batch, smooth.surface, smooth.sigma, names, ["bliss"], 40)["bliss"]
    for p in (found.mean, found.maximum, found.surface):
        assert 0.03 <= np.mean(p < 0.1) <= 0.19


@pytest.mark.slow
def test_synergy_is_found():
    blocks = blocks_of(surfaces(1.5))[:10]
    summary, _ = score_blocks(blocks, ("bliss", "zip"))
    found = add_intervals(summary, blocks, ("bliss", "zip"), ROUNDS)
    assert (found.bliss_low > 0).mean() > 0.8
    assert (found.bliss_q < 0.05).mean() > 0.8
    assert (found.bliss_p_max < 0.05).mean() > 0.5


@pytest.mark.slow
def test_a_block_has_the_same_draws_whatever_stands_beside_it():
    blocks = blocks_of(surfaces())[:4]
    summary, _ = score_blocks(blocks, ("bliss",))
    together = add_intervals(summary, blocks, ("bliss",), 20)
    alone = add_intervals(summary.iloc[2:3].reset_index(drop=True), blocks[2:3], ("bliss",), 20)
    assert together.bliss_low[2] == pytest.approx(alone.bliss_low[0], abs=1e-9)
    assert together.bliss_p[2] == pytest.approx(alone.bliss_p[0], abs=1e-9)


@pytest.mark.slow
def test_every_score_gets_an_interval():
    blocks = blocks_of(surfaces(1.2))[:2]
    models = ("hsa", "bliss", "loewe", "zip", "musyc", "braid")
    summary, _ = score_blocks(blocks, models)
    found = add_intervals(summary, blocks, models, 20)
    for name in (
        *models,
        "bliss_max",
        "musyc_beta",
        "musyc_alpha12",
        "braid_kappa",
        "ic50_1",
        "ec50_2",
        "css",
    ):
        assert {f"{name}_low", f"{name}_high"} <= set(found.columns), name
    assert (found.css_low <= found.css_high).all()


def test_adjusted_p_values():
    from scipy.stats import false_discovery_control

    p = np.array([[0.01, 0.02, np.nan], [0.03, 0.5, 0.001]])
    known = ~np.isnan(p)
    for method in ("bh", "by"):
        np.testing.assert_allclose(adjust(p, method)[known], false_discovery_control(p[known], method=method))
        assert np.isnan(adjust(p, method)[0, 2])
    assert adjust(p, "holm")[1, 2] == pytest.approx(0.005)
    with pytest.raises(InputError, match="expected 'bh'"):
        adjust(p, "bonferoni")
