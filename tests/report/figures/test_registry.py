"""Every figure is registered whole: a name, a sentence, its files side by side, a place and a row in the docs."""

from pathlib import Path

import pytest

import screen.report.figures
from screen.report.figures.figure import Figure
from screen.report.figures.registry import all_figures
from screen.report.page.script import script
from screen.report.sections.registry import all_sections

FOLDER = Path(screen.report.figures.__path__[0])
DOCS = Path(__file__).parents[3] / "docs" / "report.md"


def test_names_orders_panels_and_files_are_unique() -> None:
    figures = all_figures()
    assert len(figures) >= 15
    for values in (
        [figure.name for figure in figures],
        [figure.order for figure in figures],
        [name for figure in figures for name, _ in figure.panels],
        [figure.file for figure in figures if figure.file],
    ):
        assert len(values) == len(set(values))


@pytest.mark.parametrize("figure", all_figures(), ids=lambda figure: figure.name)
def test_a_figure_has_its_files_side_by_side_and_a_place_for_each(figure: Figure) -> None:
    drawn = figure.draw is not None or figure.draw_pair is not None
    assert figure.shows
    assert (FOLDER / f"{figure.name}.py").is_file()
    assert drawn or figure.panels
    assert bool(figure.file) == drawn
    assert (FOLDER / f"{figure.name}.js").is_file() == bool(figure.panels)
    assert not figure.panels or figure.section in {section.id for section in all_sections()}


@pytest.mark.parametrize("figure", all_figures(), ids=lambda figure: figure.name)
def test_every_panel_of_a_figure_is_drawn_by_its_own_script(figure: Figure) -> None:
    path = FOLDER / f"{figure.name}.js"
    code = path.read_text(encoding="utf-8") if path.is_file() else ""
    for name, title in figure.panels:
        assert title
        assert f'FIGURES["{name}"] = ' in code or f"FIGURES.{name} = " in code
    assert code in script()


@pytest.mark.parametrize("figure", all_figures(), ids=lambda figure: figure.name)
def test_the_docs_say_the_same_of_a_figure(figure: Figure) -> None:
    of_screen = [f"`{figure.file}`"] if figure.file and (figure.draw or not figure.draw_pair) else []
    file = ", ".join([*of_screen, *([f"`...-{figure.file}`"] if figure.draw_pair else [])])
    cells = [f"`{figure.name}`", file, figure.section, figure.shows]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCS.read_text(encoding="utf-8").splitlines()
    ]
    assert cells in rows


def test_no_script_stands_in_the_folder_without_its_figure() -> None:
    assert {path.stem for path in FOLDER.glob("*.js")} == {
        figure.name for figure in all_figures() if figure.panels
    }
