"""`herscreen merge`: the shards of a run joined into the cube and scored."""

from typing import Annotated

import typer

from screen.cli.options import Config, MemoryLimit, Output, Settings, bytes_of, load


def register(app: typer.Typer) -> None:
    """Add the command `merge`."""
    app.command()(merge)


def merge(
    config: Config,
    output: Output = None,
    settings: Settings = None,
    virtual: Annotated[
        bool, typer.Option("--virtual", help="Link the responses, which stay in the shard files.")
    ] = False,
    memory_limit: MemoryLimit = None,
) -> None:
    """Check that all shards are there and whole, join them into the cube and score it."""
    from screen.cli.commands.strongest import print_checks
    from screen.cli.console import out, progress_bar
    from screen.cli.threads import one_thread_each

    one_thread_each()
    from screen import runner

    with progress_bar() as progress:
        cube = runner.merge(load(config, settings), output, progress, virtual, bytes_of(memory_limit))
    print_checks(cube)
    out().print(f"wrote {cube}", soft_wrap=True, markup=False)
