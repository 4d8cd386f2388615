"""The public API as the package's first page shows it."""

from pathlib import Path

import pytest

import screen

SMALL = """\
cell_lines: [SKBR3, JIMT-1]
combinations: {anchor: trastuzumab, partners: [linsitinib]}
doses: {points: 4}
times: 72 h
"""


def test_the_first_page_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_text(SMALL)
    config = screen.load_config("small.yaml", ["doses.points=5"])
    cube = screen.run(config, jobs=2)
    assert cube["viability"].shape == (2, 1, 5, 5, 1)
    scores = screen.score(cube, models=["bliss", "loewe"])
    assert scores["bliss"].equals(cube["scores"]["bliss"])
    page = screen.write_report(cube, scores, "results/small.html")
    assert page.stat().st_size > 10_000
    assert (screen.open_cube("results/small.h5")["status"] == 0).all()
