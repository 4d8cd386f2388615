"""Bad input of any kind is one line and exit status 2, at once, and nothing is written: one table for all."""

import os
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from screen.synergy.plates.reading import workbook_size
from tests.cli.conftest import inside
from tests.hardening.test_outputs import TINY

PANEL = TINY.replace("[SKBR3]", "[{table: t.csv}]")
DRAWS = f"{TINY}ensemble: {{draws: 2, table: t.tsv}}\n"
FUNCTIONS = "function f(x)\n x*2\nend\nmodel m\n S1 -> ; k*S1; k=1; S1=1\nend\n"
BOMB = "\n".join(
    ["a0: &a0 [1,1,1,1,1,1,1,1,1,1]"]
    + [f"a{k}: &a{k} [{','.join([f'*a{k - 1}'] * 10)}]" for k in range(1, 12)]
)
MERGES = "\n".join(
    ["a: &k0 {x: 1}"] + [f"k{k}: &k{k} {{<<: [{', '.join([f'*k{k - 1}'] * 10)}]}}" for k in range(1, 12)]
)
EVIDENCE = (
    "id,kind,cell_line,treatment,perturbation,time_h,ref_cell_line,ref_treatment,ref_perturbation,ref_time_h,"
    "observable,statistic,lower,upper\n"
)
ROW = "a,level,SKBR3,trastuzumab=68,,24,,,,,pAKT_S473,ratio,{},{}\n"
PLAN = ["plan", "x.yaml"]

