"""The blocks of the README and of the guides work: configurations are read, Python is run, and so is each command.

A page is gone through from top to bottom in a folder that holds the files which its blocks name (`desk`), screens and
plates among them small. Commands of `ELSEWHERE` take long or need what is not everywhere: their options are parsed
here, and the test named there runs them. `<!-- shown only: reason -->` above a block says what is not run at all.
"""

import re
import shlex
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import screen
from screen.cli.lazy_group import load
from screen.config.experiments import load_next
from screen.config.learning import load_learning
from screen.config.screen import load_config
from tests.cli.conftest import inside
from tests.docs.pages import Block, blocks
from tests.paths import ROOT, tracked

PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(page for page in tracked("docs", "*.md") if page.stem != "start"),
]
SCREEN = {
    "cell_lines": ["SKBR3", "SKBR3-pool2"],
    "combinations": {"anchor": "trastuzumab", "partners": ["linsitinib", "BMS-754807"]},
    "doses": {"points": 4},
}
READ = {"learn": load_learning, "next": load_next}
"""Pages whose YAML is no screen."""
ELSEWHERE = {
    "example": "tests/cli/commands/test_beginnings.py",
    "jobs": "tests/cluster/test_slurm.py",
    "learn": "tests/docs/test_tutorials.py",
    "next": "tests/docs/test_tutorials.py",
    "fit-line": "tests/cli/test_json_tables.py",
    "optimise": "tests/cli/test_json_tables.py",
    "mcp": "tests/cli/context_protocol/test_server.py",
}
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]
PRINTED = (".pdf", ".png", "svg,pdf", "svg,png")
"""What a browser prints: run by tests/report/page/test_browser.py and tests/report/figures/test_write.py."""
OF_AN_EXTRA = (".h5ad", ".h5mu", ".zarr")
"""What an extra writes: run by tests/report/tables/test_array_files.py where it is installed."""


def named(page: Path) -> str:
    return page.stem


def of_language(page: Path, language: str) -> list[Block]:
    return [block for block in blocks(page) if block.language == language and not block.shown_only]


