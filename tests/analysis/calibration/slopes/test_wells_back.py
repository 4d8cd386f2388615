"""What readings count reaches potencies through pressure, and every other quantity through rest and division."""

from dataclasses import replace

import numpy as np
import pytest

from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.calibration.calibrate import lay_out
from screen.analysis.calibration.rows.observations import Observations
from screen.analysis.calibration.slopes.wells_back import ReadingWeights, WellsBack
from screen.arrays import Floats
from screen.config.calibration import CalibrationConfig
from screen.kinetics import Model, compile_engine
from screen.pathway import Assay, load_pathway


@pytest.fixture(scope="module")
def laid_out(few: CalibrationConfig, abundance: AbundancePrior) -> tuple[Assay, Observations]:
    return lay_out(load_pathway(), abundance, few)


def test_cells_under_pressure_are_cells_under_the_drug(laid_out: tuple[Assay, Observations]) -> None:
    assay, _ = laid_out
    bare = compile_engine(Model(assay.pathway.source_under_pressure), assay.engine.readouts)
    given, pressed = np.array(assay.engine.defaults), np.array(bare.defaults)
    drug = assay.pathway.drugs["neratinib"]
    given[assay.engine.parameters.index("neratinib")] = 20.0
    for target in drug.targets:
        potency = given[assay.engine.parameters.index(f"K_neratinib_{target}")]
        pressed[bare.parameters.index(f"u_{target}")] = (20.0 / potency) ** drug.hill
    one = assay.engine.simulate([24, 72], given[None]).values
    np.testing.assert_allclose(bare.simulate([24, 72], pressed[None]).values, one, rtol=1e-9)
    assert len(bare.parameters) < 0.6 * len(assay.engine.parameters)


def test_each_quantity_turns_a_sum_of_readings_as_differences_say(
    laid_out: tuple[Assay, Observations],
) -> None:
    assay, observations = laid_out
    wells, free = observations.wells, observations.free
    back = WellsBack(assay, wells)
    values = free.values(np.zeros((1, len(free))))
    rng = np.random.default_rng(4)
    untreated = wells.untreated(values)
    reading = wells.dosed(untreated)
    cells, growth = rng.standard_normal(reading.cells.shape), rng.standard_normal(reading.growth.shape)

    def total(values: Floats) -> float:
        found = wells.read(values)
        return float((found.cells * cells).sum() + (found.growth * growth).sum())

    weights = replace(ReadingWeights.nought(reading), cells=cells, growth=growth)
    slopes = back.pulled(untreated, weights)[0]
    moved = sorted(set(wells.places.item.tolist()))
    felt = [item for item in moved if abs(slopes[item] * values[0, item]) > 0.05]
    assert any(free.quantities[item].name.startswith("K_neratinib") for item in felt)
    assert any(free.quantities[item].line for item in felt)
    for item in felt[:: max(1, len(felt) // 8)]:
        step = 1e-3 * values[0, item]
        there = np.repeat(values, 2, axis=0)
        there[:, item] += [-step, step]
        difference = (total(there[1:]) - total(there[:1])) / (2 * step)
        assert slopes[item] == pytest.approx(difference, rel=0.01, abs=0.02 / values[0, item])


def test_wells_that_no_weight_asks_about_count_for_nothing(laid_out: tuple[Assay, Observations]) -> None:
    assay, observations = laid_out
    wells = observations.wells
    untreated = wells.untreated(observations.free.values(np.zeros((2, len(observations.free)))))
    weights = ReadingWeights.nought(wells.dosed(untreated))
    assert (WellsBack(assay, wells).pulled(untreated, weights) == 0).all()
