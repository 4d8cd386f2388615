"""The tools of the server as commands, and as a client of the protocol calls them."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from screen.cli.context_protocol.served import Served
from screen.cli.context_protocol.server import command
from screen.errors import InputError
from tests.cli.conftest import GOOD, ROOT, herscreen

PLATE = """\
block_id,drug_row,drug_col,conc_r,conc_c,inhibition,conc_r_unit,conc_c_unit
""" + "".join(
    f"1,trastuzumab,lapatinib,{a},{b},{min(95, 3 * a + 2 * b)},nM,nM\n"
    for a in (0, 1, 10)
    for b in (0, 1, 10)
)
NEXT = """\
about: parameters
lines: [SKBR3]
drugs: {partners: [linsitinib]}
offered: {points: 2}
budget: {plates: 1}
members: 32
"""


@pytest.mark.slow
def test_a_command_that_fails_is_its_own_line(served: Served) -> None:
    (served.root / "bad.yaml").write_text(GOOD.replace("SKBR3", "SKBR"))
    with pytest.raises(InputError, match="unknown cell line"):
        command(served, "plan", str(served.root / "bad.yaml"))


@pytest.mark.slow
def test_without_the_extra_there_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise ImportError\n")
    ended = herscreen("mcp", str(tmp_path), cwd=ROOT, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert ended.returncode == 2
    assert (
        ended.stderr
        == "herscreen: the extra `mcp` is not installed, expected: pip install 'herscreen[mcp]'\n"
    )


@pytest.mark.slow
def test_a_client_lists_and_calls_the_six_tools(served: Served) -> None:
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    (served.root / "plate.csv").write_text(PLATE)
    (served.root / "next.yaml").write_text(NEXT)
    found = asyncio.run(talk(served))
    assert found["tools"] == {"panel", "plan", "run", "score", "explain", "next"}
    assert [row["cell line"] for row in found["panel"]["tables"][0]["rows"]] == ["SKBR3", "BT474"]
    assert found["plan"]["simulations"] > 0
    assert Path(found["run"]["cube"]).is_relative_to(served.results)
    assert found["run"]["tables"]
    assert "bliss" in found["score"]["tables"][0]["columns"]
    assert found["explain"]["tables"][0]["rows"]
    assert (Path(found["next"]["folder"]) / "plan.json").is_file()
    assert "outside the folder served" in found["refused"]
    assert sorted(path.name for path in served.root.iterdir()) == ["next.yaml", "plate.csv", "small.yaml"]


async def talk(served: Served) -> dict[str, Any]:
    """What a client of the SDK gets from the server, over its standard input and output."""
    from mcp import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    listed = ["-m", "screen.cli", "mcp", str(served.root), "--results", str(served.results)]
    start = StdioServerParameters(
        command=sys.executable, args=listed, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    found: dict[str, Any] = {}
    async with Client(stdio_client(start)) as client:
        found["tools"] = {tool.name for tool in (await client.list_tools()).tools}
        cube = str(served.results / "small.h5")
        line = {"cube": cube, "line": "SKBR3", "combination": "linsitinib"}
        for name, arguments in (
            ("panel", {"config": "small.yaml"}), ("plan", {"config": "small.yaml", "settings": ["doses.points=4"]}),
            ("run", {"config": "small.yaml"}), ("score", {"plates": "plate.csv", "models": ["bliss", "hsa"]}),
            ("explain", line), ("next", {"config": "next.yaml"}),
        ):  # fmt: skip
            result = await client.call_tool(name, arguments)
            assert not result.is_error, result.content
            found[name] = result.structured_content
        result = await client.call_tool("plan", {"config": "../secret.yaml"})
        assert result.is_error
        found["refused"] = result.content[0].text
    return found
