"""Free values: medians at score 0, factors of lines from levels, and nothing in them that a fit has found."""

from dataclasses import replace

import numpy as np
import pytest

from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.calibration.free_values import (
    DERIVATIVE,
    DEVIATION,
    EXPONENT,
    FRACTION,
    LOGARITHM,
    SHIFT,
    UNSPECIFIC,
    FreeValues,
    ModelQuantity,
    free_values,
)
from screen.pathway import Assay, Pathway, load_pathway

POTENCIES = [ModelQuantity("K_lapatinib_HER2"), ModelQuantity("K_lapatinib_EGFR")]


@pytest.fixture(scope="module")
def free(abundance: AbundancePrior) -> FreeValues:
    return free_values(load_pathway(), abundance)


def place(free: FreeValues, kind: str, name: str, line: str = "") -> int:
    return next(k for k, i in enumerate(free.items) if (i.kind, i.name, i.line) == (kind, name, line))


def at(free: FreeValues, quantity: ModelQuantity, **scores: float) -> float:
    """A quantity where the items of these places, as `_3=1.0`, have these scores."""
    row = np.zeros((1, len(free)))
    for name, score in scores.items():
        row[0, int(name[1:])] = score
    return float(free.values(row)[0, free.quantities.index(quantity)])


def test_shared_values_have_their_median_at_score_0_and_stay_between_their_bounds(free: FreeValues) -> None:
    pathway = load_pathway()
    rng = np.random.default_rng(1)
    drawn = free.values(free.sample(rng, 400))
    for column, quantity in enumerate(free.quantities):
        known = pathway.parameters.get(quantity.name)
        if quantity.line or known is None:
            continue
        middle = known.upper / 2 if known.lower == 0 else np.sqrt(known.lower * known.upper)
        assert at(free, quantity) == pytest.approx(middle)
        assert drawn[:, column].min() >= known.lower * (1 - 1e-12)
        assert drawn[:, column].max() <= known.upper * (1 + 1e-12)


def test_a_drugs_shift_moves_all_its_potencies_alike_and_within_ten_fold(free: FreeValues) -> None:
    measured = load_pathway().drugs["lapatinib"].measured_nM
    shift = place(free, SHIFT, "lapatinib")
    for quantity, target in zip(POTENCIES, ("HER2", "EGFR"), strict=True):
        assert at(free, quantity) == pytest.approx(measured[target] * np.exp(0.5))
        moved = at(free, quantity, **{f"_{shift}": -1.0})
        assert moved == pytest.approx(measured[target] * np.exp(0.5 - 0.9))
        assert 9.9 < at(free, quantity, **{f"_{shift}": 4.0}) / measured[target] < 10
    antibody = ModelQuantity("K_trastuzumab_HER2_IV")
    assert at(free, antibody) == pytest.approx(load_pathway().drugs["trastuzumab"].measured_nM["HER2_IV"])


def test_an_unspecific_target_has_a_shift_of_its_own(abundance: AbundancePrior) -> None:
    pathway = load_pathway()
    drug = pathway.drugs["lapatinib"]
    toxic = {**drug.measured_nM, "unspecific": 3e4}
    drug = replace(drug, targets=tuple(toxic), measured_nM=toxic, potency_nM=toxic)
    free = free_values(replace(pathway, drugs={**pathway.drugs, "lapatinib": drug}), abundance)
    own = place(free, UNSPECIFIC, "lapatinib")
    quantity = ModelQuantity("K_lapatinib_unspecific")
    assert at(free, quantity, **{f"_{own}": 1.0}) == pytest.approx(3e4 * np.exp(1.0))
    assert at(free, quantity, **{f"_{place(free, SHIFT, 'lapatinib')}": 1.0}) == 3e4
    assert at(free, POTENCIES[0], **{f"_{own}": 1.0}) == at(free, POTENCIES[0])


def test_a_lines_factor_is_its_level_by_the_groups_exponent_and_its_own_deviation(free: FreeValues) -> None:
    exponent, own = place(free, EXPONENT, "receptor"), place(free, DEVIATION, "HER2", "BT474")
    quantity = ModelQuantity("HER2", "BT474")
    assert at(free, quantity) == pytest.approx(np.exp(0.4 * 0.4))
    assert at(free, quantity, **{f"_{exponent}": 1.0}) == pytest.approx(np.exp(0.6 * 0.4))
    assert at(free, quantity, **{f"_{own}": 2.0}) == pytest.approx(np.exp(0.4 * 0.4 + 2 * 0.3))
    assert at(free, quantity, **{f"_{exponent}": -4.0}) == 1, "an exponent is never below 0"
    assert at(free, ModelQuantity("HER2", "HCC1954"), **{f"_{own}": 2.0}) == pytest.approx(np.exp(-0.4 * 0.3))


