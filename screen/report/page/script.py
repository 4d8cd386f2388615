"""The page's script: every `.js` of the report joined in the order in which it may run, as one text.

First what the page's data are, then how anything is drawn, then each figure and each section, whose files say by
`FIGURES` and `SECTIONS` what they draw, and last what brings the page to life. All share one scope.
`python -m screen.report.page.script` prints it, for the linter, which so sees the names that files share.
"""

from importlib import resources

FIRST, LAST = ("core", "zip", "summaries", "pair_data"), ("main",)
FOLDERS = ("drawing", "figures", "sections")


def script() -> str:
    """The whole script."""
    found = [asset("page", f"{name}.js") for name in FIRST]
    for folder in FOLDERS:
        names = sorted(item.name for item in resources.files("screen.report").joinpath(folder).iterdir())
        found += [asset(folder, name) for name in names if name.endswith(".js")]
    return "\n".join([*found, *(asset("page", f"{name}.js") for name in LAST)])


def asset(folder: str, name: str) -> str:
    """The text of a file of `screen/report/<folder>/`."""
    return resources.files("screen.report").joinpath(folder, name).read_text(encoding="utf-8")


if __name__ == "__main__":
    print(script())
