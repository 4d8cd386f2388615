"""A server of the Model Context Protocol: a program that speaks it asks for panels, plans, runs, scores, explanations
and next experiments, and gets the tables that `--json` prints.

Each tool is a command of ours in a process of its own, its arguments a list that no shell reads.
"""

import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen._version import __version__
from screen.cli.context_protocol.served import Served, plain_name
from screen.errors import InputError

if TYPE_CHECKING:
    from mcp.server import MCPServer

ABOUT = """Virtual drug-combination screens of HER2-positive breast cancer: herscreen simulates, it does not measure.
Scores are in percent points of inhibition, positive = synergy; doses in nM, times in hours. Paths are relative to the
folder that is served. `plan` says what a configuration costs before `run` spends it."""
PLATES = (".csv", ".tsv", ".xlsx")
CUBES = (".h5", ".hdf5", ".nc")
OURS = Path(__file__).parents[3]
"""Where this package stands: `-P` keeps Python from importing what lies in the folder at hand."""

Document = dict[str, Any]


def command(served: Served, *arguments: str) -> Document:
    """What a command prints with `--json`. Raises `InputError` with its own line where it fails or takes too long."""
    listed = [sys.executable, "-P", "-m", "screen.cli", *arguments, "--json"]
    found_first = os.pathsep.join(filter(None, (str(OURS), os.environ.get("PYTHONPATH"))))
    try:
        ended = subprocess.run(
            listed, cwd=served.results, env=os.environ | {"PYTHONPATH": found_first}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=served.limit_s, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise InputError(f"{arguments[0]}: ended after {served.limit_s:g} s, expected less work") from None
    if ended.returncode != 0:
        said = ended.stderr.strip().splitlines() or [f"{arguments[0]} ended with status {ended.returncode}"]
        raise InputError(said[-1])
    found = json.loads(ended.stdout)
    assert isinstance(found, dict)
    return found


def make_server(served: Served) -> "MCPServer":
    """The server with its six tools. Raises `InputError` where the extra `mcp` is not installed."""
    try:
        kit = import_module("mcp.server.mcpserver")
    except ImportError:
        raise InputError("the extra `mcp` is not installed, expected: pip install 'herscreen[mcp]'") from None

    def panel(config: str, settings: list[str] | None = None) -> Document:
        """The cell lines of a configuration (a YAML file) with what differs in each. `settings` are changes such as
        `doses.points=6`.
        """
        return command(served, "panel", *_configured(served, config, settings))

    def plan(config: str, settings: list[str] | None = None) -> Document:
        """What a run of a configuration would simulate, and its time, memory and disk."""
        return command(served, "plan", *_configured(served, config, settings))

    def run(config: str, settings: list[str] | None = None, name: str = "") -> Document:
        """Simulate a screen and score it: which partner closes how much of the gap of each resistant line, and the
        strongest synergies. The cube is written as `name`.h5 to the results; `explain` takes its path.
        """
        cube = served.results / f"{plain_name(name or Path(config).stem)}.h5"
        found = command(served, "run", *_configured(served, config, settings), f"--output={cube}")
        return found | {"cube": str(cube)}

    def score(plates: str, models: list[str] | None = None, bootstrap: int = 0) -> Document:
        """Synergy of plates measured in a laboratory (.csv, .tsv, .xlsx), a row a block. `models`: bliss, loewe, zip,
        hsa, musyc, braid and others; `bootstrap` rounds (100 or more) give intervals.
        """
        found = served.inside(plates)
        if found.suffix.lower() not in PLATES:
            raise InputError(f"{plates}: found {found.suffix or 'no ending'}, expected {', '.join(PLATES)}")
        chosen = [f"--models={','.join(models)}"] if models else []
        return command(served, "score", str(found), *chosen, f"--bootstrap={bootstrap}")

    def explain(cube: str, line: str, combination: str, model: str = "bliss", top: int = 20) -> Document:
        """Which edges of the network carry a synergy of a finished cube: each is cut in turn and the grid simulated
        again.
        """
        found = served.inside(cube)
        if found.suffix.lower() not in CUBES:
            raise InputError(
                f"{cube}: found {found.suffix or 'no ending'}, expected a cube ({', '.join(CUBES)})"
            )
        chosen = (f"--line={line}", f"--combination={combination}", f"--model={model}", f"--top={top}")
        return command(served, "explain", str(found), *chosen)

    def next_experiments(config: str, settings: list[str] | None = None, name: str = "") -> Document:
        """Which experiments decide most, from a configuration of `herscreen next`: plates to pipette and registered
        predictions are written to the folder `name` of the results.
        """
        folder = served.results / plain_name(name or Path(config).stem)
        found = command(served, "next", *_configured(served, config, settings), f"--output={folder}")
        return found | {"folder": str(folder)}

    server: MCPServer = kit.MCPServer(
        "herscreen", version=__version__, instructions=ABOUT, log_level="WARNING"
    )
    for tool in (panel, plan, run, score, explain, next_experiments):
        told = _telling(tool, kit.exceptions.ToolError)
        server.add_tool(told, name=tool.__name__.removesuffix("_experiments"))
    return server


def _telling(tool: Callable[..., Document], error: type[Exception]) -> Callable[..., Document]:
    """The tool with what a user can mend raised as `error`, whose words a client sees."""

    @functools.wraps(tool)
    def told(*arguments: object, **named: object) -> Document:
        try:
            return tool(*arguments, **named)
        except InputError as known:
            raise error(str(known)) from None

    return told


def _configured(served: Served, config: str, settings: Sequence[str] | None) -> list[str]:
    """A configuration and its settings as arguments, all of them checked."""
    found = served.config(config, settings or ())
    return [str(found), *(f"--set={setting}" for setting in settings or ())]
