"""Names of drugs and lines as a table writes them: one spelling of each, the words that mean no drug, and what blocks
are called by them."""

from collections.abc import Callable, Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from screen.errors import plain
from screen.synergy.plates.reading.head_words import words_of
from screen.synergy.plates.reading.headers import fold
from screen.synergy.plates.reading.numbers import EMPTY

VEHICLE = ("dmso", "vehicle", "vehiclecontrol", "veh", "control", "ctrl", "untreated", "nodrug", "nontreated", "mock",
           "medium", "media", "pbs", "water", "solvent", "saline", "ethanol", "etoh", "negativecontrol", "negctrl",
           "negcontrol", "nc", "none", "notreatment", "untreatedcontrol", "dmsocontrol", "blank", "neg", "0",
           "solventcontrol", "zero", "cellsonly", "cellonly", "cellsalone", "cellsmedia", "cellsmedium", "nocompound",
           "notreated", "nodrugcontrol", "nt", "dmsoonly", "mediumcontrol", "mediacontrol", "mediumonly",
           "mediaonly")  # fmt: skip
BACKGROUND = (
    "background",
    "nocells",
    "cellfree",
    "blankwell",
    "empty",
    "bg",
    "nocell",
)
NO_DRUG = {"dmso", "vehicle", "veh", "untreated", "untr", "solvent", "negative", "neg", "control", "controls", "ctrl",
           "ctl", "mock", "nontreated"}  # fmt: skip
NO_CELLS = {"blank", "blanks", "background", "bg", "empty", "free", "without"}
LIQUID = {"medium", "media", "buffer"}
KILLS = {"positive", "pos", "kill", "killed", "killing", "lysis", "lysed", "dead", "death"}
AROUND = {"compound", "inhibitor", "wo", "cell", "cells", "well", "wells", "only", "alone", "with", "no", "drug", "the",
          "in", "and", "v", "plus"}  # fmt: skip
NAMED = 4
FURTHER = ("drug_3", "drug_4")


def spelled_once(
    texts: pd.Series | NDArray[np.object_], strip: bool = True, drug_name: Callable[[str], str] = str
) -> tuple[NDArray[np.object_], list[str]]:
    """Each text with the spelling that stands first among those that differ by case, spaces, `-` and `_`, or to which
    `drug_name` gives the same (a brand and its substance); and words on spellings that were joined."""
    codes, found = pd.factorize(texts)
    clean = [" ".join(str(text).split()) if strip else str(text) for text in found]
    first: dict[str, str] = {}
    joined: dict[str, list[str]] = {}
    kept = []
    for text in clean:
        key = plain(drug_name(text))
        one = first.setdefault(key, text) if key else text
        kept.append(one)
        if one != text:
            joined.setdefault(one, []).append(text)
    words = [
        f"'{one}' is {', '.join(map(repr, dict.fromkeys(others)))} too" for one, others in joined.items()
    ]
    return np.array([*kept, ""], dtype=object)[codes], words


def is_vehicle(texts: NDArray[np.object_], named: Collection[str] = ()) -> NDArray[np.bool_]:
    """Names that mean no drug, `named` among them; an empty one says nothing."""
    own = {fold(name) for name in named}
    return _marked(
        texts,
        lambda text: (
            (folded := fold(text)) in VEHICLE
            or folded in own
            or _with_amount(folded, own)
            or kind_of(text) in ("vehicle", "background")
        ),
    )


def is_background(texts: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Names of wells without cells."""
    return _marked(texts, lambda text: fold(text) in BACKGROUND)


def kind_of(text: str) -> str:
    """`vehicle`, `background` (no cells) or `positive` (a control that kills) for a name or a role put together from
    common words (`untreated cells`, `solvent ctrl`, `blank wells`, `pos. control`), `""` for others."""
    words = {word for word in words_of(text) if not word.isdigit()}
    bare = words - AROUND
    if words & {"drug", "compound", "inhibitor"} and words & {"free", "without", "no"}:
        return "vehicle"
    if not bare:
        return ""
    if words & KILLS and bare <= KILLS | NO_DRUG - {"negative", "neg", "untreated", "dmso", "vehicle"}:
        return "positive"
    none = bool(bare & NO_CELLS) or ("only" in words and bool(bare & LIQUID) and "cells" not in words)
    if none and bare <= NO_CELLS | LIQUID | {"control", "controls", "ctrl", "ctl"}:
        return "background"
    return "vehicle" if bare & NO_DRUG and bare <= NO_DRUG | LIQUID else ""


def is_empty(texts: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Names that are not there."""
    codes, found = pd.factorize(texts)
    return np.array([*(str(text).strip().lower() in EMPTY for text in found), True], dtype=bool)[codes]


def _with_amount(folded: str, own: Collection[str]) -> bool:
    """`0.1 % DMSO`, `DMSO 0.5%`."""
    bare = folded.strip("0123456789")
    return bare in own or bare in ("dmso", "vehicle", "etoh", "ethanol")


def _marked(texts: NDArray[np.object_], test) -> NDArray[np.bool_]:  # type: ignore[no-untyped-def]
    codes, found = pd.factorize(texts)
    return np.array([*(bool(test(str(text))) for text in found), False], dtype=bool)[codes]


def listed(names: Collection[str]) -> str:
    """A few of some names."""
    some = list(names)[:NAMED]
    return ", ".join(some) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def block_names(about: pd.DataFrame) -> list[str]:
    """The id, or the pair and line where no id is given; with the pair where several share an id, and time or
    schedule where several remain."""
    label = about["drug_1"] + "+" + about["drug_2"]
    for further in FURTHER:
        if further in about:
            label = label.where(about[further] == "", label + "+" + about[further])
    label = label.where(label != "+", about["sheet"])
    label = label.where(about["cell_line"] == "", label + " in " + about["cell_line"])
    ids = about["block_id"]
    shared = label.groupby(ids).transform("nunique") > 1
    name = ids.where(~shared, ids + " " + label).where(ids != "", label)
    for more in (
        about["time_h"].map(lambda time: "" if np.isnan(time) else f"{time:g} h"),
        about["schedule"],
    ):
        double = name.duplicated(keep=False)
        if double.any():
            name = name.where(~double, name + " " + more)
    while (double := name.duplicated()).any():
        name = name.where(~double, name + " (again)")
    return [" ".join(str(text).split()) for text in name]
