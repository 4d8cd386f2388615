"""The schema as a page: `python -m screen.cube.reference` prints what `docs/files.md` says of a cube's contents."""

from collections.abc import Iterator
from textwrap import fill

from screen.cube.schema import COORDINATES, GROUPS, TRIPLES
from screen.cube.spec import VariableSpec
from screen.cube.status import CODES

WIDTH = 120
BEGIN, END = "<!-- cube: from the schema -->", "<!-- end of cube -->"


def reference() -> str:
    """Markdown: a table for each group, one for what every group repeats, and the codes of `status`."""
    return "\n".join([BEGIN, "", *_lines(), END])


def _lines() -> Iterator[str]:
    yield "Coordinates, which every group that has one of their dimensions repeats:"
    yield from _table(COORDINATES)
    for group in GROUPS:
        title = f"`/{group.path}`: {group.about}."
        if group is TRIPLES:
            yield from (fill(f"{title} Its rows are those of `/`.", WIDTH, break_on_hyphens=False), "")
            continue
        yield fill(title, WIDTH, break_on_hyphens=False)
        yield from _table([row for row in group.rows if row not in COORDINATES])
    yield "Codes of `status`:"
    yield from ("", "| code | flag | remedy |", "| --- | --- | --- |")
    for code in CODES:
        yield f"| {code.code} | {code.meaning} | {code.remedy} |"
    yield ""


def _table(rows: "list[VariableSpec] | tuple[VariableSpec, ...]") -> Iterator[str]:
    yield from ("", "| variable | dimensions | unit | what |", "| --- | --- | --- | --- |")
    for row in rows:
        sign = f"; {row.sign}" if row.sign else ""
        yield f"| `{row.name}` | {row.dims or 'none'} | {row.units or '-'} | {row.long_name}{sign} |"
    yield ""


if __name__ == "__main__":
    print(reference())
