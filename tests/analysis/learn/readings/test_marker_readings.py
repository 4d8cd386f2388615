"""Marker readings: read from a table, their noise fitted, and what they teach of hidden truths."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from screen.analysis.learn.learn import learn_plates
from screen.analysis.learn.noise import even, fit_noise
from screen.analysis.learn.outputs import summary, wells
from screen.analysis.learn.prior import LearnPrior
from screen.analysis.learn.readings.marker_readings import doses_text, marker_sets, read_markers
from screen.analysis.learn.readings.wells import LearnWell, Simulator, well
from screen.analysis.learn.smoothing import SmootherOptions, as_read, smoothed
from screen.errors import InputError
from screen.pathway import Assay, load_pathway
from tests.analysis.learn.conftest import LINES, Make

HEAD = "measurement,replicates,cell_line,readout,time_h,doses_nM,ratio\n"
SD = 0.15
TREATMENTS = ({"trastuzumab": 68.0}, {"lapatinib": 300.0}, {"MK-2206": 100.0})
ASKED = [well(line, doses, 24.0, "pAKT_S473") for line in LINES for doses in TREATMENTS]
NEW = [well(line, {"trastuzumab": 68.0, "MK-2206": 500.0}, 24.0, "pAKT_S473") for line in LINES]
"""The prior's spread is 0.7 where the AKT inhibitor is given, far more than noise: there is something to learn."""


def test_a_table_is_read_as_logarithms_by_line_rows_repeated_or_several_in_a_cell(tmp_path: Path) -> None:
    doses = doses_text([("lapatinib", 100.0), ("trastuzumab", 68.0)])
    (tmp_path / "m.csv").write_text(
        HEAD
        + f"a,2,skbr3,pAKT_S473,24,{doses},0.5 0.25\n"
        + "b,2,BT474,pAKT_S473,24,Herceptin=68,0.8\nb,2,BT474,pAKT_S473,24,trastuzumab=68,0.4; 0.2\n"
        + "c,2,BT474,pAKT_S473,24,lapatinib=1,\n"
    )
    one, two = read_markers(load_pathway(), [tmp_path / "m.csv"])
    assert (one.line, two.line) == ("SKBR3", "BT474")
    assert one.is_markers
    assert one.rows == (well("SKBR3", {"trastuzumab": 68, "lapatinib": 100}, 24, "pAKT_S473"),)
    assert np.exp(one.wells) == pytest.approx(np.array([[0.5, 0.25]]))
    assert np.exp(two.wells) == pytest.approx(np.array([[0.8, 0.4, 0.2]]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cell_line,ratio\nSKBR3,1\n", "found no column readout"),
        (HEAD + "a,1,SKBR3,pAKT_S473,24,lapatinib=1,0\n", "line 2: ratio: found 0"),
        (HEAD + "a,1,SKBR3,pAKT_S473,24,lapatinb=1,1\n", "line 2: unknown drug"),
        (HEAD + "a,1,SKBR3,pAKT_S473,24,lapatinib=-1,1\n", "line 2: doses_nM: "),
        (HEAD + "a,1,SKBR3,pAKTT,24,lapatinib=1,1\n", "line 2: "),
        (HEAD + "a,1,SKBR3,pAKT_S473,,lapatinib=1,1\n", "line 2: "),
        (HEAD + "a,1,SKBR3,pAKT_S473,24,lapatinib=1,\n", "found no reading"),
    ],
)
def test_what_is_wrong_names_the_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        read_markers(load_pathway(), [tmp_path / "m.csv"])


def test_noise_is_fitted_and_no_gain_or_offset_changes_a_ratio() -> None:
    rng = np.random.default_rng(0)
    asked = [well("SKBR3", {"lapatinib": float(k + 1)}, 24.0, "pAKT_S473") for k in range(60)]
    for sd in (0.1, 0.5):
        [readings] = marker_sets({one: [sd * rng.standard_normal()] for one in asked})
        members = 0.01 * rng.standard_normal((40, 60))
        found = fit_noise([readings], [members], "mean")
        assert found.marker == pytest.approx(sd, rel=0.3)
    assert np.array_equal(as_read([readings], members, np.ones((40, 4))), members)
    far = replace(even([readings]), marker=0.2)
    assert np.diag(far.covariances([readings])[0]) == pytest.approx(0.04)


def read_of(assay: Assay, prior: LearnPrior, truth: np.ndarray, seed: int) -> dict[LearnWell, list[float]]:
    """Virtual readings in two replicates."""
    logs = Simulator(assay, prior, ASKED).predict(truth[None])[0]
    noise = SD * np.random.default_rng(seed).standard_normal((len(ASKED), 2))
    return {one: [value + each for each in row] for one, value, row in zip(ASKED, logs, noise, strict=True)}


@pytest.mark.slow
def test_readings_teach_what_the_marker_does_at_other_doses_and_in_combination(
    plain_assay: Assay, prior: LearnPrior, truths: np.ndarray, measured: Make
) -> None:
    with_them, without, before = [], [], []
    simulator = Simulator(plain_assay, prior, NEW)
    for k in range(4):
        plates = measured(truths[k], [(line, "lapatinib") for line in LINES[:2]], k)
        readings = marker_sets(read_of(plain_assay, prior, truths[k], k))
        true = simulator.predict(truths[k][None])[0]
        options = SmootherOptions(3, k, 2)
        for scores, errors in (
            (smoothed(plain_assay, prior, [*plates, *readings], options).scores, with_them),
            (smoothed(plain_assay, prior, plates, options).scores, without),
            (prior.scores, before),
        ):
            errors.append(np.mean((np.nanmean(simulator.predict(scores, 2), axis=0) - true) ** 2))
    assert np.mean(with_them) < 0.6 * np.mean(without)
    assert np.mean(with_them) < 0.6 * np.mean(before)


@pytest.mark.slow
def test_a_table_of_readings_and_no_part_in_what_is_said_of_viability(
    plain_assay: Assay, prior: LearnPrior, truths: np.ndarray, measured: Make
) -> None:
    plates = measured(truths[0], [(line, "lapatinib") for line in LINES[:2]])
    readings = marker_sets(read_of(plain_assay, prior, truths[0], 0))
    found = learn_plates(plain_assay, prior, [*plates, *readings], SmootherOptions(2, 0, 2), 8, 2)
    assert len(found.verdicts) == 2
    assert {row.well.readout for rows in found.left_out.values() for row in rows} == {"viability"}
    table = wells(found, markers=True)
    assert len(table["measured"]) == len(ASKED)
    assert all(0 < low < high for low, high in zip(table["low"], table["high"], strict=True))
    inside = [
        low <= one <= high
        for low, one, high in zip(table["low"], table["measured"], table["high"], strict=True)
    ]
    assert np.mean(inside) > 0.6
    assert summary(found)["plates"] == 2
    assert summary(found)["marker_readings"] == len(ASKED)
