"""The page's script: every `.js` of the report joined in the order in which it may run, as one text.

`python -m screen.report.page.script` prints it, for the linter, which so sees the names that files share.
"""

from importlib import resources

SCRIPTS = (
    *("core", "colour", "axes", "save", "matrix", "curves", "contour", "relief"),
    *("overview", "waterfall", "resistance", "pair", "why", "markers", "foretold", "table", "main"),
)


def script() -> str:
    """The whole script."""
    return "\n".join(asset(f"{name}.js") for name in SCRIPTS)


def asset(name: str) -> str:
    """A file of `screen/report/page/`."""
    return resources.files("screen.report").joinpath("page", name).read_text(encoding="utf-8")


if __name__ == "__main__":
    print(script())
