"""Arguments and options that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from screen.config.screen import ScreenConfig

Config = Annotated[Path, typer.Argument(help="The configuration, a YAML file.", show_default=False)]
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
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
MemoryLimit = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="Memory to stay under, like 2GB; fewer shards at a time."),
]


def bytes_of(limit: str | None) -> int | None:
    """A memory limit in bytes."""
    from screen.runner.cost.memory import parse_memory

    return None if limit is None else parse_memory(limit)


def usable_processors() -> int:
    """Processors that this process may use."""
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load(config: Path, settings: list[str] | None) -> "ScreenConfig":
    """The configuration with its `--set` changes."""
    from screen.config.screen import load_config

    return load_config(config, tuple(settings or ()))
