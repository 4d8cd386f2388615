"""What `herscreen crate` writes is an RO-Crate 1.1, by the community's own validator."""

import json
import subprocess
from pathlib import Path

import pytest

from screen.config.screen import parse_config
from screen.report.tables.ro_crate import write_crate
from screen.runner import RunOptions, run
from tests.peers import crate_peer

SMALL = {
    "name": "small",
    "cell_lines": ["SKBR3"],
    "combinations": {"pairs": [["trastuzumab", "linsitinib"]]},
    "doses": {"points": 3},
}


def issues(crate: Path, severity: str) -> list[str]:
    python = crate_peer.validator()
    assert python is not None
    command = [str(python), crate_peer.__file__, str(crate), severity]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    first, *found = ended.stdout.splitlines()
    assert first == "validated"
    return found


@pytest.fixture(scope="module")
def crate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if crate_peer.validator() is None:
        pytest.skip("roc-validator is not installed (make peers)")
    folder = tmp_path_factory.mktemp("crate")
    cube = run(parse_config(SMALL), folder / "small.h5", RunOptions(jobs=1))
    return write_crate(cube, folder / "crate").parent


@pytest.mark.slow
def test_a_crate_is_one_and_lacks_only_what_its_publisher_knows(crate: Path) -> None:
    assert issues(crate, "REQUIRED") == []
    assert {issue.split(" property")[0].split(": ")[-1] for issue in issues(crate, "RECOMMENDED")} == {
        "`author`",
        "`publisher`",
    }


@pytest.mark.slow
def test_the_validator_sees_what_is_missing(crate: Path) -> None:
    metadata = crate / "ro-crate-metadata.json"
    text = metadata.read_text()
    described = json.loads(text)
    described["@graph"] = [item for item in described["@graph"] if item["@id"] != "model.xml"]
    try:
        metadata.write_text(json.dumps(described).replace('"name": "herscreen run small"', '"title": "none"'))
        assert issues(crate, "REQUIRED")
    finally:
        metadata.write_text(text)