def commands(page: Path) -> list[list[str]]:
    """Every command of a page as words."""
    lines = [line for block in of_language(page, "sh") for line in block.text.splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_block_says_what_it_is(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert {block.language for block in blocks(page)} <= {"sh", "python", "yaml", "json", "text"}
    assert not re.search(r"\n\n    (?:herscreen|python|make) ", text), "a command that no test sees"


@pytest.mark.parametrize("page", [page for page in PAGES if of_language(page, "sh")], ids=named)
def test_every_command_of_a_page_is_one(page: Path) -> None:
    """With options that it has and as many arguments as it takes; a target of make is in the Makefile."""
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for program, *words in commands(page):
        if program == "herscreen":
            name, *words = words
            command = load(name)
            if words and words[0] in getattr(command, "commands", ()):
                command = command.commands[words.pop(0)]
            command.make_context(name, words)
        elif program == "make":
            assert words[0] in targets
        elif program == "pip":
            assert words[0] == "install"
            for extra in re.findall(r"\[(.*)\]", words[-1]):
                assert extra in EXTRAS
        else:
            assert program in (".venv/bin/python", "python"), f"found {program}, expected herscreen or make"


def test_what_is_not_run_here_is_run_elsewhere() -> None:
    assert not [test for test in ELSEWHERE.values() if not (ROOT / test).is_file()]


@pytest.mark.parametrize("page", [page for page in PAGES if of_language(page, "yaml")], ids=named)
def test_every_configuration_of_a_page_is_read(page: Path, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "her2-panel.yaml").write_text(yaml.safe_dump(SCREEN))
    before: dict[str, Any] = {} if page.stem in READ else SCREEN
    for block in of_language(page, "yaml"):
        written = yaml.safe_load(block.text)
        path = tmp_path / "block.yaml"
        path.write_text(yaml.safe_dump(before | written))
        READ.get(page.stem, load_config)(path)
        before = before | written if page.stem in READ else before


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small screen under the names of the pages, its cube, plates of two drugs, and a model."""
    folder = tmp_path_factory.mktemp("prepared")
    (folder / "configs").mkdir()
    (folder / "results").mkdir()
    (folder / "configs" / "quickstart.yaml").write_text(yaml.safe_dump(SCREEN))
    (readme,) = of_language(ROOT / "README.md", "yaml")
    mine = yaml.safe_load(readme.text) | {"doses": {"points": 3}, "cell_lines": ["BT474", "BT474-HR20"]}
    (folder / "screen.yaml").write_text(yaml.safe_dump(mine))
    (folder / "configs" / "mine.yaml").write_text(yaml.safe_dump(mine))
    ended = inside("run", "configs/quickstart.yaml", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    for name in ("a", "b", "plate-line"):
        shutil.copy(folder / "results" / "quickstart.h5", folder / "results" / f"{name}.h5")
    doses = [0, 30, 100, 300]
    wells = pd.DataFrame(
        [(row, col, 100 / (1 + row / 60) / (1 + col / 900)) for row in doses for col in doses],
        columns=["conc1", "conc2", "viability"],
    ).assign(cell_line="SKBR3", drug1="lapatinib", drug2="linsitinib")
    wells = pd.concat([wells, wells.assign(viability=wells["viability"] + 1)]).assign(
        conc_unit="nM", time_h=72
    )
    wells.insert(0, "block_id", 1)
    wells.to_csv(folder / "plates.csv", index=False)
    wells.to_excel(folder / "plates.xlsx", index=False)
    places = [f"{row}{column}" for row in "ABCDEFGH" for column in range(1, 13)][: len(wells)]
    pd.DataFrame({"well": places, "signal": wells["viability"] * 100}).to_csv(
        folder / "reader.csv", index=False
    )
    of_wells = wells.drop(columns=["block_id", "viability"]).assign(well=places, role="sample")
    of_wells.loc[(of_wells["conc1"] == 0) & (of_wells["conc2"] == 0), "role"] = "vehicle"
    of_wells.to_csv(folder / "map.csv", index=False)
    (folder / "model.xml").write_text(
        "S1 -> S2; k1*S1; -> S1; 1; S2 -> ; k2*S2; Drug -> ; k3*Drug; log_cells' = 0.01;"
        "S1 = 5; S2 = 0; Drug = 0; log_cells = 0; k1 = 0.1; k2 = 0.2; k3 = 0.1"
    )
    return folder


@pytest.fixture
def desk(prepared: Path, tmp_path: Path) -> Path:
    """A copy of it for one page."""
    return Path(shutil.copytree(prepared, tmp_path / "desk"))


def given(desk: Path) -> dict[str, Any]:
    """What the Python of the pages takes as there: a table of wells, values and rows of parameters."""
    from screen.kinetics import compile_engine, load_model

    engine = compile_engine(load_model(desk / "model.xml"), ["S2"])
    rows = engine.parameter_rows(1000)
    return {
        "frame": pd.read_csv(desk / "plates.csv"),
        "values": np.linspace(0.1, 1, 1000),
        "measured": np.ones((1000, 1, 1)),
        **dict.fromkeys(("off", "on", "before"), rows),
    }


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if of_language(page, "python")], ids=named)
def test_the_python_of_a_page_runs(page: Path, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk)
    monkeypatch.setitem(screen.fit_line.__kwdefaults__, "particles", 32)  # the default takes 15 s
    names = given(desk)
    for block in of_language(page, "python"):
        exec(compile(block.text, str(page), "exec"), names)


@pytest.mark.slow
@pytest.mark.timeout(1000)
@pytest.mark.parametrize("page", [page for page in PAGES if of_language(page, "sh")], ids=named)
def test_the_commands_of_a_page_run(page: Path, desk: Path) -> None:
    for program, *words in commands(page):
        apart = any(word.endswith(PRINTED + OF_AN_EXTRA) for word in words)
        if program == "herscreen" and words[0] not in ELSEWHERE and not apart:
            ended = inside(*words, cwd=desk)
            assert ended.returncode == 0, f"{shlex.join(words)}: {ended.stderr}"
