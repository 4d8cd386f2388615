"""The rules of the house that no linter knows: names, sizes of folders, where imports stand."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "screen").rglob("*.py"))

SAME_IDEA = frozenset(
    """
    answer calibrate calibration cell_lines checks compare custom_model designs doses drugs ensemble errors
    experiments explain figures fit_line from_plates jobs learn loewe markers mixtures model musyc names network
    optimise options outputs overview panel plan plates prior problem program provenance rays reader readouts
    registry relief schedules schema score self_combination slices slurm smoothing status step surfaces verify
    view wells why zip
    """.split()  # noqa: SIM905
)
"""Names of modules that recur because the idea does: in the configuration, where it is computed, in a command, on the
page. A name that recurs and is not here is either the same idea (add it) or wants a name of its own."""

REGISTRIES = {"cli/commands", "report/figures", "report/sections"}
"""Folders of one kind, a file each, that may hold more than twelve."""


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _lazy(path: Path) -> Iterator[ast.Import | ast.ImportFrom]:
    functions = (n for n in ast.walk(_tree(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    found = {n for f in functions for n in ast.walk(f) if isinstance(n, ast.Import | ast.ImportFrom)}
    yield from found


def test_the_name_of_a_module_recurs_only_where_its_idea_does() -> None:
    names = Counter(path.stem for path in FILES if path.stem != "__init__")
    assert {name for name, count in names.items() if count > 1} == SAME_IDEA


def test_the_name_of_a_class_is_unique() -> None:
    homes = defaultdict(list)
    for path in FILES:
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(path.relative_to(ROOT).as_posix())
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}


def test_a_folder_holds_at_most_twelve_modules() -> None:
    sizes = Counter(
        path.parent.relative_to(ROOT / "screen").as_posix() for path in FILES if path.stem != "__init__"
    )
    assert {folder for folder, count in sizes.items() if count > 12} == REGISTRIES


def test_at_most_sixty_imports_stand_inside_functions() -> None:
    assert sum(1 for path in FILES for _ in _lazy(path)) <= 60


def test_no_file_is_much_longer_than_three_hundred_lines() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines())
        for path in ROOT.glob("screen/**/*.py")
    }
    assert {name: count for name, count in lengths.items() if count > 325} == {}


THEMES = frozenset(
    """
    beginnings beside browser cases engine_cases events examples expression four_drugs growth inputs invariants
    plate_files plate_report reference_models running score_cube side_by_side undetermined
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
