"""Templates are compiled once for all commands, and again when their source changes."""

import jinja2
import pytest

from screen.report.page.templates import environment


@pytest.fixture
def compiled(tmp_path, monkeypatch):
    """The sources that were compiled, in a cache of the test's own."""
    found, original = [], jinja2.Environment.compile

    def noted(self, source, *rest):
        found.append(source)
        return original(self, source, *rest)

    monkeypatch.setenv("HERSCREEN_CACHE", str(tmp_path))
    monkeypatch.setattr(jinja2.Environment, "compile", noted)
    return found


def test_a_template_is_compiled_once_and_again_when_its_source_changes(compiled) -> None:
    def page(source: str) -> str:
        return environment(lambda _name: source).get_template("page").render(name="<b>")

    assert [page("a {{ name }}"), page("a {{ name }}"), page("b {{ name }}")] == ["a &lt;b&gt;"] * 2 + [
        "b &lt;b&gt;"
    ]
    assert compiled == ["a {{ name }}", "b {{ name }}"]
