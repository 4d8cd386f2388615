"""Figures as files: every one a picture with its names as text; PDF and PNG where a browser is installed."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import xarray as xr

from screen.cli.overwrite import refuse_others
from screen.errors import InputError, RunError
from screen.report.cube_view.from_cube import read_screen
from screen.report.drawing.browser import browser, draw_picture, opened_browser, signed_png
from screen.report.drawing.heat_map import whole_picture
from screen.report.figures.contour import between, excess_contour
from screen.report.figures.file_name import file_name
from screen.report.figures.fixed_doses import fixed_doses
from screen.report.figures.single_agents import single_agents
from screen.report.figures.waterfall import waterfall_picture
from screen.report.figures.write import Size, in_font, too_small, write_figures, write_pictures
from screen.report.findings import findings as findings_module
from screen.report.findings.findings import Findings
from screen.report.findings.why import Why


@pytest.mark.slow
def test_every_figure_is_written_and_well_formed(cube: xr.DataTree, tmp_path: Path) -> None:
    written = write_figures(Findings(read_screen(cube)), tmp_path / "figures")
    names = [path.name for path in written]
    assert names[:2] == ["gap-closed.svg", "overview.svg"]
    assert {
        "resensitisation-dose.svg",
        "markers.svg",
        "waterfall-linsitinib.svg",
        "waterfall-lapatinib.svg",
    } <= set(names)
    for kind in ("surfaces", "single-agents", "fixed-doses", "isobologram", "contour", "recovery-curve"):
        assert sum(name.startswith("pair-") and name.endswith(f"-{kind}.svg") for name in names) == 6, kind
    for path in written:
        picture = ElementTree.parse(path).getroot()
        assert picture.get("viewBox", "").startswith("0 0 ")
        assert not any(node.tag.endswith(("script", "image", "foreignObject")) for node in picture.iter())


@pytest.mark.slow
def test_text_stays_inside_the_picture(cube: xr.DataTree, tmp_path: Path) -> None:
    for path in write_figures(Findings(read_screen(cube)), tmp_path / "figures"):
        picture = ElementTree.parse(path).getroot()
        width = float(picture.get("width", "0"))
        for node in picture.iter():
            if node.tag.endswith("text") and node.get("text-anchor") == "start" and node.get("x"):
                size = float(node.get("font-size", "12"))
                assert (
                    float(node.get("x", "0")) + 0.46 * size * len(node.text or "") < width
                    or "pair" in path.name
                )


def test_explained_pairs_have_their_network(
    cube: xr.DataTree, why_of: Callable[..., Why], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings_module, "whys_of", lambda *_: ((why_of(),), ""))
    findings = Findings(read_screen(cube), tmp_path / "screen.h5", explain=1)
    written = write_figures(findings, tmp_path / "figures", pairs=0)
    assert written[-1].name == "pair-SKBR3-pool2_trastuzumab+linsitinib-network.svg"
    assert "What mediates the synergy" in written[-1].read_text()


def test_curves_name_what_they_show(cube: xr.DataTree) -> None:
    findings = Findings(read_screen(cube))
    alone = single_agents(findings, 2, 0)
    assert "trastuzumab" in alone
    assert "Cmax of linsitinib" in alone
    both = ElementTree.fromstring(fixed_doses(findings, 2, 0))
    words = [node.text for node in both.iter() if node.tag.endswith("text")]
    assert "no linsitinib" in words
    assert sum("nM" in str(word) or "µM" in str(word) for word in words) >= 7
    circles = [node for node in both.iter() if node.tag.endswith("circle")]
    assert len(circles) == 8 * 8


def test_a_waterfall_falls(cube: xr.DataTree) -> None:
    picture = ElementTree.fromstring(str(waterfall_picture(Findings(read_screen(cube)), 0)))
    bars = [node for node in picture.iter() if node.tag.endswith("rect")][1:]
    widths = [float(bar.get("width", "0")) for bar in bars]
    assert len(bars) == 8
    assert widths == sorted(widths, reverse=True)


def test_a_partner_without_a_score_has_no_waterfall(cube: xr.DataTree) -> None:
    view = read_screen(cube)
    (model,) = (model for model in view.models if model.name == "bliss")
    blank = replace(view, models=(replace(model, mean=np.full_like(model.mean, np.nan)),))
    assert waterfall_picture(Findings(blank), 0) is None


def test_names_make_harmless_file_names() -> None:
    assert file_name('../<script>alert("x")</script> a+b') == "script_alert_x_script_a+b"
    assert file_name("///") == "pair"


def test_a_screen_without_scores_or_panel_has_figures(cube: xr.DataTree, tmp_path: Path) -> None:
    written = write_figures(Findings(read_screen(xr.DataTree(cube.to_dataset()))), tmp_path / "figures")
    assert "markers.svg" not in [path.name for path in written]


def test_bad_formats_and_folders(make_cube: Callable[..., xr.DataTree], tmp_path: Path) -> None:
    findings = Findings(read_screen(make_cube(lines=["JIMT-1"])))
    with pytest.raises(InputError, match="expected svg, pdf, png"):
        write_figures(findings, tmp_path / "figures", ("tiff",))
    with pytest.raises(InputError, match="does not exist"):
        write_figures(findings, tmp_path / "absent" / "figures")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file"):
        write_figures(findings, tmp_path / "file")


@pytest.mark.browser
@pytest.mark.skipif(browser() is None, reason="no Chromium or Chrome on this machine")
def test_pdf_and_png_of_a_picture(tmp_path: Path) -> None:
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" height="29.5" width="40"><rect width="9" height="9"/></svg>'
    )
    with opened_browser(tmp_path / "a.pdf") as draw:
        assert draw_picture(picture, tmp_path / "a.pdf", draw).read_bytes()[:5] == b"%PDF-"
        drawn = draw_picture(picture, tmp_path / "a.png", draw)
        refuse_others([tmp_path / "a.pdf", tmp_path / "a.png"], force=False)
    header = drawn.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert [int.from_bytes(header[at : at + 4], "big") for at in (16, 20)] == [120, 90]


@pytest.mark.browser
@pytest.mark.skipif(browser() is None, reason="no Chromium or Chrome on this machine")
def test_one_browser_draws_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: started.append(a) or popen(*a, **k))
    picture = '<svg xmlns="http://www.w3.org/2000/svg" height="30" width="40"/>'
    files = write_pictures(lambda: {"a": picture, "b": picture}, tmp_path, ("svg", "pdf", "png"), Size(85.0))
    assert [path.name for path in files] == ["a.svg", "a.pdf", "a.png", "b.svg", "b.pdf", "b.png"]
    assert all(path.stat().st_size for path in files)
    assert len(started) == 1


def test_a_browser_that_ends_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERSCREEN_BROWSER", "true")
    with pytest.raises(RunError, match="ended before it drew the page"), opened_browser(tmp_path / "a.pdf"):
        pass


def test_a_figure_takes_a_typeface_and_keeps_ours_behind_it() -> None:
    picture = whole_picture("", 40, 30, "a > b")
    assert """font-family="&#x27;Times New Roman&#x27;, &#x27;Helvetica""" in in_font(
        picture, "Times New Roman"
    )
    assert in_font(picture, None) == picture
    assert 'aria-label="a &gt; b"' in in_font(picture, "Arial")


