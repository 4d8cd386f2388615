"""What versions of the documentation stand beside each other: `python docs/versions.py FOLDER` writes `versions.js`
into the folder that holds a built site a version, newest first, with the pages that each has. A script and no JSON, so
that pages read it from a disk too. `make docs VERSION=1.0.0` calls it.
"""

import json
import sys
from pathlib import Path

from packaging.version import Version


def versions(folder: Path) -> dict[str, list[str]]:
    """The pages of every version in a folder by their names; newest first."""
    sites = {index.parent.name: index.parent for index in folder.glob("*/index.html")}
    return {
        name: sorted(
            str(page.relative_to(sites[name]).with_suffix("")) for page in sites[name].rglob("*.html")
        )
        for name in sorted(sites, key=Version, reverse=True)
    }


if __name__ == "__main__":
    place = Path(sys.argv[1])
    (place / "versions.js").write_text(
        f"window.VERSIONS = {json.dumps(versions(place))};\n", encoding="utf-8"
    )
