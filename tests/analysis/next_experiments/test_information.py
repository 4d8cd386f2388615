"""Expected information against closed forms: linear signals of normal answers, and a choice between two."""

import numpy as np
import pytest
import scipy

from screen.analysis.next_experiments.information import (
    Known,
    Question,
    certainty,
    directions,
    expected_bits,
    learnt_from,
    left_over,
)

COUNT = 4000


@pytest.fixture(scope="module")
def members() -> tuple[np.ndarray, np.ndarray]:
    """Three independent parameters, and a matrix of signals that depend on them linearly."""
    rng = np.random.default_rng(1)
    return rng.standard_normal((COUNT, 3)), rng.standard_normal((3, 4))


def bits(design: np.ndarray, noise: float) -> float:
    """I(parameters; design' parameters + noise), closed form (Lindley 1956)."""
    return 0.5 * np.linalg.slogdet(np.eye(3) + design @ design.T / noise**2)[1] / np.log(2)


@pytest.mark.parametrize("noise", [0.3, 1.0, 3.0])
def test_of_parameters_it_is_the_closed_form(members: tuple[np.ndarray, np.ndarray], noise: float) -> None:
    parameters, design = members
    rng = np.random.default_rng(2)
    signals = directions(parameters @ design, noise**2 * np.eye(4), rng)
    expected = bits(design, noise)
    everything = Known.nothing(Question("all", np.empty((COUNT, 0))))
    assert expected_bits(everything, signals) == pytest.approx(expected, rel=0.05, abs=0.03)
    named = Known.nothing(Question("named", parameters))
    assert expected_bits(named, signals) == pytest.approx(expected, rel=0.05, abs=0.03)


def test_a_batch_tells_what_its_parts_tell_together(members: tuple[np.ndarray, np.ndarray]) -> None:
    parameters, design = members
    rng = np.random.default_rng(3)
    parts = [directions(parameters @ design[:, [k]], 0.25 * np.eye(1), rng) for k in range(4)]
    known, total = Known.nothing(Question("all", np.empty((COUNT, 0)))), 0.0
    for number in range(4):
        total += expected_bits(known, parts[0])
        known, parts = learnt_from(known, parts[0], parts[1:])
        assert total == pytest.approx(bits(design[:, : number + 1], 0.5), rel=0.05, abs=0.03)


def test_the_same_well_again_tells_less(members: tuple[np.ndarray, np.ndarray]) -> None:
    parameters, design = members
    rng = np.random.default_rng(4)
    signal = parameters @ design[:, [0]]
    one, again = (directions(signal, 0.01 * np.eye(1), rng) for _ in range(2))
    known = Known.nothing(Question("first", parameters[:, :1]))
    first = expected_bits(known, one)
    known, [again] = learnt_from(known, one, [again])
    assert expected_bits(known, again) < 0.25 * first


def test_a_choice_between_two_is_the_closed_form() -> None:
    """The lower of two normal answers, whose difference is seen with noise: the sign of a normal number."""
    rng = np.random.default_rng(5)
    answers, noise = rng.standard_normal((COUNT, 2)), 0.7
    difference = answers[:, :1] - answers[:, 1:]
    signals = directions(difference, noise**2 * np.eye(1), rng)
    known = Known.nothing(Question("best", answers, (np.array([0, 1]),)))
    found = expected_bits(known, signals)
    spread = np.sqrt(2.0)
    gain = spread**2 / (spread**2 + noise**2)
    left = spread * np.sqrt(1 - gain)

    def entropy(z: float) -> float:
        p = scipy.stats.norm.cdf(gain * z * np.sqrt(spread**2 + noise**2) / left)
        terms = [q * np.log2(q) for q in (p, 1 - p) if q > 0]
        return -sum(terms) * scipy.stats.norm.pdf(z)

    expected = 1 - scipy.integrate.quad(entropy, -8, 8, limit=200)[0]
    assert found == pytest.approx(expected, abs=0.06)
    after, _ = learnt_from(known, signals, [])
    assert certainty(after) > certainty(known) + 0.2


def test_noise_that_has_nothing_to_do_with_the_question_tells_nothing() -> None:
    rng = np.random.default_rng(6)
    answers, other = rng.standard_normal((256, 6)), rng.standard_normal((256, 20))
    known = Known.nothing(Question("best", answers, (np.arange(6),)))
    told = [expected_bits(known, directions(other[:, [k]], 0.01 * np.eye(1), rng)) for k in range(20)]
    assert np.mean(told) < 0.05


def test_what_one_half_of_the_members_says_is_judged_by_the_other() -> None:
    rng = np.random.default_rng(7)
    answers = rng.standard_normal((128, 1))
    signals = directions(answers, 0.25 * np.eye(1), rng)
    spurious = [directions(rng.standard_normal((128, 1)), 0.25 * np.eye(1), rng) for _ in range(20)]
    expected = 0.5 * np.log2(1 + 4)
    assert left_over(Question("it", answers), [signals]) == pytest.approx(expected, abs=0.25)
    assert left_over(Question("it", answers), spurious) < 0.1
