"""A screen under an ensemble, with the stand-in model: what is stored of the draws, and how it is divided."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr

from screen.config.screen import load_config, parse_config
from screen.errors import InputError
from screen.pathway import load_pathway
from screen.pathway.tables.ensemble import load_draws, write_draws
from screen.runner import RunError, RunOptions, make_plan, merge, open_cube, run, run_part
from screen.runner.cost.estimate import estimate
from screen.runner.cost.summary import plan_rows
from screen.runner.plan.ensemble_draws import same_potency
from screen.runner.results.rescore import with_intervals
from screen.runner.simulate.ensemble import spread
from screen.synergy import score_cube
from tests.cubes import data_of
from tests.paths import ROOT
from tests.runner.conftest import ClosedForm, small

Assay = type[ClosedForm]
DOSED = ("viability", "gr_value", "pAKT_S473")


def drawn(**changes: Any) -> Any:
    return small(ensemble={"draws": 5, "keep": True}, shard_simulations=16 * 6 * 2, **changes)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cube of `drawn` scored by two models, to read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("screen.runner.simulate.model.Assay", type("Assay", (ClosedForm,), {}))
        patch.setattr("screen.runner.execution.pool.can_fork", lambda: True)
        return run(drawn(synergy=["bliss", "hsa"]), tmp_path_factory.mktemp("kept") / "drawn.h5")


@pytest.mark.slow
def test_mean_and_quantiles_are_those_of_the_draws(assay: Assay, home: Path, kept: Path) -> None:
    cube = open_cube(kept)
    root, draws = cube.to_dataset(), cube["ensemble"].to_dataset()
    nominal = open_cube(run(small(), "nominal.h5")).to_dataset()
    for name in DOSED:
        xr.testing.assert_equal(root[name], nominal[name])
        assert draws[name].dims == (*nominal[name].dims, "draw")
        np.testing.assert_allclose(root[f"{name}_mean"], draws[name].mean("draw"), rtol=1e-12)
        for end, share in ("low", 0.05), ("high", 0.95):
            np.testing.assert_allclose(root[f"{name}_{end}"], draws[name].quantile(share, "draw"), rtol=1e-12)
    assert (root["viability_low"] < root["viability_high"])[:, :, 1:, 1:].all()
    assert (root["draws_failed"] == 0).all()


@pytest.mark.slow
def test_scores_have_intervals_and_a_probability_of_synergy(kept: Path) -> None:
    cube = open_cube(kept)
    scores, draws = cube["scores"].to_dataset(), cube["ensemble"].to_dataset().load()
    again = score_cube(draws, ["bliss", "hsa"])
    for model in ("bliss", "hsa"):
        np.testing.assert_array_equal(draws[model], again[model].transpose(*draws[model].dims))
        np.testing.assert_allclose(scores[f"{model}_low"], again[model].quantile(0.05, "draw"), atol=1e-10)
        excess = again[f"{model}_excess"].quantile(0.95, "draw")
        np.testing.assert_allclose(scores[f"{model}_excess_high"], excess, atol=1e-10)
        np.testing.assert_array_equal(scores[f"{model}_probability"], (again[model] > 0).mean("draw"))
    assert "share of 5 draws whose mean excess" in scores["bliss_probability"].attrs["long_name"]


@pytest.mark.slow
def test_markers_of_the_panel_have_intervals(kept: Path) -> None:
    panel = open_cube(kept)["panel"].to_dataset()
    assert (panel["growth_rate_low"] < panel["growth_rate_mean"]).all()
    assert (panel["growth_rate_mean"] < panel["growth_rate_high"]).all()
    assert panel["pAKT_S473_low"].attrs["long_name"].endswith("untreated, 5 % quantile over 5 draws")


@pytest.mark.slow
def test_an_ensemble_is_the_same_however_it_is_divided(assay: Assay, home: Path) -> None:
    plain = data_of(run(drawn(), "plain.h5"))
    whole = small(ensemble={"draws": 5, "keep": True}, shard_simulations=10**6)
    single = small(ensemble={"draws": 5, "keep": True}, shard_simulations=1)
    assert data_of(run(whole, "whole.h5", options=RunOptions(jobs=2))) == plain
    assert data_of(run(single, "single.h5", options=RunOptions(jobs=2))) == plain
    for part in range(2):
        run_part(drawn(), (part, 2), "parts.h5")
    assert data_of(merge(drawn(), "parts.h5", virtual=True)) == plain
    assert data_of(merge(drawn(), "parts.h5")) == plain
    streamed = data_of(run(small(ensemble=5), "streamed.h5"))
    assert streamed == {name: bits for name, bits in plain.items() if not name.startswith("ensemble")}


@pytest.mark.slow
def test_other_models_take_the_draws_again(assay: Assay, home: Path) -> None:
    run_part(small(ensemble=3), (0, 1))
    with pytest.raises(RunError, match="its draws, which are not kept, are scored by bliss"):
        merge(small(ensemble=3, synergy=["hsa"]))
    cube = open_cube(run(small(ensemble=3, synergy=["hsa"])))
    assert "hsa_low" in cube["scores"]


@pytest.mark.slow
def test_failed_draws_are_left_out_and_counted(assay: Assay, home: Path) -> None:
    def fail(line: np.ndarray[Any, Any], doses: Any) -> np.ndarray[Any, Any]:
        nonlocal calls
        calls += 1
        second = (calls == 2) & (line // 3 == 1)
        return np.where(second & (doses["trastuzumab"] == doses["trastuzumab"].max()), 4, 0)

    calls = 0
    assay.fail = staticmethod(fail)
    cube = open_cube(run(small(ensemble={"draws": 5, "keep": True}, shard_simulations=10**6)))
    root, draws = cube.to_dataset(), cube["ensemble"].to_dataset()
    assert (root["draws_failed"][:, :, 3] == 1).all()
    assert (root["draws_failed"][:, :, :3] == 0).all()
    assert (root["status"] == 0).all()
    np.testing.assert_allclose(root["viability_mean"], draws["viability"].mean("draw"), rtol=1e-12)
    np.testing.assert_allclose(root["viability_low"], draws["viability"].quantile(0.05, "draw"), rtol=1e-12)


@pytest.mark.slow
def test_the_example_tells_how_sure_it_is(home: Path) -> None:
    example = ROOT / "configs/ensemble.yaml"
    smaller = ("ensemble.draws=8", "doses.points=4", "cell_lines=[SKBR3-pool2]", "readouts=viability")
    cube = open_cube(run(load_config(example, smaller)))
    scores = cube["scores"].to_dataset()
    assert (scores["bliss_low"] < scores["bliss_high"]).all()
    assert (scores["bliss_probability"].sel(combination="trastuzumab+linsitinib") > 0.8).all()
    assert (cube["draws_failed"] == 0).all()


@pytest.mark.slow
def test_rescoring_keeps_or_remakes_the_intervals(assay: Assay, home: Path) -> None:
    for name, keep in ("kept.h5", True), ("streamed.h5", False):
        cube = open_cube(run(small(ensemble={"draws": 5, "keep": keep}), name))
        before = cube["scores"].to_dataset().load()
        models = ["bliss", "hsa"]
        after = with_intervals(cube, score_cube(cube.to_dataset(), models), models, "viability")
        for end in ("low", "high", "probability", "excess_low"):
            np.testing.assert_array_equal(after[f"bliss_{end}"], before[f"bliss_{end}"])
        assert ("hsa_low" in after) == keep


def test_a_number_that_no_draw_has_is_missing() -> None:
    found = spread(np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan]]))
    assert [values.tolist()[:2] for values in found.values()] == [[2, 5], [1.1, 5], [2.9, 5], [2, 5]]
    assert all(np.isnan(values[2]) for values in found.values())


@pytest.mark.slow
def test_fewer_draws_are_among_more_and_follow_the_seed() -> None:
    pathway = load_pathway()
    few, many, other = (
        list(make_plan(small(ensemble=count, seed=seed), pathway).design.draws)
        for count, seed in ((8, 1), (32, 1), (8, 2))
    )
    assert len(few) == 8
    assert few == sorted(few)
    assert set(few) < set(many)
    assert few != other
    assert list(make_plan(small(ensemble=128), pathway).design.draws) == list(range(128))


@pytest.mark.slow
def test_a_plan_counts_draws_and_follows_what_they_are(tmp_path: Path) -> None:
    pathway = load_pathway()
    plain, ensemble = make_plan(small(), pathway), make_plan(small(ensemble=9), pathway)
    assert ensemble.design.simulations == 10 * plain.design.simulations
    assert estimate(ensemble, 1).seconds > estimate(plain, 1).seconds
    assert estimate(ensemble, 1).disk > estimate(plain, 1).disk
    assert plain.identity != ensemble.identity
    table = tmp_path / "own.tsv"
    write_draws(load_draws()[:9], table)
    own = make_plan(small(ensemble={"draws": 9, "table": str(table)}), pathway)
    assert own.identity != ensemble.identity


def without_potency_of(drug: str, table: Path) -> Path:
    """The built-in draws as a table of one's own, as if the drug had been added after the calibration."""
    draws = [
        replace(
            draw, values={name: v for name, v in draw.values.items() if not name.startswith(f"K_{drug}_")}
        )
        for draw in load_draws()
    ]
    write_draws(draws, table)
    return table


