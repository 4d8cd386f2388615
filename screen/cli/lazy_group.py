"""A group whose commands stand in files of their own: `--help` reads the words in these files, and only the
command that is called is imported, so that a command's imports cost nothing to the others.

`commands/fit_line.py` is the command `fit-line`: its function `fit_line` or, for a group such as `evidence`, its
Typer `app`, whose callback bears the file's name. The docstring of that function is the help.
"""

import ast
import importlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from screen.cli.json_tables import json_option

TABLES = (
    "example", "run", "score", "fit-line", "learn", "next", "verify", "optimise", "explain", "compare", "markers",
    "drugs", "lines", "panel", "cohort", "model show", "model check", "selftest",
)  # fmt: skip
"""Commands that print tables (or lines that are rows), beside those with a JSON of their own (`plan`, `status`,
`evidence`)."""
SPELLINGS = {"optimize": "optimise"}
"""Other spellings of commands."""
HELP_NAMES = ["-h", "--help"]
PACKAGE = "screen.cli.commands"
FOLDER = Path(__file__).parent / "commands"


class LazyGroup(TyperGroup):
    """A group of commands that are named, described from their files, and imported when they are called."""

    def list_files(self, names: Iterable[str]) -> None:
        """Take up commands by their names, in the order of the help."""
        self.commands = {name: TyperCommand(name) for name in names}

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The group's help, with the words of every command's file."""
        for name, command in self.commands.items():
            command.help = help_of(name)
        super().format_help(ctx, formatter)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that the arguments name, imported, and the arguments that are left for it."""
        name, listed, rest = super().resolve_command(ctx, [SPELLINGS.get(args[0], args[0]), *args[1:]])
        return name, load(name) if name and listed else None, rest


def load(name: str) -> TyperCommand | TyperGroup:
    """Import a command or a group of commands from its file."""
    stem = name.replace("-", "_")
    module = importlib.import_module(f"{PACKAGE}.{stem}")
    around = typer.Typer()
    if hasattr(module, "app"):
        around.add_typer(module.app, name=name)
    else:
        around.command(name)(getattr(module, stem))
    found = typer.main.get_group(around).commands[name]
    assert isinstance(found, TyperCommand | TyperGroup)
    for called, command in {
        name: found,
        **{f"{name} {part}": each for part, each in parts_of(found).items()},
    }.items():
        if called in TABLES:
            command.params.append(json_option())
    plain_help(found)
    return found


def parts_of(found: TyperCommand | TyperGroup) -> dict[str, TyperCommand]:
    """The commands of a group by their names; none of a command."""
    listed = getattr(found, "commands", {})
    return {name: each for name, each in listed.items() if isinstance(each, TyperCommand)}


def plain_help(found: TyperCommand | TyperGroup) -> None:
    """Have the help of a command, or of a group with its commands, show no type for switches, which take no value, and
    arguments as other programs do: CONFIG, not {config}."""
    own_help = found.get_help_option(typer.Context(found, help_option_names=HELP_NAMES))
    for switch in [*found.params, own_help]:
        if isinstance(switch, TyperOption) and switch.is_flag:
            switch.metavar = ""
    pieces = found.collect_usage_pieces
    found.collect_usage_pieces = lambda ctx: [usual_piece(piece) for piece in pieces(ctx)]  # type: ignore[method-assign]
    for command in getattr(found, "commands", {}).values():
        plain_help(command)


def usual_piece(piece: str) -> str:
    """`{config}` as `CONFIG`, `[name]` as `[NAME]`."""
    return re.sub(r"\.{4,}", "...", re.sub(r"\{(.*)\}", r"\1", piece).upper())


def help_of(name: str) -> str:
    """The docstring of a command's function, without importing its file."""
    stem = name.replace("-", "_")
    tree = ast.parse((FOLDER / f"{stem}.py").read_text(encoding="utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == stem)
    return next((ast.get_docstring(node) or "" for node in functions), "")
