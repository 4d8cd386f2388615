"""Why: which pairs are explained, what is said of them, and what the page does with it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import xarray as xr

from screen.errors import InputError
from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.answer import answer_of
from screen.report.findings.resensitisation import recovery_of
from screen.report.findings.why import Why, sentence, strongest, why_nots
from screen.report.sections.why import as_data
from screen.report.write_report import write_report


def test_what_mediates_most_is_said_and_the_loop_by_name(why_of: Callable[..., Why]) -> None:
    said = sentence(why_of())
    assert "most of the synergy is gone" in said
    assert "IRS1 recruits PI3K (90\u00a0%)" in said
    assert "FOXO3a-microRNA loop: miR-193a on IGF2 16\u00a0%" in said
    assert "FOXO3a on HER3 −12\u00a0%" in said
    assert "ERK" not in said
    assert "too little excess" in sentence(why_of(0.4))


def test_the_pair_that_opens_first_the_answer_s_pairs_are_explained(cube: xr.DataTree) -> None:
    screen = read_screen(cube)
    recovery = recovery_of(screen)
    answer = answer_of(screen, recovery)
    chosen = strongest(screen, recovery, answer, 4)
    first = answer.lines[0]
    assert chosen[0] == (screen.lines.index(first.line), first.combination)
    assert len(chosen) == len(set(chosen)) == 4
    assert all(recovery.resistant[row] for row, _ in chosen)
    assert strongest(screen, recovery, answer, 0) == []


def test_the_page_s_data_hold_every_clamp_under_both_ways_to_hold_it(why_of: Callable[..., Why]) -> None:
    found = as_data([why_of()])["2,0"]
    assert found["rows"][0] == ["IRS1 recruits PI3K", "edge", 9.0, 0.9, 9.0, 9.0, 18.0]
    assert found["picture"].startswith("<svg")
    assert "⊣ linsitinib" in found["picture"]


def test_the_answer_says_why_and_links_to_the_network(explained: Path) -> None:
    text = explained.read_text()
    questions = text[text.index('class="questions"') : text.index('id="overview"')]
    assert "IRS1 recruits PI3K (90\u00a0%)" in questions
    assert 'href="#why"' in questions


def test_a_cube_that_cannot_be_explained_says_so(cube_file: Path, tmp_path: Path) -> None:
    text = write_report(cube_file, None, tmp_path / "page.html", explain=2).read_text()
    why = text[text.index("Why?") :]
    assert "No pair is explained: configuration:" in why[:200]


def test_what_explain_refuses_is_known_before_it_is_asked(cube: xr.DataTree) -> None:
    screen = read_screen(cube)
    assert why_nots(screen) == {}
    assert "schedules" in why_nots(replace(screen, schedule="partner first"))["all"]
    mixed = why_nots(replace(screen, mixtures=(screen.lines[2],)))
    assert list(mixed) == ["2"]
    assert f"{screen.lines[2]} is a mixture of clones" in mixed["2"]
    own = {"config": {"model": {"file": "own.xml", "viability": "pERK"}}}
    assert "edges of a custom model" in why_nots(replace(screen, provenance=own))["all"]


def test_a_tree_in_memory_cannot_be_explained(cube: xr.DataTree, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="need the cube as a file"):
        write_report(cube, None, tmp_path / "page.html", explain=1)


def test_of_a_negative_excess_antagonism_is_said(why_of: Callable[..., Why]) -> None:
    why = why_of()
    said = sentence(replace(why, whole=replace(why.whole, excess=-10.0)))
    assert "synergy" not in said
    assert "most of the antagonism is gone" in said


def test_what_the_loop_comes_to_is_always_concluded(why_of: Callable[..., Why]) -> None:
    why = why_of()
    assert "plays a part in this pair: its strongest link carries 16\u00a0% of the synergy" in sentence(why)
    weak = replace(why.whole, rows=tuple(replace(row, share=row.share / 10) for row in why.whole.rows))
    assert "The loop plays hardly a part in this pair." in sentence(replace(why, whole=weak))
    none = replace(why.whole, rows=tuple(replace(row, share=0.001) for row in why.whole.rows))
    assert "The FOXO3a-microRNA loop plays no part in this pair." in sentence(replace(why, whole=none))


def test_where_not_every_pair_begins_with_the_anchor_both_drugs_are_named(why_of: Callable[..., Why]) -> None:
    named = replace(why_of(), pair="neratinib + alpelisib")
    assert sentence(named).startswith("neratinib + alpelisib in SKBR3-pool2: ")
