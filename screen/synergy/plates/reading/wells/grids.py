"""Blocks of wells in a sheet: a row 1, 2, 3 ... and under it rows that begin with A, B, C ..., of any size of plate,
with the line of text that stands over each. SoftMax Pro leaves the letters out: its rows follow a head with
`Temperature`.
"""

import re

import pandas as pd

from screen.errors import InputError
from screen.synergy.plates.reading.headers import fold
from screen.synergy.plates.reading.numbers import read_numbers

SIZES = ((8, 12), (16, 24), (4, 6), (6, 8), (3, 4), (2, 3), (32, 48))
TITLE_LINES = 3
_WELL = re.compile(r"([A-Za-z]{1,2})\s*0*(\d{1,2})")


def well_name(text: object) -> str:
    """`A01`, `a1`, `A 1` as `A1`."""
    match = _WELL.fullmatch(str(text).strip())
    return f"{match[1].upper()}{int(match[2])}" if match else str(text).strip()


def grids_of(sheet: pd.DataFrame) -> list[pd.DataFrame]:
    """The blocks of a sheet of texts, a row a well that holds something: `well`, `text`, `row` (the line of the file);
    `attrs["title"]` is the text in the corner or over the block, `""` for none."""
    texts = sheet.fillna("").astype(str).apply(lambda column: column.str.strip())
    found: list[pd.DataFrame] = []
    place = last = 0
    while place < len(texts):
        block = _grid_at(texts, place)
        if block is None:
            place += 1
            continue
        grid, height, corner = block
        grid.attrs["title"] = corner or _title(texts, last, place)
        found.append(grid)
        place = last = place + 1 + height
    return found


def bare_grids_of(sheet: pd.DataFrame) -> list[pd.DataFrame]:
    """Blocks of numbers of the size of a plate without letters and numbers around them, as `grids_of` gives them."""
    texts = sheet.fillna("").astype(str).apply(lambda column: column.str.strip())
    numbers = texts.apply(lambda column: ~_no_number(column)).to_numpy()
    alone = (numbers | (texts == "").to_numpy()).all(axis=1)
    width = numbers.sum(axis=1) * alone
    found, place = [], 0
    while place < len(texts):
        run = next((k for k in range(place, len(texts)) if width[k] != width[place]), len(texts)) - place
        if (run, width[place]) in SIZES:
            kept = texts.iloc[place : place + run, numbers[place].argmax() :].iloc[:, : width[place]]
            wells = [f"{_letter(i)}{k + 1}" for i in range(run) for k in range(int(width[place]))]
            grid = pd.DataFrame({"well": wells, "text": kept.to_numpy().reshape(-1)})
            grid["row"] = [line for line in kept.index for _ in range(int(width[place]))]
            grid.attrs["title"] = _title(texts, 0, place)
            found.append(grid)
        place += run
    return found


def _no_number(texts: pd.Series) -> pd.Series:
    read = read_numbers(texts)
    return pd.Series(read.wrong | read.empty | (read.unit != ""), index=texts.index)


def _refuse_readings(texts: pd.DataFrame, side: list[str], place: int) -> None:
    """InputError where each letter stands over several rows, a reading each."""
    step = next((k for k, text in enumerate(side) if text.upper() == "B"), 0)
    if step < 2 or any(side[1:step]) or len(side) <= 2 * step or side[2 * step].upper() != "C":
        return
    labels = [str(row.iloc[-1]) for _, row in texts.iloc[place + 1 : place + 1 + step].iterrows()]
    raise InputError(
        f"found {step} readings of each well ({', '.join(labels)}), expected one: take the others out"
    )


def _title(texts: pd.DataFrame, last: int, place: int) -> str:
    """The nearest text above a block, of the few lines since the block before it."""
    for k in range(place - 1, max(last, place - 1 - TITLE_LINES) - 1, -1):
        filled = [str(text) for text in texts.iloc[k] if text]
        if filled:
            return filled[0]
    return ""


def _grid_at(texts: pd.DataFrame, place: int) -> tuple[pd.DataFrame, int, str] | None:
    """The block whose head is at `place`, its height and the text in its corner."""
    head = [_number(text) for text in texts.iloc[place]]
    for rows, columns in sorted(SIZES, reverse=True):
        for start in range(1, len(head) - columns + 1):
            if head[start : start + columns] != [str(k + 1) for k in range(columns)]:
                continue
            letters = [_letter(k) for k in range(rows)]
            corner = str(texts.iloc[place, start - 1])
            named = "" if fold(corner).startswith("temperature") else corner.strip("<>")
            body = texts.iloc[place + 1 : place + 1 + rows, start : start + columns]
            side = texts.iloc[place + 1 : place + 1 + rows, start - 1].tolist()
            _refuse_readings(
                texts, [*side, *texts.iloc[place + 1 + rows : place + 1 + 3 * rows, start - 1]], place
            )
            height = next((k for k, (a, b) in enumerate(zip(side, letters)) if a.upper() != b), len(side))
            if height < 2 and corner and not named:
                height = len(body)
            if height < 2:
                continue
            body = body.iloc[:height]
            grid = pd.DataFrame(
                {
                    "well": [f"{letter}{k + 1}" for letter in letters[:height] for k in range(columns)],
                    "text": body.to_numpy().reshape(-1),
                    "row": [line for line in body.index for _ in range(columns)],
                }
            )
            return grid[grid["text"] != ""], height, named
    return None


def _number(text: str) -> str:
    """`01`, `1.0` as `1`."""
    return text.removesuffix(".0").lstrip("0")


def _letter(k: int) -> str:
    return chr(65 + k) if k < 26 else f"A{chr(65 + k - 26)}"
