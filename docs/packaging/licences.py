"""The licences of all that an installation brings: `python docs/packaging/licences.py` writes the page of them again.

Names are those of the lock file, and of each extra what it brings beside these; the licences those that the installed
packages state. An extra that is not installed where the script runs keeps its rows. A licence that `ALLOWED` does not
know ends the script with a line: somebody has to read it, and to say here that it may be used beside Apache-2.0.
"""

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCK, PAGE = ROOT / "requirements.lock", ROOT / "docs" / "reference" / "licences.md"
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "HPND",
    "ISC",
    "LGPL-2.1-or-later",  # libSBML: a library of its own, which users may replace
    "LGPL-3.0-only",  # rainbow-api, of the extra instruments: as above
    "LLVM-exception",
    "MIT",
    "MIT-0",  # MIT without the duty to name the authors
    "MIT-CMU",  # Pillow's, as HPND
    "MPL-2.0",
    "PSF-2.0",
    "Zlib",
}
WORDS = {  # what packages write where they state no SPDX expression
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "3-Clause BSD": "BSD-3-Clause",
    "BSD 3-Clause": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License 2.0": "Apache-2.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "ISC License (ISCL)": "ISC",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "LGPL": "LGPL-2.1-or-later",
}


def names() -> list[str]:
    """The packages of the lock file."""
    return re.findall(r"^([A-Za-z0-9._-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)


def of_extras() -> dict[str, list[str]]:
    """What users may ask for beside it, by extra; not what tests and the documentation need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {k: v for k, v in project["optional-dependencies"].items() if k not in ("docs", "test")}


def brought(wanted: list[str]) -> list[str]:
    """The packages that requirements bring beside those of the lock file, as installed here. Raises
    `PackageNotFoundError` where one is not.
    """
    known, found, open_ends = {normal(name) for name in names()}, set[str](), list(wanted)
    while open_ends:
        requirement = Requirement(open_ends.pop())
        name = normal(requirement.name)
        chosen = [{"extra": extra} for extra in requirement.extras] or [{"extra": ""}]
        if name in known or name in found:
            continue
        found.add(name)
        for text in metadata.requires(name) or []:
            marker = Requirement(text).marker
            if marker is None or any(marker.evaluate(one) for one in chosen):
                open_ends.append(text)
    return sorted(found)


def normal(name: str) -> str:
    """A package's name as indices spell it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def kept(begin: str) -> list[str]:
    """The rows of the page that begin so."""
    before = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    return [row for row in before.splitlines() if row.startswith(begin)]


def rows() -> list[str]:
    """A row a package of the lock file; as the page has it where it is not installed here."""
    found = []
    for name in names():
        try:
            found.append(f"| {name} | {licence(name)} |")
        except metadata.PackageNotFoundError:
            found += kept(f"| {name} | ")[:1]
    return found


def rows_of_extras() -> list[str]:
    """A row a package of an extra; as the page has them where it is not installed here."""
    found = []
    for extra, wanted in of_extras().items():
        try:
            there = brought(wanted)
            found += [f"| {extra} | {name} | {metadata.version(name)} | {licence(name)} |" for name in there]
        except metadata.PackageNotFoundError:
            found += kept(f"| {extra} | ")
    return found


def licence(name: str) -> str:
    """The licence of an installed package as an SPDX expression: as it states it, else by its words."""
    about = metadata.metadata(name)
    if stated := about.get("License-Expression"):
        return str(stated)
    said = [
        row.rsplit(" :: ", 1)[-1]
        for row in about.get_all("Classifier", [])
        if row.startswith("License :: OSI")
    ]
    said += [] if said else [(about.get("License") or "not stated").splitlines()[0]]
    return " AND ".join(dict.fromkeys(WORDS.get(word, word) for word in said))


def unknown(expression: str) -> list[str]:
    """The licences of an expression that nobody has allowed."""
    parts = re.split(r"\s+(?:AND|OR|WITH)\s+|[()]", expression)
    return [part.strip() for part in parts if part.strip() and part.strip() not in ALLOWED]


def unknown_in(row: str) -> list[str]:
    """The licences of a row of the page that nobody has allowed; none in a table's head."""
    last = row.strip("| ").rsplit(" | ", 1)[-1]
    return [] if last in ("licence", "---") else unknown(last)


def page() -> str:
    """The tables, a row a package."""
    head = [
        "# Licences",
        "",
        "herscreen is Apache-2.0. What an installation brings beside it, as the packages state it; a licence that is",
        "not among those of `docs/packaging/licences.py` fails a test.",
        "",
        "| package | licence |",
        "| --- | --- |",
    ]
    extras = [
        "",
        "## Extras",
        "",
        "What `pip install 'herscreen[EXTRA]'` brings beside that, at the versions whose licences were read.",
        "",
        "| extra | package | version | licence |",
        "| --- | --- | --- | --- |",
        *rows_of_extras(),
    ]
    return "\n".join([*head, *rows(), *extras, ""])


if __name__ == "__main__":
    text = page()
    refused = [row for row in text.splitlines() if row.startswith("| ") and unknown_in(row)]
    for row in refused:
        print(f"found {row}, expected one of {', '.join(sorted(ALLOWED))}", file=sys.stderr)
    if refused:
        sys.exit(1)
    PAGE.write_text(text, encoding="utf-8")
