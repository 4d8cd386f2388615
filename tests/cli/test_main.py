"""The real command in a process of its own: exit statuses, single lines, nothing written on bad input."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import GOOD, ROOT, herscreen, inside, processor_seconds


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("replace", "by", "words"),
    [
        ("doses:", "dozes:", ["line 5", "dozes", "unknown key", "did you mean 'doses'"]),
        ("linsitinib", "linsitinip", ["line 4", "linsitinip", "did you mean 'linsitinib'"]),
        ("SKBR3", "SKBR4", ["line 1", "SKBR4", "did you mean 'SKBR3'"]),
        ("BT474", "skbr-3", ["line 1", "duplicate cell line"]),
        ("times: 24 h", "times: 24 hourz", ["line 7", "unknown unit 'hourz'", "did you mean 'hour"]),
        ("points: 3", "drugs: {linsitinib: [10 nanofurlong]}", ["line 6", "unknown unit"]),
        ("points: 3", "drugs: {linsitinib: [-10 nM]}", ["line 6", "-10 nM", "not negative"]),
        ("points: 3", "drugs: {linsitinib: [.nan]}", ["line 6", "nan", "not negative"]),
        ("points: 3", "drugs: {linsitinib: [1e308]}", ["at most 1 M"]),
        ("points: 3", "points: 1000000", ["doses.points", "1000000"]),
        ("[SKBR3, BT474]", "[]", ["line 1", "cell_lines", "found nothing"]),
        ("times: 24 h", "times: 1e300", ["at most 8760 h"]),
        ("times: 24 h", "model: broken.xml", ["model", "broken.xml"]),
        ("times: 24 h", "model: broken.ant", ["model", "broken.ant"]),
        ("times: 24 h", "model: absent.xml", ["model", "absent.xml"]),
        ("times: 24 h", "name: ../../outside", ["name", "no path separators"]),
        ("times: 24 h", "readouts: [pAKT]", ["unknown readout 'pAKT'", "did you mean"]),
    ],
)
def test_bad_input_is_one_line_and_exit_status_2(
    folder: Path, replace: str, by: str, words: list[str]
) -> None:
    assert replace in GOOD
    (folder / "bad.yaml").write_text(GOOD.replace(replace, by))
    before = everything(folder)
    ended = inside("run", "bad.yaml", cwd=folder)
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert ended.stderr.startswith("herscreen: bad.yaml: ")
    for word in words:
        assert word in ended.stderr
    assert ended.stdout == ""
    assert everything(folder) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "absent.yaml"], "no such file"),
        (["run", "good.yaml", "-o", "nowhere/x.h5"], "'nowhere' does not exist"),
        (["run", "good.yaml", "-o", "."], "found a folder"),
        (["run", "good.yaml", "-o", "good.yaml"], "is no cube"),
        (["run", "good.yaml", "-o", "good.yaml", "--restart"], "is no cube"),
        (["run", "good.yaml", "--set", "seeed=1"], "did you mean 'seed'"),
        (["run", "good.yaml", "--shard", "2/2"], "expected one of 0 to 1"),
        (["run", "good.yaml", "--shard", "auto/2"], "SLURM_ARRAY_TASK_ID"),
        (["run", "good.yaml", "--shard", "0/2", "--restart"], "--restart"),
        (["run", "good.yaml", "-j", "0"], "--jobs"),
        (["run", "good.yaml", "--bogus"], "--bogus"),
        (["plan", "absent.yaml"], "no such file"),
        (["status", "absent.yaml"], "no such file"),
        (["merge", "absent.yaml"], "no such file"),
        (["panel", "absent.yaml"], "no such file"),
        (["drugs", "asprin"], "unknown drug 'asprin'"),
        (["rum", "good.yaml"], "rum"),
    ],
)
def test_bad_command_lines_are_one_line_and_exit_status_2(
    folder: Path, arguments: list[str], words: str
) -> None:
    before = everything(folder)
    ended = inside(*arguments, cwd=folder)
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert words in ended.stderr
    assert everything(folder) == before


@pytest.mark.slow
def test_bad_input_ends_the_real_process_so(folder: Path) -> None:
    (folder / "bad.yaml").write_text(GOOD.replace("SKBR3", "SKBR4"))
    ended = herscreen("run", "bad.yaml", cwd=folder)
    assert ended.returncode == 2
    assert (ended.stdout, ended.stderr.count("\n")) == ("", 1)


def test_a_merge_without_shards_is_a_failed_run(folder: Path) -> None:
    ended = inside("merge", "good.yaml", cwd=folder)
    assert ended.returncode == 1
    assert ended.stderr == "herscreen: results/good.run: no shards there yet, expected 1\n"


@pytest.mark.slow
def test_debug_shows_the_traceback(folder: Path) -> None:
    ended = herscreen("run", "absent.yaml", "--debug", cwd=folder)
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr


@pytest.mark.slow
def test_help_answers_in_half_a_second_without_heavy_imports(folder: Path) -> None:
    used = processor_seconds()
    ended = herscreen("--help", cwd=folder)
    used = processor_seconds() - used
    assert ended.returncode == 0
    for command in ("run", "plan", "status", "merge", "drugs", "panel", "schema"):
        assert command in ended.stdout
    assert used < 0.75  # a fifth of a second on an idle machine
    heavy = "numpy pydantic h5py xarray scipy pandas libsbml antimony llvmlite plotly yaml"
    code = "import sys, screen\nfrom screen.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    code += f"print([name for name in {heavy!r}.split() if name in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.splitlines()[-1] == "[]"


@pytest.mark.slow
def test_a_cubes_commands_load_neither_pandas_nor_statistics() -> None:
    modules = ", ".join(f"screen.cli.commands.{name}" for name in ("run", "report", "figures", "status"))
    code = f"import sys, {modules}\nprint([one for one in ('pandas', 'scipy.stats', 'xarray') if one in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout == "[]\n"


def test_plan_panel_drugs_and_schema_answer(folder: Path) -> None:
    plan = json.loads(inside("plan", "good.yaml", "--json", cwd=folder).stdout)
    assert plan["simulations"] == 2 * 9
    assert plan["shards"] == 1
    assert "trastuzumab+linsitinib" in inside("plan", "good.yaml", cwd=folder).stdout
    panel = inside("panel", "good.yaml", cwd=folder).stdout.splitlines()
    assert [row.split("\t")[0] for row in panel] == ["cell line", "SKBR3", "BT474"]
    assert inside("drugs", "Herceptin", cwd=folder).stdout.splitlines()[1].startswith("trastuzumab\t")
    assert json.loads(inside("schema", cwd=folder).stdout)["additionalProperties"] is False
    assert not (folder / "results").exists()


def test_status_before_a_run(folder: Path) -> None:
    status = json.loads(inside("status", "good.yaml", "--json", cwd=folder).stdout)
    assert status["missing"] == [0]
    assert status["finished"] is False


def test_windows_is_told_in_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    ended = inside("plan", "good.yaml", cwd=folder)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == (
        "herscreen: found Windows, expected Linux or macOS: locks between processes are POSIX; in WSL 2 it runs as on "
        "Linux\n"
    )
