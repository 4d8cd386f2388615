"""Hidden truths: parameter sets of the prior, and the plates that a laboratory would make of them."""

from collections.abc import Callable

import numpy as np
import pytest

from screen.analysis.calibration.abundance_prior import built_in_abundance
from screen.analysis.learn.prior import LearnPrior, learn_prior
from screen.analysis.learn.readings.plates import LearnPlate, learn_plate
from screen.analysis.learn.readings.wells import Simulator
from screen.analysis.learn.subjects import SubjectLine, subjects_of
from screen.pathway import Assay, load_draws, load_pathway

LINES = ("SKBR3", "BT474", "HCC1954", "MINE")
PARTNERS = ("linsitinib", "lapatinib", "everolimus")
DOSES = np.r_[0.0, np.geomspace(1, 500, 3)], np.r_[0.0, np.geomspace(10, 5000, 3)]
NOISE, GAIN = 0.04, 0.03
Make = Callable[..., list[LearnPlate]]


@pytest.fixture(scope="session")
def plain_assay() -> Assay:
    return Assay.compile(load_pathway(), ["pAKT_S473"])


@pytest.fixture(scope="session")
def subjects(plain_assay: Assay) -> dict[str, SubjectLine]:
    """Lines of which little is known: what plates tell of them does not hang on how narrow the ensemble is."""
    around = {line: (line, 1.5) for line in LINES[:-1]} | {"MINE": ("BT474", 1.5)}
    return subjects_of(plain_assay.pathway, LINES, [], [], around)


def prior_of(assay: Assay, subjects: dict[str, SubjectLine], members: int, seed: int) -> LearnPrior:
    return learn_prior(assay.pathway, built_in_abundance(), load_draws(), subjects, members, seed)


@pytest.fixture(scope="session")
def prior(plain_assay: Assay, subjects: dict[str, SubjectLine]) -> LearnPrior:
    return prior_of(plain_assay, subjects, 96, 1)


@pytest.fixture(scope="session")
def truths(plain_assay: Assay, subjects: dict[str, SubjectLine], prior: LearnPrior) -> np.ndarray:
    """Parameter sets (12, D) of the same prior, as scores of `prior`, whose members know nothing of them."""
    hidden = prior_of(plain_assay, subjects, 12, 99)
    assert [one.label for one in hidden.items] == [one.label for one in prior.items]
    mean, sd, _, _ = hidden._numbers
    center, width, _, _ = prior._numbers
    return (mean + sd * hidden.scores - center) / width


@pytest.fixture(scope="session")
def measured(plain_assay: Assay, prior: LearnPrior) -> Make:
    """Plates as a laboratory makes them of a truth: three replicates, a gain of each plate."""

    def make(truth: np.ndarray, pairs: list[tuple[str, str]], seed: int = 0) -> list[LearnPlate]:
        rng, found = np.random.default_rng(seed), []
        for line, partner in pairs:
            drugs = "trastuzumab", partner
            empty = learn_plate("", line, drugs, DOSES, np.zeros((4, 4, 1)), 72.0)
            viability = Simulator(plain_assay, prior, empty.rows).predict(truth[None])[0].reshape(4, 4, 1)
            wells = viability * np.exp(GAIN * rng.standard_normal()) + NOISE * rng.standard_normal((4, 4, 3))
            found.append(learn_plate(f"{line} {partner}", line, drugs, DOSES, wells, 72.0))
        return found

    return make
