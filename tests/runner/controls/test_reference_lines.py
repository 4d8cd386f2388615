"""An answer never depends on which other lines were screened, nor on the design of the grid."""

from pathlib import Path

import numpy as np
import pytest

from screen.cli.outcome import print_strongest
from screen.config.screen import load_config
from screen.cube.reader import CubeReader
from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.findings import Findings
from screen.runner import run
from screen.runner.simulate.reference_wells import CUSTOMARY_nM

pytestmark = pytest.mark.slow
PAIR = """
combinations: {anchor: trastuzumab, partners: [linsitinib]}
times: 120 h
"""
DESIGNS = {
    "alone": "cell_lines: [SKBR3-pool2]\ndoses: {points: 3}\nensemble: 4",
    "together": "cell_lines: [JIMT-1, SKBR3, SKBR3-pool2, BT474]\ndoses: {points: 3}\nensemble: 4",
    "rays": "cell_lines: [SKBR3-pool2]\ndoses: {points: 4, rays: [1]}\nensemble: 4",
}


@pytest.fixture(scope="module")
def cubes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, found = tmp_path_factory.mktemp("reference"), {}
    for name, text in DESIGNS.items():
        config = folder / f"{name}.yaml"
        config.write_text(text + PAIR)
        found[name] = run(load_config(config), folder / f"{name}.h5")
    return found


def test_the_same_pair_in_another_panel_or_design_has_the_same_answer(cubes: dict[str, Path]) -> None:
    said = {}
    for name, path in cubes.items():
        answer = Findings(read_screen(path)).answer
        said[name] = next(item for item in answer.lines if item.line == "SKBR3-pool2")
    first = said["alone"]
    assert np.isfinite([first.closed, first.low, first.high, first.probability]).all()
    assert first.low <= first.closed <= first.high
    for other in said.values():
        assert other.sentence == first.sentence
        assert (other.closed, other.low, other.high) == (first.closed, first.low, first.high)


def test_the_parent_is_simulated_though_it_is_not_in_the_panel(cubes: dict[str, Path]) -> None:
    with CubeReader.open(cubes["alone"]) as cube:
        group = cube.part("reference")
        assert cube.cell_lines == ("SKBR3-pool2",)
        assert group["compared_with"].texts == ("SKBR3",)
        assert group["reference_dose_1"].values[0] == pytest.approx(CUSTOMARY_nM["trastuzumab"])
        assert list(group["at_peak_2"].values) == [1]
        compared = group["compared_alone_draws"].values
    with CubeReader.open(cubes["together"]) as cube:
        row = cube.cell_lines.index("SKBR3")
        own = cube.part("reference")["alone_1_draws"].values[row]
        names = cube.part("reference")["compared_with"].texts
    np.testing.assert_array_equal(compared[0], own)
    assert names == ("SKBR3", "SKBR3", "SKBR3", "SKBR3")


def test_what_is_shown_lies_inside_its_interval(cubes: dict[str, Path]) -> None:
    view = read_screen(cubes["together"])
    for model in view.models:
        assert model.low is not None
        assert model.high is not None
        known = np.isfinite(model.mean) & np.isfinite(model.low)
        assert known.any() or model.name in ("loewe", "zip")  # curves need three doses above 0
        assert (model.low[known] <= model.mean[known]).all()
        assert (model.mean[known] <= model.high[known]).all()
    low, high = view.readouts["viability"].load_bounds(0) or (None, None)
    shown = view.readouts["viability"].values[..., 0]
    assert low is not None
    assert ((low <= shown) & (shown <= high)).all()


def test_what_is_printed_after_a_run_lies_inside_its_interval(
    cubes: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    with CubeReader.open(cubes["together"]) as cube:
        print_strongest(cube, 4)
    head, *rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    excess, interval = head.index("mean Bliss excess, points"), head.index("5 to 95 %")
    assert len(rows) == 4
    for row in rows:
        low, high = map(float, row[interval].split(" to "))
        assert low <= float(row[excess]) <= high
