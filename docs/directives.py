"""Directives for pages that are read off the code, so that they cannot be out of date.

`{commands}` lists every command with its arguments and options as Typer holds them; `{configuration}` every key of a
configuration as its JSON Schema has it; `{licences}` the table of the dependencies' licences.
"""

import re
from collections.abc import Iterator
from typing import Any

import typer
from docutils import nodes
from pydantic import BaseModel
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from screen.cli.lazy_group import load
from screen.cli.main import COMMANDS
from screen.config.calibration import CalibrationConfig
from screen.config.screen import ScreenConfig

Schema = dict[str, Any]


def cell(text: object) -> str:
    """A text as a cell of a Markdown table."""
    return re.sub(r"([|<])", r"\\\1", " ".join(str(text).split()))


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    """A Markdown table."""
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(cell, row))} |"
    yield ""


def commands() -> Iterator[str]:
    """Every command of `herscreen --help`, in its order; groups with their own commands."""
    for name in COMMANDS:
        found = load(name)
        subcommands = getattr(found, "commands", None)
        yield from command(f"herscreen {name}", found)
        for inner, each in (subcommands or {}).items():
            yield from command(f"herscreen {name} {inner}", each)


def command(path: str, found: Any) -> Iterator[str]:
    """One command: its help, its arguments, its options."""
    context = typer.Context(found, info_name=path)
    yield f"## {path}"
    yield ""
    yield " ".join((found.help or "").split())
    yield ""
    usage = " ".join(word.strip("{}").upper() for word in found.collect_usage_pieces(context))
    yield f"```text\n{path} {usage}\n```"
    rows = [parameter(each) for each in found.params if each.name != "help"]
    if rows:
        yield from table(("argument or option", "unless given", "what"), rows)


def parameter(found: Any) -> tuple[str, str, str]:
    """An argument or option: how it is written, what it is unless given, its help."""
    words = ", ".join(f"`{name}`" for name in (*found.opts, *found.secondary_opts))
    if found.param_type_name == "argument":
        words = f"`{(found.metavar or found.name).upper().strip('{}')}`"
    usual = "" if found.default in (None, False, (), []) or callable(found.default) else f"`{found.default}`"
    if found.required:
        usual = "required"
    return words, usual, getattr(found, "help", None) or ""


def keys(
    schema: Schema, found: Schema, prefix: str = "", depth: int = 0
) -> Iterator[tuple[str, str, str, str]]:
    """The keys of a JSON Schema object, those of its parts after a dot: key, type, default, description."""
    for name, value in found.get("properties", {}).items():
        path, parts = f"{prefix}{name}", list(objects(schema, value))
        usual = value.get("default")
        shown = "" if usual in (None, "", {}) or isinstance(usual, dict) else f"`{usual}`"
        yield f"`{path}`", kind(schema, value), shown, value.get("description", "")
        for part in parts if depth < 2 else []:
            yield from keys(schema, part, f"{path}.", depth + 1)


def objects(schema: Schema, value: Schema) -> Iterator[Schema]:
    """The objects with keys of their own that a value may be, or a list of."""
    if "$ref" in value:
        yield from objects(schema, schema["$defs"][value["$ref"].rsplit("/", 1)[-1]])
    elif value.get("properties"):
        yield value
    for each in (
        *value.get("anyOf", ()),
        *value.get("oneOf", ()),
        *([value["items"]] if "items" in value else ()),
    ):
        yield from objects(schema, each)


def kind(schema: Schema, value: Schema) -> str:
    """The type of a value in words."""
    if "$ref" in value:
        return kind(schema, schema["$defs"][value["$ref"].rsplit("/", 1)[-1]])
    if "enum" in value or "const" in value:
        return " or ".join(f"`{each}`" for each in value.get("enum", [value.get("const")]))
    choices = [*value.get("anyOf", ()), *value.get("oneOf", ())]
    if choices:
        words = dict.fromkeys(kind(schema, each) for each in choices)
        return " or ".join(word for word in words if word != "null")
    if value.get("type") == "array":
        return f"list of {kind(schema, value['items'])}" if "items" in value else "list"
    return {"object": "mapping", "string": "text"}.get(value.get("type", ""), value.get("type", "any"))


def configuration() -> Iterator[str]:
    """The keys of a screen and those of a calibration."""
    for title, model in (("A screen", ScreenConfig), ("A calibration", CalibrationConfig)):
        schema = model.model_json_schema()
        rows = list(dict.fromkeys(keys(schema, schema)))
        yield f"## {title}"
        yield from table(("key", "type", "unless given", "what"), rows)


class FromCode(SphinxDirective):
    """A directive without content whose page is what a function of this file gives."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        text = "\n".join(PAGES[re.sub(r".*:", "", self.name)]())
        return self.parse_text_to_nodes(text, allow_section_headings=True)


ARRAY = r"~?(?:numpy\.)?ndarray\[tuple\[~?(?:typing\.)?Any, \.\.\.\], ~?(?:numpy\.)?dtype\[~?(?:numpy\.)?"
SHORT = {
    r"~?([\w.]*\.)?_Buffer \| ~?([\w.]*\.)?_SupportsArray.*?_NestedSequence\[complex \| bytes \| str\]": "ArrayLike",
    rf"{ARRAY}float64\]\]": "Floats",
    rf"{ARRAY}(\w+?)_?\]\]": r"ndarray[\1]",
    r"<factory>": "...",
}


def short_types(*event: Any) -> tuple[str | None, str | None] | None:
    """A signature with the names that types have in the code, where Python shows what they stand for; none of a
    configuration, whose keys have a page of their own.
    """
    *_, found, _options, signature, returned = event
    if isinstance(found, type) and issubclass(found, BaseModel):
        return "", None
    return None if signature is None else (short_type(signature), returned and short_type(returned))


def short_type(text: str) -> str:
    """A type, or a signature with types, shorter."""
    for long, short in SHORT.items():
        text = re.sub(long, short, text)
    return text


def literal_examples(*event: Any) -> None:
    """Indented paragraphs of a docstring are code, as they are in Markdown."""
    _, what, _, found, _, lines = event
    if what == "module":  # of which Sphinx takes the indentation away where all but the first line have it
        lines[:] = (found.__doc__ or "").splitlines()
    shown: list[str] = []
    for before, text in zip(["", *lines], lines):
        begins = (
            text.startswith("    ") and not before.strip() and not text.lstrip().startswith((">>>", "*", "-"))
        )
        if begins and not (shown and any(one.startswith("    ") for one in shown[-2:])):
            shown += ["::", ""]
        shown.append(text)
    lines[:] = shown


PAGES = {"commands": commands, "configuration": configuration}


def setup(app: Sphinx) -> dict[str, bool]:
    """What Sphinx calls to take up this file."""
    for name in PAGES:
        app.add_directive(name, FromCode)
    app.connect("autodoc-process-signature", short_types)
    app.connect("autodoc-process-docstring", literal_examples)
    return {"parallel_read_safe": True}