def test_level_lines_bear_their_numbers(cube: xr.DataTree) -> None:
    drawn = ElementTree.fromstring(str(excess_contour(Findings(read_screen(cube)), 2, 0)))
    words = [node.text or "" for node in drawn.iter() if node.tag.endswith("text")]
    assert [text for text in words if re.fullmatch(r"[+−][\d.]+", text)]


def test_what_another_program_made_is_not_written_over(cube: xr.DataTree, tmp_path: Path) -> None:
    findings, check = Findings(read_screen(cube)), partial(refuse_others, force=False)
    folder = tmp_path / "figures"
    write_figures(findings, folder, pairs=0, check=check)
    write_figures(findings, folder, pairs=0, check=check)
    (folder / "overview.svg").write_text("<svg>mine</svg>")
    with pytest.raises(InputError, match="expected another name, or --force"):
        write_figures(findings, folder, pairs=0, check=check)
    assert (folder / "overview.svg").read_text() == "<svg>mine</svg>"


def test_without_a_browser_the_error_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERSCREEN_BROWSER", "no-such-browser")
    with pytest.raises(InputError, match="needs Chromium or Chrome"), opened_browser(tmp_path / "a.pdf"):
        pass


def test_in_a_column_each_surface_is_a_figure_by_itself(cube: xr.DataTree, tmp_path: Path) -> None:
    findings = Findings(read_screen(cube))
    wide, narrow = (
        {
            path.name.split("_")[-1].split("-", 1)[-1]
            for path in write_figures(findings, tmp_path / name, pairs=1, size=size)
        }
        for name, size in (("wide", Size(180.0)), ("narrow", Size(85.0)))
    )
    assert any(name.endswith("surfaces.svg") for name in wide)
    assert not any(name.endswith("surfaces.svg") for name in narrow)
    for end in ("surface-viability.svg", "surface-bliss.svg"):
        (drawn,) = (tmp_path / "narrow").glob(f"*-{end}")
        least = min(float(size) for size in re.findall(r'font-size="([\d.]+)"', drawn.read_text()))
        width = float(re.search(r'viewBox="0 0 ([\d.]+) ', drawn.read_text())[1])  # type: ignore[index]
        assert least * 85 / width / 25.4 * 72 > 5, "points of the smallest text"


