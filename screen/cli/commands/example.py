"""`herscreen example`: the example configurations beside you, from a clone or an installed package."""

import shutil
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
import yaml

from screen.cli.console import say, table
from screen.errors import InputError, nearest
from screen.files import occupied, write_text
from screen.report.tables.xlsx import workbook_of_csv
from screen.selftest.example_files import example_files
from screen.synergy.plates.reading.template import write_templates

PLATE, DATA, BOOK = "plate", "data", "plates.xlsx"


def example(
    name: Annotated[
        str | None, typer.Argument(help="An example, `plate`, `data`, or all; unless given they are listed.")
    ] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write into.")] = Path("."),
    force: Annotated[bool, typer.Option("--force", help="Write over existing files.")] = False,
) -> None:
    """Put an example configuration, with the files that it names, an empty plate, or the files that the documentation's
    commands name beside you.
    """
    folder = examples()
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if name is None:
        rows = [[each, described(folder / f"{each}.yaml")] for each in known]
        table(
            "Examples",
            ["example", "what it asks"],
            [
                *rows,
                [PLATE, "an empty plate and its map, to fill in"],
                [
                    DATA,
                    "made-up plates, what to learn from them, lines, a model: the files that the documentation names",
                ],
            ],
        )
        return
    if name not in (*known, PLATE, DATA, "all"):
        raise InputError(f"found {name!r}, expected an example{nearest(name, [*known, PLATE, DATA])}")
    if not output.is_dir():
        raise InputError(f"{output}: no such folder, expected an existing one")
    made = example_files() if name in (DATA, "all") else {}
    copied = {path.relative_to(folder): path for path in files_of(folder, known if name == "all" else [name])}
    for relative in (*copied, *map(Path, [*made, *([BOOK] if made else [])])):
        if (output / relative).exists() and not force:
            raise occupied(output / relative)
    for relative, path in copied.items():
        (output / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, output / relative)
        say(f"wrote {output / relative}")
    for file, content in made.items():
        say(f"wrote {write_text(output / file, content)}")
    if made:
        say(f"wrote {workbook_of_csv(output / 'plates.csv', output / BOOK, 'plates')}")
    if name == PLATE:
        for written in write_templates(output / "plate.csv", force):
            say(f"wrote {written}")


def examples() -> Path:
    """Where the examples are: in the installed package, or in the clone that it stands in."""
    package = Path(str(resources.files("screen")))
    found = next((path for path in (package / "examples", package.parent / "configs") if path.is_dir()), None)
    if found is None:
        raise InputError("this installation holds no examples, expected them beside the package")
    return found


def files_of(folder: Path, names: list[str]) -> list[Path]:
    """The configurations of these names, and the files of folders that they name."""
    found = []
    for name in names:
        path = folder / f"{name}.yaml"
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        beside = [each for each in sorted(folder.rglob("*")) if each.is_file() and each.parent != folder]
        found += [path, *(each for each in beside if each.relative_to(folder).as_posix() in text)]
    return list(dict.fromkeys(found))


def described(path: Path) -> str:
    """What a configuration says that it is."""
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    return " ".join(str(found.get("description", "")).split())
