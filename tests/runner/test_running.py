"""A run with the stand-in model: the cube, the same bits however divided, resuming and refusing."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import h5py
import numpy as np
import pytest
import xarray as xr

from screen.analysis.cubes.verify import check_whole
from screen.errors import InputError
from screen.files import machine
from screen.pathway.growth import gr_value, viability
from screen.runner import RunError, RunOptions, Stop, Stopped, merge, open_cube, run, run_part, status
from screen.runner.simulate.scoring import score_block
from screen.runner.store.lock import holder, locked
from screen.synergy import score_cube
from tests.cubes import data_of
from tests.runner.conftest import ClosedForm, small

Assay = type[ClosedForm]


@pytest.mark.slow
def test_the_cube_is_laid_out_as_designed(assay: Assay, home: Path) -> None:
    path = run(small())
    assert path == Path("results/small.h5")
    with xr.open_dataset(path, engine="h5netcdf") as root:
        assert root["viability"].dims == ("cell_line", "combination", "dose_1", "dose_2", "time")
        assert root["viability"].shape == (3, 2, 4, 4, 2)
        assert list(root["combination"].values) == ["trastuzumab+linsitinib", "trastuzumab+alpelisib"]
        assert list(root["drug_1"].values) == ["trastuzumab"] * 2
        assert {"drug_1", "drug_2", "concentration_1", "concentration_2"} <= set(root.coords)
        assert (root["concentration_2"][:, 0] == 0).all()
        assert root["concentration_1"].attrs["units"] == "nM"
        assert list(root["time"].values) == [24.0, 72.0]
        assert root["status"].dtype == np.int8
        assert root["status"].attrs["flag_meanings"].split()[2] == "failed"
        assert list(root["status"].attrs["flag_values"]) == [0, 1, 2]
        for name in ("viability", "gr_value", "pAKT_S473"):
            assert root[name].attrs["units"]
            assert root[name].attrs["long_name"]
            assert root[name].encoding["fletcher32"]
        assert np.isnan(root["viability"].encoding["_FillValue"])
    cube = open_cube(path)
    assert set(cube.children) == {"panel", "scores", "reference", "controls", "provenance"}
    assert cube["panel"]["pAKT_S473"].dims == ("cell_line",)
    assert cube["scores"]["bliss_excess"].dims == ("cell_line", "combination", "dose_1", "dose_2", "time")
    assert cube["scores"]["bliss"].attrs["sign"] == "positive = synergy"
    provenance = cube["provenance"]
    assert json.loads(str(provenance["config"].values))["name"] == "small"
    assert json.loads(str(provenance["versions"].values))["herscreen"]
    assert provenance["model_sbml"].values == "<sbml/>"


@pytest.mark.slow
def test_viability_and_gr_are_relative_to_the_same_line_s_vehicle(assay: Assay, home: Path) -> None:
    cube = open_cube(run(small())).to_dataset()
    assert (cube["viability"][:, :, 0, 0] == 1).all()
    assert (cube["gr_value"][:, :, 0, 0] == 1).all()
    key = sum(map(ord, "BT474"))
    rate = 0.02 + key / 1e5
    slow = rate
    for drug, dose in (
        ("trastuzumab", cube["concentration_1"][1, 2]),
        ("alpelisib", cube["concentration_2"][1, 3]),
    ):
        slow *= 1 - 0.7 * float(dose) / (float(dose) + 50 + len(drug))
    here = cube.sel(cell_line="BT474", combination="trastuzumab+alpelisib", time=72.0).isel(
        dose_1=2, dose_2=3
    )
    assert float(here["viability"]) == pytest.approx(float(viability(72 * slow, 72 * rate)))
    assert float(here["gr_value"]) == pytest.approx(float(gr_value(72 * slow, 72 * rate)))


@pytest.mark.slow
def test_ncdump_reads_the_header(assay: Assay, home: Path) -> None:
    path = run(small())
    try:
        shown = subprocess.run(["ncdump", "-h", str(path)], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("ncdump is not installed")
    assert "double viability(cell_line, combination, dose_1, dose_2, time)" in shown
    assert "string cell_line(cell_line)" in shown
    for group in ("panel", "scores", "reference", "controls", "provenance"):
        assert f"group: {group}" in shown


@pytest.mark.slow
def test_equal_wells_are_simulated_once(assay: Assay, home: Path) -> None:
    run(small())
    distinct_per_line = 2 * 9 + 3 + 2 * 3 + 1
    assert assay.dosed == 3 * distinct_per_line


@pytest.mark.slow
def test_jobs_shards_parts_and_resuming_give_the_same_bits(assay: Assay, home: Path) -> None:
    plain = data_of(run(small(), "plain.h5"))
    assert data_of(run(small(), "two.h5", options=RunOptions(jobs=2))) == plain
    assert data_of(run(small(shard_simulations=16), "tiny.h5", options=RunOptions(jobs=3))) == plain
    assert data_of(run(small(shard_simulations=10**6), "whole.h5")) == plain
    for part in range(2):
        run_part(small(), (part, 2), "parts.h5")
    assert not Path("parts.h5").exists()
    assert data_of(merge(small(), "parts.h5")) == plain


@pytest.mark.slow
def test_a_finished_cube_is_recognised_and_left_as_it_is(assay: Assay, home: Path) -> None:
    path = run(small())
    before, dosed = path.stat().st_mtime_ns, assay.dosed
    assert run(small()) == path
    assert (path.stat().st_mtime_ns, assay.dosed) == (before, dosed)


@pytest.mark.slow
def test_another_configuration_does_not_overwrite_a_cube(assay: Assay, home: Path) -> None:
    before = run(small()).read_bytes()
    with pytest.raises(InputError, match=r"another configuration.*--restart"):
        run(small(times=["48 h"]))
    assert Path("results/small.h5").read_bytes() == before
    assert open_cube(run(small(times=["48 h"]), restart=True)).sizes["time"] == 1


@pytest.mark.slow
def test_other_reference_models_are_scored_from_the_shards_that_stand(assay: Assay, home: Path) -> None:
    run(small())
    dosed = assay.dosed
    cube = open_cube(run(small(synergy=["hsa"])))
    assert assay.dosed == dosed
    assert "bliss" not in cube["scores"]
    assert "hsa" in cube["scores"]


def test_a_configuration_edited_between_shards_is_refused(assay: Assay, home: Path) -> None:
    run_part(small(), (0, 2))
    with pytest.raises(InputError, match="another configuration"):
        run_part(small(doses={"points": 5}), (1, 2))


@pytest.mark.slow
def test_merge_names_what_is_missing_and_what_is_bad(assay: Assay, home: Path) -> None:
    run_part(small(), (0, 2))
    with pytest.raises(RunError, match="1 of 3 shards missing or bad: 1;"):
        merge(small())
    run_part(small(), (1, 2))
    shard = Path("results/small.run/shard-000002.h5")
    shard.write_bytes(shard.read_bytes()[:-3000])
    with pytest.raises(RunError, match=r"bad: 2 \(it cannot be read"):
        merge(small())
    assert not Path("results/small.h5").exists()


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["truncate", "flip", "another version", "empty"])
def test_a_run_mends_bad_shards(assay: Assay, home: Path, harm: str) -> None:
    expected = data_of(run(small(), "good.h5"))
    run(small(), "bad.h5")
    Path("bad.h5").unlink()
    shard = Path("bad.run/shard-000001.h5")
    if harm == "truncate":
        shard.write_bytes(shard.read_bytes()[:5000])
    elif harm == "empty":
        shard.write_bytes(b"")
    elif harm == "flip":
        content = bytearray(shard.read_bytes())
        with h5py.File(shard) as file:
            place = (
                file["float64_cell_line_combination_dose_1_dose_2_time"].id.get_chunk_info(0).byte_offset + 13
            )
        content[place] ^= 4
        shard.write_bytes(content)
    else:
        with h5py.File(shard, "r+") as file:
            file.attrs["version"] = "0.0.1"
    dosed = assay.dosed
    assert data_of(run(small(), "bad.h5")) == expected
    assert assay.dosed == dosed + (assay.dosed - dosed)
    assert 0 < assay.dosed - dosed < dosed


@pytest.mark.slow
def test_a_flipped_bit_is_named_by_merge(assay: Assay, home: Path) -> None:
    run(small())
    Path("results/small.h5").unlink()
    with h5py.File("results/small.run/shard-000000.h5", "r+") as file:
        file["baseline"][0, 0] = 0.5
    with pytest.raises(RunError, match=r"shard-000000\.h5: its checksum does not match"):
        merge(small())


@pytest.mark.slow
def test_scores_by_shards_are_those_of_the_whole_cube(assay: Assay, home: Path) -> None:
    models = ["hsa", "bliss", "loewe", "zip", "ci"]
    cube = open_cube(run(small(times=["24 h", "72 h"], shard_simulations=16, synergy=models)))
    whole = score_cube(cube.to_dataset().load(), models)
    found = cube["scores"].to_dataset()
    assert set(whole.data_vars) == set(found.data_vars)
    for name, scores in whole.data_vars.items():
        assert found[name].dims == scores.dims
        np.testing.assert_array_equal(found[name], scores, str(name))
        assert found[name].attrs == dict(scores.attrs), name


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["", "flip"])
def test_a_killed_merge_by_other_models_goes_on_from_the_shards_it_had_scored(
    assay: Assay, home: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    plain = data_of(run(small(), "plain.h5"))
    run_part(small(synergy=["hsa"]), (0, 1))
    dosed, scored = assay.dosed, 0

    def counted(*arguments: Any) -> Any:
        nonlocal scored
        if scored == 2:
            raise KeyboardInterrupt
        scored += 1
        return score_block(*arguments)

    monkeypatch.setattr("screen.runner.execution.task.score_block", counted)
    with pytest.raises(KeyboardInterrupt):
        merge(small())
    if harm:
        with h5py.File("results/small.run/shard-000000.h5", "r+") as file:
            file["float64_cell_line_combination_dose_1_dose_2_time"][...] += 1
        with pytest.raises(RunError, match=r"shard-000000\.h5: its checksum does not match"):
            merge(small())
        Path("results/small.run/shard-000000.h5").unlink()
    scored = 0 if harm else 1
    assert data_of(run(small()) if harm else merge(small())) == plain
    assert scored == 2
    assert harm or assay.dosed == dosed


@pytest.mark.slow
def test_a_virtual_cube_reads_the_same_and_becomes_a_real_one(assay: Assay, home: Path) -> None:
    plain = data_of(run(small(), "plain.h5"))
    for part in range(2):
        run_part(small(), (part, 2), "v.h5")
    assert data_of(merge(small(), "v.h5", virtual=True)) == plain
    with (
        xr.open_dataset("v.h5", engine="h5netcdf") as there,
        xr.open_dataset("plain.h5", engine="h5netcdf") as own,
    ):
        assert there.load().identical(own.load())
    with h5py.File("v.h5") as file:
        assert file["viability"].is_virtual
        assert file["scores/bliss_excess"].is_virtual
    assert data_of(merge(small(), "v.h5")) == plain
    with h5py.File("v.h5") as file:
        assert not file["viability"].is_virtual


@pytest.mark.slow
def test_the_shards_of_a_virtual_cube_are_checked_with_it(assay: Assay, home: Path) -> None:
    run_part(small(), (0, 1), "v.h5")
    merge(small(), "v.h5", virtual=True)
    assert check_whole("v.h5")
    with h5py.File("v.run/shard-000000.h5", "r+") as file:
        file["float64_cell_line_combination_dose_1_dose_2_time"][...] += 1
    with pytest.raises(InputError, match=r"shard-000000\.h5: its checksum does not match"):
        check_whole("v.h5")


@pytest.mark.slow
def test_a_shard_lost_from_under_a_virtual_cube_reads_as_failed(assay: Assay, home: Path) -> None:
    run_part(small(), (0, 1), "v.h5")
    merge(small(), "v.h5", virtual=True)
    Path("v.run/shard-000001.h5").unlink()
    with xr.open_dataset("v.h5", engine="h5netcdf") as there:
        assert np.isnan(there["viability"][1]).all()
        assert (there["status"][1] == 2).all()
        assert np.isfinite(there["viability"][0]).all()


@pytest.mark.slow
def test_a_run_that_is_asked_to_stop_resumes(assay: Assay, home: Path) -> None:
    stop = Stop()

    def after_one(phase: str, done: int, total: int) -> None:
        if done:
            stop.ask()

    with pytest.raises(Stopped) as stopped:
        run(small(), options=RunOptions(progress=after_one, stop=stop))
    assert stopped.value.exit_status == 130
    state = status(small())
    assert (state.done, state.missing, state.finished) == ((0,), (1, 2), False)
    dosed = assay.dosed
    run(small())
    assert assay.dosed == 3 * dosed
    assert status(small()).finished


@pytest.mark.slow
def test_a_run_sweeps_what_ended_processes_left_unfinished(assay: Assay, home: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has asked how
    folder = Path("results/small.run")
    folder.mkdir(parents=True)
    left, held = (
        folder / f".shard-000009.h5.12345678.{machine()}.{process}.part"
        for process in (ended.pid, os.getpid())
    )
    left.touch()
    held.touch()
    run(small())
    assert not left.exists()
    assert held.exists()
    ended.wait()


@pytest.mark.slow
def test_a_shard_that_dies_does_not_keep_the_reason_of_an_attempt_before(
    assay: Assay, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error, failed in ((FloatingPointError("the numbers ran out"), 3), (SystemExit(), 2)):
        monkeypatch.setattr("screen.runner.execution.task.simulate_shard", Mock(side_effect=error))
        with pytest.raises((RunError, SystemExit)):
            run(small(), options=RunOptions(jobs=1))
        assert len(status(small()).failed) == failed
    assert status(small()).missing == (0,)


@pytest.mark.slow
def test_failed_simulations_are_nan_with_a_status_and_a_warning(
    assay: Assay, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(line: np.ndarray[Any, Any], doses: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        high = doses["trastuzumab"] == doses["trastuzumab"].max()
        return np.where(high & (doses.get("linsitinib", 0 * high) > 0), 4, np.where(high, 2, 1))

    assay.fail = staticmethod(fail)
    with caplog.at_level(logging.WARNING):
        cube = open_cube(run(small())).to_dataset()
    assert "9 of 96 simulations failed" in caplog.text
    assert (cube["status"].sel(combination="trastuzumab+linsitinib")[:, 3, 1:] == 2).all()
    assert (cube["status"].sel(combination="trastuzumab+alpelisib")[:, 3] == 1).all()
    assert (cube["status"][:, :, :3] == 0).all()
    assert (np.isnan(cube["viability"]).all("time") == (cube["status"] == 2)).all()
    assert (np.isnan(cube["pAKT_S473"]).all("time") == (cube["status"] == 2)).all()


@pytest.mark.slow
def test_wells_whose_vehicle_failed_are_failed(assay: Assay, home: Path) -> None:
    def fail(line: np.ndarray[Any, Any], doses: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        return np.where(sum(doses.values()) == 0, 5, 0)

    assay.fail = staticmethod(fail)
    cube = open_cube(run(small())).to_dataset()
    assert (cube["status"] == 2).all()
    assert np.isnan(cube["viability"]).all()


@pytest.mark.slow
def test_a_shard_that_raises_is_reported_and_the_others_finish(
    assay: Assay, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(line: np.ndarray[Any, Any], doses: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        raise FloatingPointError("the numbers ran out")

    whole = assay.dose

    def dose(self: Any, untreated: Any, *others: Any) -> Any:
        if untreated.growth_rate[0] == pytest.approx(0.02 + sum(map(ord, "BT474")) / 1e5):
            raise FloatingPointError("the numbers ran out")
        return whole(self, untreated, *others)

    monkeypatch.setattr(assay, "dose", dose)
    with pytest.raises(
        RunError, match="1 of 3 shards failed; shard 1: FloatingPointError: the numbers ran out"
    ):
        run(small(), options=RunOptions(jobs=2))
    state = status(small())
    assert state.done == (0, 2)
    assert "the numbers ran out" in state.failed[1][0]
    assert "Traceback" in state.failed[1][1].read_text()
    monkeypatch.setattr(assay, "dose", whole)
    run(small())
    assert status(small()).failed == {}


@pytest.mark.slow
def test_two_runs_on_one_output_refuse_each_other(assay: Assay, home: Path) -> None:
    run_part(small(), (0, 2))
    with (
        locked(Path("results/small.run/cube.lock")),
        pytest.raises(RunError, match=r"another run is writing it \(process \d+ on"),
    ):
        run(small())
    assert run(small()).exists()


@pytest.mark.slow
def test_a_shard_in_other_hands_is_left_to_them(assay: Assay, home: Path) -> None:
    run_part(small(), (0, 2))
    lock = Path("results/small.run/shard-000001.lock")
    with locked(lock):
        run_part(small(), (1, 2))
        assert status(small()).running.keys() == {1}
    assert holder(lock) is None
    assert status(small()).missing == (1,)


@pytest.mark.slow
def test_a_lock_file_left_behind_means_nothing(assay: Assay, home: Path) -> None:
    folder = Path("results/small.run")
    folder.mkdir(parents=True)
    (folder / "cube.lock").write_text('{"host": "gone", "pid": 1, "since": "long ago"}')
    assert run(small()).exists()


@pytest.mark.slow
def test_grids_of_unequal_size_are_padded_with_nan(assay: Assay, home: Path) -> None:
    cube = open_cube(run(small(doses={"points": 4, "drugs": {"alpelisib": ["10 nM"]}}))).to_dataset()
    assert cube.sizes["dose_2"] == 4
    padded = cube.sel(combination="trastuzumab+alpelisib").isel(dose_2=slice(2, None))
    assert np.isnan(padded["viability"]).all()
    assert np.isnan(padded["concentration_2"]).all()
    assert (padded["status"] == 0).all()
    assert np.isfinite(cube.sel(combination="trastuzumab+linsitinib")["viability"]).all()


@pytest.mark.parametrize(
    ("output", "words"),
    [("nowhere/x.h5", "does not exist"), (".", "found a folder"), ("notes.txt", "is no cube")],
)
def test_outputs_that_cannot_be_written_are_refused(
    assay: Assay, home: Path, output: str, words: str
) -> None:
    Path("notes.txt").write_text("dear diary")
    with pytest.raises(InputError, match=words):
        run(small(), output)
    assert Path("notes.txt").read_text() == "dear diary"
    assert not list(home.glob("*.run"))


@pytest.mark.slow
def test_names_are_text_and_never_paths(assay: Assay, home: Path) -> None:
    spec = {"name": "../../SKBR3; rm -rf /", "parent": "SKBR3"}
    cube = open_cube(run(small(cell_lines=[spec])))
    assert list(cube["cell_line"].values) == [spec["name"]]
    assert {path.name for path in home.iterdir()} == {"results"}
