"""Virtual plates: what their noise is, and that it is the same whatever else a screen holds."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from screen import runner
from screen.config.readouts import Replicates
from screen.errors import InputError
from screen.pathway import load_pathway
from screen.runner.execution.options import RunOptions
from screen.runner.plan.plan import make_plan
from screen.runner.simulate.virtual_plates import plate, plates_as_words
from tests.runner.conftest import ClosedForm, small

MATRIX = np.linspace(1.0, 0.2, 16).reshape(4, 4, 1)
MANY = 4000
GROWN = np.array([1.5])
NOISY: dict[str, Any] = {"number": 2, "seeding": 500, "noise": {"multiplicative": 0.05, "plate": 0.02}}


def plates(grown: np.ndarray | None = None, **asked: Any) -> np.ndarray:
    """(plate, dose, dose)"""
    random = np.random.default_rng(1)
    spec = Replicates.model_validate({"vehicle_wells": 100} | asked)
    return np.array([plate(MATRIX, grown, spec, random)[..., 0] for _ in range(MANY)])


@pytest.mark.slow
def test_multiplicative_noise_is_a_share_of_the_signal() -> None:
    found = plates(noise={"multiplicative": 0.1})
    np.testing.assert_allclose(found.mean(axis=0), MATRIX[..., 0], rtol=0.01)
    np.testing.assert_allclose(found.std(axis=0) / MATRIX[..., 0], np.hypot(0.1, 0.01), rtol=0.05)


@pytest.mark.slow
def test_additive_noise_is_the_same_everywhere() -> None:
    found = plates(noise={"additive": 0.05})
    np.testing.assert_allclose(found.mean(axis=0), MATRIX[..., 0], atol=0.004)
    np.testing.assert_allclose(found.std(axis=0), 0.05, rtol=0.05)


@pytest.mark.slow
def test_counted_cells_scatter_as_a_poisson_process() -> None:
    found = plates(GROWN, seeding=100)
    cells = 100 * np.exp(1.5)
    np.testing.assert_allclose(found.mean(axis=0), MATRIX[..., 0], rtol=0.01)
    expected = np.sqrt(MATRIX[..., 0] / cells + MATRIX[..., 0] ** 2 / cells / 100)
    np.testing.assert_allclose(found.std(axis=0), expected, rtol=0.06)


@pytest.mark.slow
def test_wells_of_a_plate_share_its_effect() -> None:
    ratio = plates(noise={"plate": 0.1}) / MATRIX[..., 0]
    np.testing.assert_allclose(ratio, ratio[:, :1, :1] * np.ones((4, 4)), rtol=1e-12)
    assert ratio[:, 0, 0].std() == pytest.approx(0.1, rel=0.05)
    assert ratio.mean() == pytest.approx(1, abs=0.01)


@pytest.mark.slow
def test_the_rim_of_the_plate_loses_signal() -> None:
    edge = {"multiplicative": 1e-9, "edge": 0.2}
    ratio = plates(noise=edge)[0] / MATRIX[..., 0]
    np.testing.assert_allclose(ratio[1:3, 1:3], 1, rtol=1e-6)
    np.testing.assert_allclose(ratio[[0, 3]], 0.8, rtol=1e-6)
    anywhere = plates(noise=edge | {"layout": "random"}) / MATRIX[..., 0]
    np.testing.assert_allclose((anywhere < 0.9).mean(axis=0), 12 / 16, atol=0.03)


def test_wells_that_failed_stay_missing() -> None:
    broken = MATRIX.copy()
    broken[1, 1] = np.nan
    spec = Replicates.model_validate({"seeding": 50})
    found = plate(broken, GROWN, spec, np.random.default_rng(0))
    assert np.isnan(found).sum() == 1
    assert np.isnan(found[1, 1, 0])


@pytest.mark.slow
def test_noise_is_keyed_by_names_and_not_by_how_the_work_is_divided(
    assay: type[ClosedForm], home: Path
) -> None:
    def measured(name: str, jobs: int = 1, **changes: Any) -> Any:
        cube = runner.open_cube(
            runner.run(small(replicates=NOISY, **changes), home / f"{name}.h5", RunOptions(jobs=jobs))
        )
        return cube["replicates"]["viability"].load()

    whole = measured("whole")
    assert whole.dims == ("cell_line", "combination", "dose_1", "dose_2", "time", "replicate")
    assert whole["replicate"].values.tolist() == [1, 2]
    assert np.all(whole.isel(replicate=0) != whole.isel(replicate=1))
    np.testing.assert_array_equal(measured("parts", 2, shard_simulations=1000), whole)
    alone = measured("alone", cell_lines=["JIMT-1"], combinations={"pairs": [["trastuzumab", "alpelisib"]]})
    np.testing.assert_array_equal(alone[0, 0], whole[2, 1])


@pytest.mark.slow
def test_noise_stands_beside_the_responses_and_changes_none(assay: type[ClosedForm], home: Path) -> None:
    plain = runner.open_cube(runner.run(small(), home / "plain.h5"))
    noisy = runner.open_cube(runner.run(small(replicates=NOISY, schedules=["concurrent"]), home / "noisy.h5"))
    np.testing.assert_array_equal(noisy["viability"].isel(schedule=0), plain["viability"])
    assert "multiplicative" in noisy["replicates"]["viability"].attrs["noise"]
    assert "growth_rate" in noisy.data_vars, "which counting needs"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"number": 3}, "replicates that differ in nothing"),
        ({"noise": {"edge": 0.1}}, "replicates that differ in nothing"),
        ({"seeding": 0}, "replicates.seeding: found 0"),
        ({"seeding": 10, "noise": {"aditive": 0.1}}, "unknown key 'aditive'.*did you mean 'additive'"),
        ({"noise": {"additive": -1}}, "replicates.noise.additive: found -1"),
    ],
)
def test_bad_replicates_are_one_line(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        small(replicates=asked)
    assert "\n" not in str(caught.value)


def test_a_plan_says_what_its_plates_are_like() -> None:
    plan = make_plan(small(replicates=NOISY), load_pathway())
    assert plan.outputs.replicates is not None
    noise = "multiplicative noise 0.05, plate effect 0.02, 500 cells seeded and counted"
    assert plates_as_words(plan.outputs.replicates) == f"2 of each matrix, 8 vehicle wells; {noise}"


@pytest.mark.slow
def test_gr_values_are_scored_when_asked(assay: type[ClosedForm], home: Path) -> None:
    from screen.synergy import score_cube

    cube = runner.open_cube(runner.run(small(scored="gr_value", readouts=["viability"])))
    expected = score_cube(cube.to_dataset().load(), ("bliss",), readout="gr_value")
    np.testing.assert_allclose(cube["scores"]["bliss"], expected["bliss"], rtol=1e-12)
    assert cube["scores"]["bliss"].attrs["readout"] == "gr_value"
    of_viability = score_cube(cube.to_dataset().load(), ("bliss",))
    assert np.all(of_viability["bliss"].values != cube["scores"]["bliss"].values)