def test_a_line_without_a_level_deviates_further(free: FreeValues) -> None:
    assert free.items[place(free, DEVIATION, "HER2", "SKBR3")].sd == 0.6
    assert free.items[place(free, DEVIATION, "EGFR", "SKBR3")].sd == 0.3


def test_a_derivative_has_its_parents_factor_times_its_own(free: FreeValues) -> None:
    child, parent = "BT474-HR20", "BT474"
    moved = {f"_{place(free, DEVIATION, 'SRC', parent)}": 1.5}
    assert at(free, ModelQuantity("HER2", child)) == at(free, ModelQuantity("HER2", parent))
    ratio = at(free, ModelQuantity("SRC", child), **moved) / at(free, ModelQuantity("SRC", parent), **moved)
    assert ratio == pytest.approx(2.5)
    own = {f"_{place(free, DERIVATIVE, 'SRC', child)}": 1.0}
    assert at(free, ModelQuantity("SRC", child), **own) == pytest.approx(
        at(free, ModelQuantity("SRC", child)) * np.exp(0.5)
    )


def test_derivatives_by_quantities_become_derivatives_by_scores(free: FreeValues) -> None:
    rng = np.random.default_rng(5)
    scores = rng.standard_normal((2, len(free)))
    weight = rng.standard_normal((2, len(free.quantities))) / free.values(scores)
    found = free.pulled(scores, weight)
    for number in range(len(free)):
        step = 1e-6 * np.eye(len(free))[number]
        turn = (free.values(scores + step) - free.values(scores - step)) / 2e-6
        np.testing.assert_allclose(found[:, number], (turn * weight).sum(axis=1), rtol=1e-4, atol=1e-6)


def test_what_the_model_lacks_is_skipped(free: FreeValues) -> None:
    names = {item.name for item in free.items}
    assert not names & {"nothing", "empty"}
    assert "nobody" not in {item.line for item in free.items}
    assert not free_values(load_pathway(), AbundancePrior()).level.size


def test_start_values_and_division_rates_are_not_free(assay: Assay, abundance: AbundancePrior) -> None:
    free = free_values(assay.pathway, abundance, assay.engine.states)
    shared = {item.name for item in free.items if item.kind in (LOGARITHM, FRACTION)}
    assert "k_death" in shared
    assert not shared & {*assay.engine.states, "k_birth"}


def test_nothing_that_a_calibration_found_before_is_in_the_priors(
    abundance: AbundancePrior, free: FreeValues
) -> None:
    """Shipped parameters, potencies and factors of mapped entities may be what they like."""
    other = free_values(shifted(load_pathway()), abundance)
    assert other.items == free.items
    scores = free.sample(np.random.default_rng(5), 3)
    np.testing.assert_array_equal(other.values(scores), free.values(scores))


def shifted(pathway: Pathway) -> Pathway:
    """The pathway as if another calibration had been shipped."""
    parameters = {
        name: replace(p, value=p.lower + 0.3 * (p.upper - p.lower)) if p.kind == "calibrated" else p
        for name, p in pathway.parameters.items()
    }
    drugs = {name: replace(drug, potency_nM=drug.measured_nM) for name, drug in pathway.drugs.items()}
    lines = {
        name: replace(line, values={key: value * 1.3 for key, value in line.values.items()})
        for name, line in pathway.cell_lines.items()
    }
    return replace(pathway, parameters=parameters, drugs=drugs, cell_lines=lines)


def test_draws_hold_every_lines_factors_and_the_exponents(free: FreeValues) -> None:
    draw = free.draw(np.zeros(len(free)))
    assert draw.exponents == {"receptor": 0.4, "loop": 0.3}
    for line in load_pathway().cell_lines:
        assert set(draw.lines[line]) == {"HER2", "EGFR", "SRC"}
    assert draw.values["K_lapatinib_HER2"] == pytest.approx(at(free, POTENCIES[0]))


def test_values_that_the_data_fix_count_and_those_of_the_prior_do_not(free: FreeValues) -> None:
    scores = free.sample(np.random.default_rng(2), 4000)
    before = free.effective(scores)
    assert abs(sum(before.values())) < 0.02 * len(free)
    scores[:, place(free, SHIFT, "lapatinib")] *= 0.1
    assert free.effective(scores)[SHIFT] - before[SHIFT] == pytest.approx(0.99, abs=0.05)
    assert sum(free.counts().values()) == len(free)
