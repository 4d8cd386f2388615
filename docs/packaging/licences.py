"""The licences of all that an installation brings: `python docs/packaging/licences.py` writes the page of them again.

Names are those of the lock file; the licences those that the installed packages state. A licence that `ALLOWED` does
not know ends the script with a line: somebody has to read it, and to say here that it may be used beside Apache-2.0.
"""

import re
import sys
from importlib import metadata
from pathlib import Path

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
    "LLVM-exception",
    "MIT",
    "MPL-2.0",
    "PSF-2.0",
    "Zlib",
}
WORDS = {  # what packages write where they state no SPDX expression
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "3-Clause BSD": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License 2.0": "Apache-2.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "ISC License (ISCL)": "ISC",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "LGPL": "LGPL-2.1-or-later",
}


def names() -> list[str]:
    """The packages of the lock file."""
    return re.findall(r"^([A-Za-z0-9._-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)


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


def page() -> str:
    """The table, a row a package."""
    head = [
        "# Licences",
        "",
        "herscreen is Apache-2.0. What an installation brings beside it, as the packages state it; a licence that is",
        "not among those of `docs/packaging/licences.py` fails a test.",
        "",
        "| package | licence |",
        "| --- | --- |",
    ]
    return "\n".join([*head, *(f"| {name} | {licence(name)} |" for name in names()), ""])


if __name__ == "__main__":
    refused = {name: unknown(licence(name)) for name in names()}
    for name, found in refused.items():
        if found:
            print(
                f"{name}: found {', '.join(found)}, expected one of {', '.join(sorted(ALLOWED))}",
                file=sys.stderr,
            )
    if any(refused.values()):
        sys.exit(1)
    PAGE.write_text(page(), encoding="utf-8")
