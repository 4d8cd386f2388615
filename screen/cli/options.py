"""Arguments and options that several commands share."""

import os
from pathlib import Path
from typing import Annotated

import typer

from screen.config.screen import ScreenConfig, load_config
from screen.errors import InputError
from screen.units import parse_memory

Config = Annotated[Path, typer.Argument(help="The configuration, a YAML file.", show_default=False)]
Cube = Annotated[
    Path, typer.Argument(help="A finished cube, as `herscreen run` writes it.", show_default=False)
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="The cube to write; results/<name>.h5 unless given.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a setting: --set doses.points=6."),
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, help="Shards at a time; all processors unless given.")
]
NoHost = Annotated[
    bool, typer.Option("--no-host", help="Leave out the computer's name and the folders of files elsewhere.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
MemoryLimit = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="Memory to stay under, like 2GB; fewer shards at a time."),
]


def bytes_of(limit: str | None) -> int | None:
    """`--memory-limit` in bytes."""
    try:
        return None if limit is None else parse_memory(limit)
    except InputError as error:
        raise InputError(f"--memory-limit: {error}") from None


def usable_processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load(config: Path, settings: list[str] | None) -> ScreenConfig:
    """The configuration with its `--set` changes."""
    return load_config(config, tuple(settings or ()))
