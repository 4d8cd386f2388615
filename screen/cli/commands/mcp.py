"""`herscreen mcp`: screens for programs that speak the Model Context Protocol."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from screen.cli.context_protocol.served import Served
from screen.cli.context_protocol.server import make_server
from screen.errors import InputError


def mcp(
    root: Annotated[
        Path, typer.Argument(help="The folder whose files are read, and no others.", show_default=False)
    ],
    results: Annotated[
        Path | None,
        typer.Option(
            "--results",
            help="Folder that cubes and plans are written to; one that ends with the server unless given.",
        ),
    ] = None,
    limit: Annotated[float, typer.Option("--limit", min=1, help="Seconds that a tool may take.")] = 3600.0,
) -> None:
    """Serve panel, plan, run, score, explain and next over standard input and output, by the Model Context Protocol.

    Files below ROOT are read and none is changed; there is no shell. Needs the extra `mcp`.
    """
    for folder in filter(None, (root, results)):
        if not folder.is_dir():
            raise InputError(f"{folder}: found no folder, expected one that is there")
    with TemporaryDirectory(prefix="herscreen-") as passing:
        make_server(Served(root.resolve(), (results or Path(passing)).resolve(), limit)).run("stdio")
