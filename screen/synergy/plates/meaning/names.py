"""Names of drugs and lines as a table writes them: one spelling of each, the words that mean no drug, and what blocks
are called by them."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from screen.errors import plain
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
NAMED = 4
FURTHER = ("drug_3", "drug_4")


def spelled_once(
    texts: pd.Series | NDArray[np.object_], strip: bool = True
) -> tuple[NDArray[np.object_], list[str]]:
    """Each text with the spelling that stands first among those that differ by case, spaces, `-` and `_`; and words
    on spellings that were joined."""
    codes, found = pd.factorize(texts)
    clean = [" ".join(str(text).split()) if strip else str(text) for text in found]
    first: dict[str, str] = {}
    joined: dict[str, list[str]] = {}
    kept = []
    for text in clean:
        one = first.setdefault(plain(text), text)
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
    return _marked(texts, lambda folded: folded in VEHICLE or folded in own or _with_amount(folded, own))


def is_background(texts: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Names of wells without cells."""
    return _marked(texts, lambda folded: folded in BACKGROUND)


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
    return np.array([*(bool(test(fold(str(text)))) for text in found), False], dtype=bool)[codes]


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
