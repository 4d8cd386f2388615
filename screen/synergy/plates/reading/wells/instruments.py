"""Exports of plate readers in the forms of their makers, where they are neither blocks nor lists of wells: `allotropy`
(the extra `instruments`) tells them apart and turns them into the Allotrope Simple Model, a document a measurement.
"""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

SIGNALS = ("luminescence", "absorbance", "fluorescence")
EXTRA = "pip install 'herscreen[instruments]' reads exports of more makers"


def read_instrument(path: Path) -> pd.DataFrame | None:
    """Rows `well, response, row, plate` of an export; None where `allotropy` is not installed or does not know it."""
    if importlib.util.find_spec("allotropy") is None or not path.is_file():
        return None
    from allotropy.exceptions import AllotropyError
    from allotropy.to_allotrope import allotrope_from_file

    try:
        document = allotrope_from_file(str(path))
    except (AllotropyError, ValueError, KeyError, IndexError):
        return None
    rows = [(plate, well, value) for well, plate, value in _measurements(document)]
    table = pd.DataFrame(rows, columns=["plate", "well", "response"], dtype=str)
    return table.assign(row=0) if rows else None


def _measurements(document: dict[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Well, plate and signal of every measurement that has all."""
    whole = document.get("plate reader aggregate document", {})
    for part in whole.get("plate reader document", []):
        for one in part.get("measurement aggregate document", {}).get("measurement document", []):
            sample = one.get("sample document", {})
            signal = next((one[name]["value"] for name in SIGNALS if "value" in one.get(name, {})), None)
            if signal is not None and "location identifier" in sample:
                yield sample["location identifier"], str(sample.get("well plate identifier", "1")), signal