def test_a_png_says_its_resolution_and_its_maker() -> None:
    header = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(13) + b"crc."
    signed = signed_png(header + b"rest", dpi=300)
    at = signed.index(b"pHYs")
    assert int.from_bytes(signed[at + 4 : at + 8], "big") == round(300 / 0.0254)
    assert b"Software\0herscreen" in signed
    assert signed.endswith(b"rest")


def test_between_doses_an_excess_is_smooth_and_never_beyond_its_neighbours() -> None:
    values = np.random.default_rng(0).normal(size=(6, 5))
    rows, columns = np.linspace(0, 5, 41), np.arange(5.0)
    np.testing.assert_allclose(between(values, np.arange(6.0), columns), values)
    fine = between(values, rows, columns)
    steps = fine[:-1].reshape(5, 8, 5)
    assert (steps >= np.minimum(values[:-1], values[1:])[:, None] - 1e-12).all()
    assert (steps <= np.maximum(values[:-1], values[1:])[:, None] + 1e-12).all()
    ramp = np.array([0.0, 1.0, 4.0, 9.0, 16.0])[:, None] + np.zeros((1, 2))
    turn = np.abs(np.diff(between(ramp, np.linspace(0, 4, 401), np.arange(2.0))[:, 0], 2)).max()
    assert turn < 1e-3, "no kink at a dose: straight pieces turn by 0.02 there"
    values[2, 2] = np.nan
    assert np.isfinite(between(values, rows, columns)[0]).all()


def test_text_that_is_too_small_in_a_column_is_told_with_the_width_that_would_do() -> None:
    wide = '<svg width="960" height="400"><text font-size="17">a</text><text font-size="10.5">b</text></svg>'
    told = too_small({"markers": wide, "contour": wide.replace("960", "400")}, 85.0)
    assert told == "at 85 mm text is as small as 2.6 pt in markers: --width 130mm gives 4 pt"
    assert too_small({"markers": wide}, 130.0) == ""
    assert too_small({"bare": '<svg width="960" height="400"></svg>'}, 85.0) == ""
