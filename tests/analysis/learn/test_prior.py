"""Members of the prior are the ensemble: its means and covariances, and what always goes together in it."""

import numpy as np
import pytest

from screen.analysis.fit_line.prior import line_prior
from screen.analysis.learn.prior import LearnPrior
from screen.analysis.learn.subjects import SubjectLine, subjects_of
from screen.errors import InputError
from screen.pathway import Assay, load_draws, load_pathway
from tests.analysis.learn.conftest import prior_of


def column(prior: LearnPrior, label: str) -> int:
    return [one.label for one in prior.items].index(label)


@pytest.mark.slow
def test_members_have_the_draws_means_and_correlations(
    plain_assay: Assay, subjects: dict[str, SubjectLine]
) -> None:
    prior = prior_of(plain_assay, subjects, 3000, 4)
    draws = load_draws()
    names = [one.name for one in prior.items if not one.line and one.scale == "logarithm" and not one.drug][
        :12
    ]
    mine = np.log(prior.natural(prior.scores)[:, [column(prior, name) for name in names]])
    theirs = np.log([[draw.values[name] for name in names] for draw in draws])
    assert mine.mean(axis=0) == pytest.approx(theirs.mean(axis=0), abs=0.12)
    assert np.corrcoef(mine.T) == pytest.approx(np.corrcoef(theirs.T), abs=0.12)


def test_potencies_of_one_drug_that_move_together_in_the_draws_do_in_the_members(prior: LearnPrior) -> None:
    a, b = column(prior, "K_lapatinib_HER2"), column(prior, "K_lapatinib_EGFR")
    draws = load_draws()
    theirs = np.log(
        [[draw.values[name] for name in ("K_lapatinib_HER2", "K_lapatinib_EGFR")] for draw in draws]
    )
    mine = np.log(prior.natural(prior.scores)[:, [a, b]])
    assert np.corrcoef(mine.T)[0, 1] == pytest.approx(np.corrcoef(theirs.T)[0, 1], abs=0.1)


def test_a_line_known_only_by_what_it_is_like_varies_as_lines_do(prior: LearnPrior) -> None:
    pathway = load_pathway()
    population = line_prior(pathway, pathway.cell_line("BT474"), 1.5)
    width = population.sd_ln[population.names.index("IGF1R")]
    assert width <= prior.items[column(prior, "MINE:IGF1R")].sd < 2 * width, "beside what the ensemble varies"


def test_what_a_line_does_not_have_stays_away(prior: LearnPrior) -> None:
    assert not [one for one in prior.items if one.label == "SKBR3:p95HER2"]
    assert prior.draw(prior.scores[0], 0).lines["SKBR3"]["p95HER2"] == 0


def test_a_member_as_a_draw_holds_what_the_ensemble_holds(prior: LearnPrior) -> None:
    first, draw = load_draws()[0], prior.draw(prior.scores[0], 0)
    assert first.values.keys() <= draw.values.keys()
    for line, own in first.lines.items():
        assert own.keys() <= draw.lines[line].keys(), line


def test_a_knock_down_shares_the_abundances_of_its_line() -> None:
    pathway = load_pathway()
    variant = pathway.cell_line("BT474").__class__("BT474-siFOXO3A", {}, parent="BT474")
    [found] = subjects_of(pathway, ["BT474-siFOXO3A"], [variant], [{"FOXO3A": 0.3}], {}).values()
    assert found.origin == "BT474"
    assert found.perturbation == {"FOXO3A": 0.3}


def test_a_line_that_nobody_knows_is_refused_with_what_to_do() -> None:
    with pytest.raises(InputError, match="around"):
        subjects_of(load_pathway(), ["NOBODY-1"], [], [], {})
