"""Every section is registered whole: an id, a heading, a place, its script where it has one, a row in the docs."""

from pathlib import Path

import pytest

import screen.report.sections
from screen.report.page.script import script
from screen.report.sections.registry import all_sections
from screen.report.sections.section import Section

FOLDER = Path(screen.report.sections.__path__[0])
DOCS = Path(__file__).parents[3] / "docs" / "report.md"
BUILT_IN = {"answer", "overview", "pair", "why", "resistance", "markers", "table", "made"}


def test_ids_headings_and_orders_are_unique_and_sections_stand_by_order() -> None:
    sections = all_sections()
    assert {section.id for section in sections} >= BUILT_IN
    for values in ([s.id for s in sections], [s.heading for s in sections], [s.order for s in sections]):
        assert len(values) == len(set(values))
    assert [section.order for section in sections] == sorted(section.order for section in sections)
    assert (sections[0].id, sections[-1].id) == ("answer", "made")


@pytest.mark.parametrize("section", all_sections(), ids=lambda section: section.id)
def test_a_section_has_its_files_side_by_side(section: Section) -> None:
    assert section.heading
    assert (FOLDER / f"{section.id}.py").is_file()
    path = FOLDER / f"{section.id}.js"
    assert path.is_file() == section.interactive
    if section.interactive:
        code = path.read_text(encoding="utf-8")
        assert f"SECTIONS.{section.id} = " in code
        assert code in script()
    assert section.template in ("", f"{section.id}.html.j2")
    assert (FOLDER / f"{section.id}.html.j2").is_file() == bool(section.template)


@pytest.mark.parametrize("section", all_sections(), ids=lambda section: section.id)
def test_the_docs_have_a_row_for_a_section(section: Section) -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert f"| `{section.id}` | {section.heading} | " in text


def test_no_script_or_template_stands_in_the_folder_without_its_section() -> None:
    ids = {section.id for section in all_sections()}
    assert {path.name.split(".")[0] for path in FOLDER.iterdir() if path.suffix in (".js", ".j2")} <= ids
