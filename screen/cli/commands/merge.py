"""`herscreen merge`: the shards of a run joined into the cube and scored."""

from typing import Annotated

import typer

import screen.runner as runner
from screen.cli.console import progress_bar, say
from screen.cli.options import Config, MemoryLimit, NoHost, Output, Settings, bytes_of, load
from screen.cli.outcome import print_checks
from screen.cube.reader import CubeReader


def merge(
    config: Config,
    output: Output = None,
    settings: Settings = None,
    virtual: Annotated[
        bool, typer.Option("--virtual", help="Link the responses, which stay in the shard files.")
    ] = False,
    memory_limit: MemoryLimit = None,
    no_host: NoHost = False,
) -> None:
    """Check that all shards are there and whole, join them into the cube and score it."""
    with progress_bar() as progress:
        options = runner.RunOptions(memory_limit=bytes_of(memory_limit), host=not no_host, progress=progress)
        cube = runner.merge(load(config, settings), output, options, virtual)
    with CubeReader.open(cube) as found:
        print_checks(found)
    say(f"wrote {cube}")