@pytest.mark.slow
def test_a_drug_whose_potency_is_not_drawn_is_named_by_plan_run_and_cube(
    assay: type[ClosedForm], home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    table = without_potency_of("linsitinib", home / "draws.tsv")
    config = small(ensemble={"draws": 3, "table": str(table)})
    plan = make_plan(config, load_pathway())
    line = "the potency of linsitinib is the same in every draw: intervals leave out its uncertainty"
    assert ["not drawn", line] in plan_rows(plan, estimate(plan, 1), home / "small.h5")
    cube = run(config)
    assert [record.getMessage() for record in caplog.records].count(f"ensemble: {line}") == 1
    with h5py.File(cube) as file:
        assert json.loads(file["provenance/ensemble"].asstr()[()])["same_potency"] == ["linsitinib"]


def test_the_built_in_draws_draw_the_potency_of_every_drug() -> None:
    pathway, draws = load_pathway(), dict(enumerate(load_draws()))
    assert same_potency(pathway.drugs, draws) == ()
    assert same_potency(pathway.drugs, {}) == ()


@pytest.mark.parametrize(
    ("ensemble", "message"),
    [
        (129, "found 129 draws, expected at most the 128 of ensemble.tsv"),
        ({"draws": 4, "table": "nowhere.tsv"}, r"ensemble\.table: nowhere.tsv: no such file"),
        (1, "greater than or equal to 2"),
        ("many", "ensemble"),
    ],
)
def test_an_ensemble_that_cannot_be_is_refused(ensemble: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_plan(parse_config({**small().model_dump(mode="json"), "ensemble": ensemble}), load_pathway())


@pytest.mark.slow
def test_the_spread_of_a_marker_is_no_marker(kept: Path) -> None:
    from screen.report.cube_view.from_cube import read_screen
    from screen.report.findings.markers import markers_of

    screen = read_screen(kept)
    assert "pAKT_S473" in markers_of(screen)
    assert not [name for name in markers_of(screen) if name.endswith(("_mean", "_low", "_high"))]
