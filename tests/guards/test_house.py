"""The rules of the house that no linter knows: names, sizes of folders, where imports stand."""

import ast
import re
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "screen").rglob("*.py"))

SAME_IDEA = frozenset(
    """
    answer calibrate calibration cell_lines checks compare cohort custom_model designs doses drugs ensemble errors
    experiments explain figures fit_line from_plates jobs learn loewe markers mixtures model musyc names network
    optimise options outputs overview panel plan plates prior problem program provenance rays reader readouts
    registry relief schedules schema score self_combination skill slices slurm smoothing status step surfaces verify
    view wells why zip
    """.split()  # noqa: SIM905
)
"""Names of modules that recur because the idea does: in the configuration, where it is computed, in a command, on the
page. A name that recurs and is not here is either the same idea (add it) or wants a name of its own."""

REGISTRIES = {"cli/commands", "report/figures", "report/sections"}
"""Folders of one kind, a file each, that may hold more than twelve."""


def _lazy(path: Path) -> set[ast.Import | ast.ImportFrom]:
    """Imports inside functions, of a file that holds any that is indented."""
    text = path.read_text()
    if not re.search(r"^ +(from|import) ", text, re.MULTILINE):
        return set()
    tree = ast.walk(ast.parse(text))
    functions = [node for node in tree if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {n for one in functions for n in ast.walk(one) if isinstance(n, ast.Import | ast.ImportFrom)}


def test_the_name_of_a_module_recurs_only_where_its_idea_does() -> None:
    names = Counter(path.stem for path in FILES if path.stem != "__init__")
    assert {name for name, count in names.items() if count > 1} == SAME_IDEA


def test_the_name_of_a_class_is_unique() -> None:
    homes = defaultdict(list)
    for path in FILES:
        for name in re.findall(r"^ *class (\w+)", path.read_text(), re.MULTILINE):
            homes[name].append(path.relative_to(ROOT).as_posix())
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}


def test_a_folder_holds_at_most_twelve_modules() -> None:
    sizes = Counter(
        path.parent.relative_to(ROOT / "screen").as_posix() for path in FILES if path.stem != "__init__"
    )
    assert {folder for folder, count in sizes.items() if count > 12} == REGISTRIES


def test_at_most_sixty_imports_stand_inside_functions() -> None:
    assert sum(len(_lazy(path)) for path in FILES) <= 60


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines())
        for path in ROOT.glob("screen/**/*.py")
    }
    assert {name: count for name, count in lengths.items() if count > 300} == {}


THEMES = frozenset(
    """
    beginnings beside browser cases engine_cases events examples expression four_drugs growth inputs invariants
    plate_files plate_report reference_models running score_cube side_by_side spellings undetermined
    """.split()  # noqa: SIM905
)
"""Tests of a package that are of no one module: of files as people have them, of a page in a browser, of kinds."""
APART = {"benchmarks", "cluster", "docs", "guards", "hardening", "packaging", "peers", "science"}


def test_tests_stand_where_their_modules_do() -> None:
    astray = []
    for path in (ROOT / "tests").rglob("test_*.py"):
        inside = path.relative_to(ROOT / "tests")
        module = ROOT / "screen" / inside.with_name(inside.name.removeprefix("test_"))
        if len(inside.parts) > 1 and inside.parts[0] not in APART and not module.exists():
            astray.append(inside.as_posix())
    assert [name for name in astray if Path(name).stem.removeprefix("test_") not in THEMES] == []