CONFIGURATIONS = {
    "tag-bool": (f"{TINY}description: !!bool foo\n", "does not fit its tag"),
    "tag-int": (f"{TINY}seed: !!int ''\n", "does not fit its tag"),
    "tag-float": (f"{TINY}seed: !!float x\n", "not valid YAML"),
    "tag-timestamp": (f"{TINY}description: !!timestamp foo\n", "does not fit its tag"),
    "tag-python": (f"{TINY}description: !!python/object:os.system x\n", "not valid YAML"),
    "tag-binary": (f"{TINY}description: !!binary x\n", "not valid YAML"),
    "date-that-is-none": (f"{TINY}description: 2001-99-99\n", "not valid YAML"),
    "deep": (f"{TINY}times: {'[' * 3000}\n", "nested too deep"),
    "aliases": (f"{TINY}{BOMB}\n", "more than 1000000 values"),
    "merges": (f"{TINY}{MERGES}\n", "more than 1000000 values"),
    "holds-itself": (f"{TINY}times: &a [*a]\n", "more than 1000000 values"),
    "nul": (f"{TINY}\0", "not valid YAML"),
    "nul-in-model": (f'{TINY}model: "a\\0b"\n', "name that no file can have"),
    "nul-in-extends": (f'{TINY}extends: "a\\0b"\n', "extends"),
    "long-extends": (f"{TINY}extends: {'a' * 5000}\n", "extends"),
    "half-a-character": (f'{TINY}name: "a\\ud800"\n', "expected a name for a file"),
    "long-name": (f"{TINY}name: {'é' * 200}\n", "name of 403 bytes"),
    "truth-for-a-number": (f"{TINY}seed: true\n", "found true, expected a number"),
    "truth-for-a-size": (f"{TINY}shard_simulations: true\n", "found true, expected a number"),
    "unknown-key": (f"{TINY}colour: red\n", "unknown key 'colour'"),
    "twice": (f"{TINY}times: 2 h\n", "duplicate key"),
    "no-mapping": ("[1, 2]\n", "found a list"),
    "a-number": ("7\n", "found a int"),
    "empty": ("", "an empty file"),
    "many-lines": (
        TINY.replace("[SKBR3]", str([{"sample": 100_000, "prefix": f"g{k}"} for k in range(11)]).replace("'", "")),
        "found 1100000 lines to draw, expected at most 1000000",
    ),
    "unhashable": (f"{TINY}{{a: 1}}: 2\n", "unhashable"),
    "model-of-zeros": (f"{TINY}model: /dev/zero\n", "pipe or a device"),
    "model-a-pipe": (f"{TINY}model: pipe\n", "pipe or a device"),
    "model-a-folder": (f"{TINY}model: folder\n", "found a folder"),
    "draws-of-zeros": (f"{TINY}ensemble: {{draws: 2, table: /dev/zero}}\n", "pipe or a device"),
    "panel-a-pipe": (TINY.replace("[SKBR3]", "[{table: pipe}]"), "pipe or a device"),
    "table-a-folder": (TINY.replace("[SKBR3]", "[{table: folder}]"), "found a folder"),
}  # fmt: skip
FAN = "".join(f"function f{k}(x)\n f{k + 1}(x + 1) * f{k + 1}(x * 2)\nend\n" for k in reversed(range(31)))
MODELS = {
    "functions": (
        "m.ant",
        f"function f31(x)\n x\nend\n{FAN}model m\n S1 -> ; f0(S1); S1 = 1\nend\n",
        "more than 20000 times",
    ),
    "imports": ("m.ant", 'import "other.ant"\nmodel m; S1 -> ; k*S1; k=1; end\n', "import of another file"),
    "imports-later": ("m.ant", f'{FUNCTIONS}import "other.ant"\n', "line 7: found an import"),
    "cyrillic": ("m.ant", "model m; Sя -> ; k*Sя; k=1; end\n", "not Antimony either"),
    "emoji": ("m.ant", "model m; S🙂 -> ; k; k=1; end\n", "not Antimony either"),
    "utf-7": ("m.xml", '<?xml version="1.0" encoding="UTF-7"?><sbml/>', "m.xml: line 1: Invalid XML"),
    "no-encoding": ("m.xml", '<?xml version="1.0" encoding="x-foo"?><sbml/>', "m.xml: line 1: Invalid XML"),
    "latin-1": ("m.xml", b"<sbml>\xe9</sbml>", "in UTF-8"),
}  # fmt: skip
PANELS = {
    "blank-name": ("line,HER2\n,2\n", "line 2: name: found no name"),
    "spaces": ('line,HER2\n" ",2\n', "line 2: name: found no name"),
    "two-lines": ('line,HER2\n"a\nb",2\n', "name: found"),
    "escape-codes": ("line,HER2\na\x1b]0;x\x07,2\n", "name: found"),
    "long": (f"line,HER2\n{'a' * 201},2\n", "at most 200 characters"),
    "twice": ("line,HER2\na,1\nA,2\n", "duplicate line 'a'"),
    "entity-twice": ("line,HER2,her-2\na,1,2\n", "of HER2"),
    "infinite": ("line,HER2\na,inf\n", "expected 0 or more"),
    "underscore": ("line,HER2\na,1_000\n", "'1_000', expected a number"),
    "short": ("line,HER2,AKT\na,1\n", "line 2: found 2 values, expected 3"),
    "long-row": ("line,HER2\na,1,2\n", "line 2: found 3 values, expected 2"),
    "semicolons": ("line;HER2\na;1\n", "found semicolons between columns, expected commas"),
    "no-rows": ("line,HER2\n", "no lines"),
    "nothing": ("", "found nothing"),
    "bytes": (b"line,HER2\n\xff\xfe,1\n", "in UTF-8"),
    "no-table": ("<html></html>\n", "no lines"),
}  # fmt: skip
ENSEMBLES = {
    "commas": ("draw,k_birth\n0,0.1\n1,0.2\n", "found commas between columns, expected tabs"),
    "no-draws": ("root:x:0:0:root:/root:/bin/bash\n", "found the columns"),
    "other-first": ("number\tk_birth\n0\t1\n1\t1\n", "expected draw and parameters"),
    "unknown": ("draw\tnope\n0\t1\n1\t1\n", "no such parameter"),
    "near": ("draw\tk_brith\n0\t1\n1\t1\n", "did you mean 'k_birth'"),
    "entity": ("draw\tSKBR3:HER9\n0\t1\n1\t1\n", "unknown entity"),
    "nan": ("draw\tk_birth\n0\tnan\n1\t1\n", "line 2: k_birth: found 'nan'"),
    "inf": ("draw\tk_birth\n0\t1\n1\tinf\n", "line 3: k_birth: found 'inf'"),
    "negative": ("draw\tk_birth\n0\t1\n1\t-1\n", "found -1, expected a number above 0"),
    "negative-line": ("draw\tSKBR3:HER2\n0\t1\n1\t-1\n", "line 3: SKBR3:HER2: found '-1'"),
    "text": ("draw\tk_birth\n0\tfast\n1\t1\n", "line 2: k_birth: found 'fast'"),
    "twice": ("draw\tk_birth\tk_birth\n0\t1\t1\n1\t1\t1\n", "duplicate column"),
    "short": ("draw\tk_birth\n0\n1\t1\n", "line 2: found 1 values, expected 2"),
    "too-few": ("draw\tk_birth\n0\t0.1\n", "at most the 1 of"),
}  # fmt: skip
STATEMENTS = {
    "semicolons": (EVIDENCE.replace(",", ";"), "found semicolons between columns"),
    "no-column": ("id,kind\na,b\n", "no column 'cell_line'"),
    "short": (f"{EVIDENCE}a,level,SKBR3\n", "line 2: found 3 values, expected 14"),
    "id-twice": (EVIDENCE + ROW.format(0, 1) * 2, "duplicate 'a'"),
    "upside-down": (EVIDENCE + ROW.format(2, 1), "lower 2 above upper 1"),
    "infinite": (EVIDENCE + ROW.format("inf", ""), "lower is 'inf'"),
    "escape-codes": (EVIDENCE + ROW.format(0, 1).replace("a,", "\x1b]0;x,", 1), "id: found"),
}  # fmt: skip
COMMANDS = {
    "a-pipe": (["plan", "pipe"], "pipe or a device"),
    "a-folder": (["plan", "folder"], "found a folder"),
    "zeros": (["plan", "/dev/zero"], "pipe or a device"),
    "evidence-of-zeros": (["evidence", "check", "--file", "/dev/zero"], "pipe or a device"),
    "evidence-a-pipe": (["evidence", "score", "pipe"], "pipe or a device"),
    "plates-a-pipe": (["score", "pipe"], "pipe or a device"),
    "calibration-a-pipe": (["calibrate", "pipe", "-o", "new"], "pipe or a device"),
    "against-a-pipe": (["score", "tiny.csv", "--against", "pipe"], "pipe or a device"),
    "the-folder-at-hand": (["report", "."], "found a folder"),
    "cube-a-pipe": (["verify", "pipe"], "pipe or a device"),
    "cube-of-zeros": (["verify", "/dev/zero"], "pipe or a device"),
    "cube-a-folder": (["report", "folder"], "folder"),
    "not-a-workbook": (["score", "x.xlsx"], "damaged workbook"),
    "seed": (["score", "tiny.csv", "--bootstrap", "5", "--seed", "-5"], "--seed"),
    "set-tag": (["plan", "good.yaml", "--set", "seed=!!int ''"], "does not fit its tag"),
    "set-deep": (["plan", "good.yaml", "--set", f"times={'[' * 3000}"], "nested too deep"),
    "set-long": (["plan", "good.yaml", "--set", f"nome={'a' * 9000}"], "unknown key 'nome'"),
    "memory": (["plan", "good.yaml", "--memory-limit", f"{'9' * 400}GB"], "--memory-limit"),
}  # fmt: skip
BOMBS = {
    "workbook-far-cell": (["score", "far.xlsx"], "1048576 rows and 16384 columns, expected at most 20000000 cells"),
    "workbook-bomb": (["score", "bomb.xlsx"], "unpacks to more than 1 MB"),
    "wide-plate": (["score", "wide.csv"], "found 1000000 columns"),
    "wide-cell": (["score", "cell.csv"], "not a table (field larger than field limit"),
    "output-of-one-cell": (["score", "tiny.csv", "-o", "cell.csv"], "is no such table as this command writes"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "good.yaml").write_text(TINY)
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / "tiny.csv").write_text("x\n")
    return tmp_path


