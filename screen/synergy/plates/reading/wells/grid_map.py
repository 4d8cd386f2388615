"""A map of wells drawn as blocks like the plate itself: one block a fact, its name over it, in its corner or on its
sheet (`drug1`, `conc1 (uM)`, `role`, ...); a block of doses a drug, named by the drug (`lapatinib (uM)`); or one block
of texts such as `lapatinib 3 uM + linsitinib 10 nM`.
"""

import re
from collections.abc import Iterator

import pandas as pd

from screen.errors import InputError
from screen.synergy.plates.reading.headers import find_columns, fold, named_unit
from screen.synergy.plates.reading.numbers import read_numbers
from screen.synergy.plates.reading.wells.grids import grids_of

FACTS = (
    *(f"{fact}_{k}" for k in (1, 2, 3, 4) for fact in ("drug", "conc", "unit")),
    "role", "cell_line", "replicate", "block_id", "schedule",
)  # fmt: skip
BARE = {"drug": "drug_1", "drugs": "drug_1", "compound": "drug_1", "compounds": "drug_1", "treatment": "drug_1",
        "dose": "conc_1", "doses": "conc_1", "conc": "conc_1"}  # fmt: skip
_BETWEEN = re.compile(r"\s*(?:\+|&|;|\n|\band\b|\bplus\b)\s*")
_DOSE_LAST = re.compile(r"(.*?\S)(?:\s*[@:(,]\s*|\s+)([\d.,]+(?:[eE][+-]?\d+)?)\s*([^\d\s).,][^\s)]*)\s*\)?")
_DOSE_FIRST = re.compile(r"([\d.,]+(?:[eE][+-]?\d+)?)\s*([^\d\s.,]\S*)\s+(.*\S)")


def read_grid_map(sheets: list[tuple[str, pd.DataFrame]], where: str) -> pd.DataFrame | None:
    """Rows `well, drug_1, conc_1, unit_1, drug_2, ...` (and `plate`, numbers in their order, where several are drawn);
    None where no sheet holds a block of wells. InputError for a block that says neither a fact nor a drug."""
    plates: list[dict[str, pd.Series]] = [{}]
    for sheet, table in sheets:
        grids = grids_of(table)
        for grid in grids:
            own = [sheet] if len(grids) == 1 and (_fact(sheet) or named_unit(sheet)[1]) else []
            names = [grid.attrs["title"], *own]
            title = next((name for name in names if _fact(name)), names[0] or names[-1])
            if title in plates[-1]:
                plates.append({})
            plates[-1][title] = grid.set_index("well")["text"]
    if not plates[0]:
        return None
    parts = [_one_plate(plate, where) for plate in plates]
    if len(parts) > 1:
        parts = [part.assign(plate=str(k)) for k, part in enumerate(parts, start=1)]
    return pd.concat(parts, ignore_index=True).fillna("")


def _fact(title: str) -> str:
    """Which fact of a well a title names, `""` for none."""
    found = find_columns([title])
    return next((fact for fact in FACTS if fact in found), BARE.get(fold(named_unit(title)[0]), ""))


def _one_plate(blocks: dict[str, pd.Series], where: str) -> pd.DataFrame:
    """The wells of one plate from its blocks by title."""
    wells = list(dict.fromkeys(well for texts in blocks.values() for well in texts.index))
    table = pd.DataFrame(index=wells)
    facts = {title: _fact(title) for title in blocks}
    for title, fact in facts.items():
        if fact and not (fact == "drug_1" and "conc_1" not in facts.values()):
            table[fact] = blocks[title]
            head = find_columns([title]).get(fact)
            if fact.startswith("conc") and head is not None and head.unit:
                table[f"unit_{fact[-1]}"] = head.unit
    others = [title for title, fact in facts.items() if fact not in table]
    doses = [title for title in others if not read_numbers(blocks[title]).wrong.any()]
    for title in doses:
        name, unit = named_unit(title)
        if not name:
            raise InputError(
                f"{where}: found a block of numbers without a name over it, expected one: conc1 (uM), or a drug's name"
            )
        k = next(k for k in range(1, 5) if f"drug_{k}" not in table)
        table[f"drug_{k}"], table[f"conc_{k}"], table[f"unit_{k}"] = name, blocks[title], unit
    for title in others:
        if title not in doses:
            drawn = pd.DataFrame(dict(_drawn(blocks[title]))).T
            table = table.join(drawn[[name for name in drawn if name not in table]])
    if "conc_2" not in table:
        table["drug_2"], table["conc_2"] = "", "0"
    return table.rename_axis("well").reset_index()


def _drawn(texts: pd.Series) -> Iterator[tuple[str, dict[str, str]]]:
    """What each cell of a block of texts holds: its drugs, in the order in which cells of several name them."""
    cells = {well: [_part(part) for part in _BETWEEN.split(text) if part] for well, text in texts.items()}
    together = [name for cell in cells.values() if len(cell) > 1 for name, *_ in cell]
    named = [*together, *(name for cell in cells.values() for name, *_ in cell)]
    order = {name: k for k, name in enumerate(dict.fromkeys(named))}
    for well, cell in cells.items():
        row: dict[str, str] = {}
        for k, (name, dose, unit) in enumerate(sorted(cell, key=lambda part: order[part[0]]), start=1):
            row |= {f"drug_{k}": name, f"conc_{k}": dose, f"unit_{k}": unit}
        yield str(well), row


def _part(text: str) -> tuple[str, str, str]:
    """Name, dose and unit of `lapatinib 3 uM`, `3 uM lapatinib`, `lapatinib (3 uM)`; no dose in a bare name."""
    found = [(match[1], match[2], match[3]) if (match := _DOSE_LAST.fullmatch(text)) else ("", "", "%"),
             (match[3], match[1], match[2]) if (match := _DOSE_FIRST.fullmatch(text)) else ("", "", "%")]  # fmt: skip
    return next((part for part in found if not part[2].startswith("%")), (text, "", ""))
