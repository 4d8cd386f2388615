"""MuSyC of three and four drugs: beside the package `synergy`, and from noiseless tensors back to its
parameters."""

import itertools

import numpy as np
import pytest

from screen.synergy.many_drugs.musyc import evaluate, fit_tensors, occupancy, without_higher
from screen.synergy.many_drugs.musyc_states import MusycStates
from screen.synergy.models import musyc
from screen.synergy.score_tensors import score_tensors
from tests.synergy.known_matrices import doses


def truth(drugs: int, seed: int = 0) -> tuple[MusycStates, np.ndarray]:
    """Parameters of a surface whose sets reach at least as far as their subsets, midpoints about 100 nM."""
    rng, design = np.random.default_rng(seed), MusycStates(drugs)
    ends = np.ones(design.states)
    for s in range(1, design.states):
        subsets = [ends[s & ~(1 << k)] for k in design.members(s)]
        ends[s] = min(subsets) * rng.uniform(0.5, 0.95)
    hills, halves = rng.uniform(0.0, 0.7, drugs), np.log(100.0) + rng.uniform(-1, 1, drugs)
    alphas = rng.uniform(-1, 1.5 if drugs < 4 else 1.0, len(design.moves))
    return design, np.concatenate([ends, hills, halves, alphas])


def tensor(design: MusycStates, parameters: np.ndarray, size: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Doses `(size,)` and the viability `(dose_1, ..., dose_k)` of parameters."""
    conc = doses(size=size)
    with np.errstate(divide="ignore"):
        x = np.log(np.stack(np.meshgrid(*[conc] * design.drugs, indexing="ij"), axis=-1))
    y, _ = evaluate(design, parameters[None], x.reshape(1, -1, design.drugs))
    return conc, y.reshape((size,) * design.drugs)


def peer(design: MusycStates, parameters: np.ndarray):
    """The same surface in the package `synergy`."""
    from synergy.higher import MuSyC

    n, drugs = design.states, design.drugs
    named = {f"E_{','.join(name) or '0'}": end for name, end in zip(design.names, parameters)}
    for k in range(drugs):
        named[f"h_{k + 1}"], named[f"C_{k + 1}"] = np.exp(parameters[[n + k, n + drugs + k]])
    for (s, k), alpha in zip(design.moves, np.exp(parameters[n + 2 * drugs :])):
        named[f"alpha_{','.join(design.names[s])}_{k + 1}"] = alpha
    return MuSyC(num_drugs=drugs, **named)


@pytest.mark.parametrize("drugs", [3, 4])
def test_the_surface_is_that_of_the_synergy_package(drugs: int) -> None:
    for seed in range(4):
        design, parameters = truth(drugs, seed)
        wells = np.exp(np.random.default_rng(seed).uniform(0, 7, (40, drugs)))
        mine, _ = evaluate(design, parameters[None], np.log(wells)[None])
        np.testing.assert_allclose(mine[0], peer(design, parameters).E(wells), atol=1e-9)


@pytest.mark.parametrize("drugs", [3, 4])
def test_derivatives_are_those_of_differences(drugs: int) -> None:
    design, parameters = truth(drugs, 7)
    x = np.random.default_rng(1).uniform(0, 9, (1, 30, drugs))
    x[0, :8, 0], x[0, 4:12, 1] = -np.inf, -np.inf
    _, jacobian = evaluate(design, parameters[None], x)
    for k in range(design.parameters):
        step = np.zeros(design.parameters)
        step[k] = 1e-5
        up, down = (evaluate(design, (parameters + sign * step)[None], x)[0] for sign in (1, -1))
        np.testing.assert_allclose(jacobian[:, k], (up - down) / 2e-5, atol=1e-8)


@pytest.mark.parametrize(("drugs", "size", "seed"), [(3, 6, 0), (3, 5, 1), (4, 5, 0), (4, 5, 1), (4, 6, 2)])
def test_parameters_come_back_from_a_tensor_without_noise(drugs: int, size: int, seed: int) -> None:
    design, parameters = truth(drugs, seed)
    conc, v = tensor(design, parameters, size)
    found = fit_tensors(v[None], [conc[None]] * drugs)
    n = design.states
    np.testing.assert_allclose(found.alpha[0], np.exp(parameters[n + 2 * drugs :]), rtol=1e-3)
    np.testing.assert_allclose(found.hill[0], np.exp(parameters[n : n + drugs]), rtol=1e-3)
    np.testing.assert_allclose(found.half[0], np.exp(parameters[n + drugs : n + 2 * drugs]), rtol=1e-3)
    np.testing.assert_allclose(found.ends[0], parameters[:n], rtol=1e-3)
    ends = parameters[:n]
    for s in design.combinations:
        best = min(ends[s & ~(1 << k)] for k in design.members(s))
        beta = found.beta[f"beta_{design.names[s]}"][0]
        assert beta == pytest.approx((best - ends[s]) / (1 - best), rel=1e-3)
    assert found.r2[0] > 1 - 1e-9
    assert found.converged[0]


def test_a_drug_that_is_absent_leaves_the_model_of_the_others() -> None:
    """Of four drugs without the fourth the model of three, of three without the third that of two."""
    design, parameters = truth(4, 3)
    x = np.random.default_rng(1).uniform(0, 9, (1, 20, 4))
    x[:, :, 3] = -np.inf
    share = occupancy(design, parameters[None, 16:], x)
    three = MusycStates(3)
    place = {move: k for k, move in enumerate(design.moves)}
    alphas = [parameters[24 + place[move]] for move in three.moves]
    inner = np.concatenate([parameters[16:19], parameters[20:23], alphas])[None]
    np.testing.assert_allclose(share[..., :8], occupancy(three, inner, x[..., :3]), atol=1e-12)
    assert np.abs(share[..., 8:]).max() < 1e-9
    x[:, :, 2] = -np.inf
    share = occupancy(three, inner, x[..., :3])
    moves = dict(zip(three.moves, alphas))
    pair = np.concatenate([np.zeros(4), inner[0, [0, 1, 3, 4]], [moves[1, 1], moves[2, 0], 0, 0]])[None]
    _, jacobian = musyc.evaluate(pair, x[:, :, 0], x[:, :, 1])
    np.testing.assert_allclose(share[0, :, :4].T, jacobian[0, :4], atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("drugs", "order"), [(3, 2), (4, 2), (4, 3)])
def test_nothing_is_beyond_fewer_drugs_where_only_they_interact(drugs: int, order: int) -> None:
    design, parameters = truth(drugs, 5)
    plain = without_higher(design, parameters[None], order)[0]
    conc, v = tensor(design, plain)
    score = score_tensors(v, [conc] * drugs, ["musyc"], order=order)["musyc"]
    assert np.abs(score.beyond).max() < 0.1
    assert score.mean > 1
    plain[design.states - 1] *= 0.3
    conc, v = tensor(design, plain)
    assert score_tensors(v, [conc] * drugs, ["musyc"], order=order)["musyc"].mean_beyond > 0.4


def test_what_two_drugs_do_to_a_third_is_the_product_of_what_each_does() -> None:
    design, parameters = truth(4, 5)
    place = {move: 24 + k for k, move in enumerate(design.moves)}
    pairs, triples = (without_higher(design, parameters[None], order)[0] for order in (2, 3))
    for s, k in design.moves:
        singles = [parameters[place[1 << j, k]] for j in design.members(s)]
        assert pairs[place[s, k]] == pytest.approx(sum(singles))
        if len(singles) == 3:
            of_two = [t for t, drug in design.moves if drug == k and t & s == t and t.bit_count() == 2]
            assert triples[place[s, k]] == pytest.approx(
                sum(parameters[place[t, k]] for t in of_two) - sum(singles)
            )
        else:
            assert triples[place[s, k]] == parameters[place[s, k]]


def test_too_few_wells_are_said() -> None:
    for drugs, wells in ((3, 24), (4, 53)):
        conc = doses(size=2)
        score = score_tensors(np.ones((2,) * drugs), [conc] * drugs, ["musyc"])["musyc"]
        assert np.isnan(score.mean)
        assert f"fewer than {wells} wells" in score.reason.item()


def test_sets_are_named_by_their_drugs() -> None:
    design = MusycStates(3)
    assert design.names == ("", "1", "2", "12", "3", "13", "23", "123")
    assert design.parameters == 23
    assert MusycStates(4).parameters == 52
    every = set(itertools.chain.from_iterable((s, s | 1 << k) for s, k in design.moves))
    assert every == set(range(1, 8))