@pytest.fixture
def bombs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small files that are large once they are read."""
    monkeypatch.setattr(workbook_size, "LARGEST_UNPACKED", 1_000_000)
    book = openpyxl.Workbook()
    book.active["XFD1048576"] = 1  # type: ignore[index]
    book.save(folder / "far.xlsx")
    with zipfile.ZipFile(folder / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/sharedStrings.xml", bytes(1_100_000))
    (folder / "wide.csv").write_text(",".join("0" * 1_000_000) + "\n")
    (folder / "cell.csv").write_text("a" * 200_000)
    return folder


def refused(folder: Path, arguments: list[str], words: str) -> None:
    """Run the command, which must refuse its input as it should."""
    before, begun = sorted(folder.rglob("*")), time.process_time()
    ended = inside(*arguments, cwd=folder)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr[-500:]
    assert words in ended.stderr
    assert len(ended.stderr) < 1200
    assert ended.stdout == ""
    assert sorted(folder.rglob("*")) == before
    assert time.process_time() - begun < 20


def put(path: Path, content: str | bytes) -> None:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.mark.slow
@pytest.mark.parametrize("case", CONFIGURATIONS)
def test_a_bad_configuration_is_refused(folder: Path, case: str) -> None:
    put(folder / "x.yaml", CONFIGURATIONS[case][0])
    refused(folder, PLAN, CONFIGURATIONS[case][1])


@pytest.mark.slow
@pytest.mark.parametrize("case", MODELS)
def test_a_bad_model_is_refused(folder: Path, case: str) -> None:
    name, content, words = MODELS[case]
    put(folder / name, content)
    put(folder / "x.yaml", f"{TINY}model: {name}\n")
    refused(folder, PLAN, words)


@pytest.mark.parametrize("case", PANELS)
def test_a_bad_table_of_lines_is_refused_in_the_plan(folder: Path, case: str) -> None:
    put(folder / "t.csv", PANELS[case][0])
    put(folder / "x.yaml", PANEL)
    refused(folder, PLAN, PANELS[case][1])


@pytest.mark.parametrize("case", ENSEMBLES)
def test_a_bad_table_of_draws_is_refused_in_the_plan(folder: Path, case: str) -> None:
    put(folder / "t.tsv", ENSEMBLES[case][0])
    put(folder / "x.yaml", DRAWS)
    refused(folder, PLAN, ENSEMBLES[case][1])


@pytest.mark.parametrize("case", STATEMENTS)
def test_a_bad_table_of_evidence_is_refused(folder: Path, case: str) -> None:
    put(folder / "e.csv", STATEMENTS[case][0])
    refused(folder, ["evidence", "check", "--file", "e.csv"], STATEMENTS[case][1])


@pytest.mark.parametrize("case", BOMBS)
def test_a_small_file_that_is_large_once_it_is_read_is_refused(bombs: Path, case: str) -> None:
    refused(bombs, *BOMBS[case])


@pytest.mark.slow
@pytest.mark.parametrize("case", COMMANDS)
def test_bad_arguments_are_refused(folder: Path, case: str) -> None:
    refused(folder, *COMMANDS[case])


def test_a_name_that_is_no_text_is_refused(folder: Path) -> None:
    name = os.fsdecode(b"latin-\xe9.yaml")
    put(folder / name, TINY)
    refused(folder, ["plan", name], "expected a name for a file")


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (pd.to_datetime(["2020-01-01", "2020-01-02"]), "expected numbers"),
        ([True, False], "expected numbers"),
        (["much", "2"], "'much', expected a number"),
        ([float("inf"), 1.0], "expected 0 or more"),
    ],
)
def test_a_column_of_no_numbers_in_parquet_is_refused(folder: Path, column: Any, words: str) -> None:
    pd.DataFrame({"line": ["a", "b"], "HER2": column}).to_parquet(folder / "t.parquet")
    put(folder / "x.yaml", PANEL.replace("t.csv", "t.parquet"))
    refused(folder, PLAN, words)


def test_a_line_without_a_name_in_parquet_is_refused(folder: Path) -> None:
    pd.DataFrame({"line": ["a", None], "HER2": [1.0, 2.0]}).to_parquet(folder / "t.parquet")
    put(folder / "x.yaml", PANEL.replace("t.csv", "t.parquet"))
    refused(folder, PLAN, "row 2: name: found no name")


@pytest.mark.slow
def test_100_000_lines_of_a_table_are_planned_in_seconds(folder: Path) -> None:
    put(folder / "t.csv", "line,HER2\n" + "".join(f"l{k},{k % 7 + 1}\n" for k in range(100_000)))
    put(folder / "x.yaml", PANEL)
    begun = time.process_time()
    assert inside(*PLAN, cwd=folder).returncode == 0
    assert time.process_time() - begun < 20


def test_a_fan_of_files_that_extend_one_another_ends(folder: Path) -> None:
    for depth in range(7):
        names = ", ".join(f"f{depth + 1}.yaml" for _ in range(12))
        put(folder / f"f{depth}.yaml", f"extends: [{names}]\n" if depth < 6 else "seed: 1\n")
    put(folder / "x.yaml", f"{TINY}extends: f0.yaml\n")
    refused(folder, PLAN, "more than 100 files")
