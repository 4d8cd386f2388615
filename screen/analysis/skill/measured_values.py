"""What the fields of a measured table say: numbers in the model's units, on which side they lie, how far to be trusted.

A concentration is nM unless its unit says otherwise, an effect a fraction unless it says percent. What was not reached
at any dose (`inf`, `>10000`), was reached below all (`-inf`, `<1`) or is capped at the top dose is *censored*: it says
only on which side the number lies.
"""

import math
import re

from screen.analysis.skill.dose_ranges import USUAL, DoseRange
from screen.errors import InputError
from screen.units import HIGHEST_NM, Molecule, molar_mass, table_unit

BLANK = frozenset({"", "na", "n/a", "#n/a", "nan", "none", "null"})
PERCENT = frozenset({"%", "percent", "pct"})
FRACTION = frozenset({"1", "fraction", "none", "a.u.", "au", "unitless"})
LEAST_WEIGHT = 0.05
AT_TOP = 1e-3
"""A concentration within so many decades of the top dose is capped at it."""
QUALITY = re.compile(r"\br(?:2|²|\^2)\s*[=:]?\s*(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|-inf)", re.IGNORECASE)
NOTED_TOP = re.compile(r"\bmax dose (\d+\.?\d*) uM")
COMBINATION_QUALITY = re.compile(r"\bQA (-?\d+)")
BOUND = {">": 1, ">=": 1, "≥": 1, "<": -1, "<=": -1, "≤": -1}


def number(text: str, where: str) -> float:
    """The number of a field, NaN where blank. Raises `InputError`."""
    try:
        return math.nan if text.casefold() in BLANK else float(text)
    except ValueError:
        raise InputError(f"{where}: found '{text}', expected a number") from None


def bounded(text: str, where: str) -> tuple[float, int]:
    """(number, side) of a concentration that may be written as a bound: `>10000`, `< 1`."""
    if found := re.fullmatch(r"([<>]=?|[≤≥])\s*(.+)", text):
        return number(found[2], where), BOUND[found[1]]
    return number(text, where), 0


def top_dose(text: str, where: str) -> float:
    """The highest dose, nM; NaN where the table does not state it."""
    found = number(text, where)
    if not math.isnan(found) and not 0 < found <= HIGHEST_NM:
        raise InputError(f"{where}: found '{text}', expected nM above 0 and at most {HIGHEST_NM:g}")
    return found


def noted_top(note: str) -> float:
    """The highest dose that a note states (`max dose 3.0 uM`), nM; NaN where it states none."""
    stated = NOTED_TOP.search(note)
    return float(stated[1]) * 1000 if stated else math.nan


def concentration_factor(unit: str, drug: Molecule, where: str) -> float:
    """What makes nM of a concentration in `unit`, by the drug's molar mass where it is a mass; blank is nM."""
    factor, kept = table_unit(unit) if unit else (1.0, "nM")
    mass_kDa = molar_mass(drug)
    if kept == "ug/mL" and mass_kDa is not None:
        return 1000.0 * factor / mass_kDa
    if kept != "nM":
        raise InputError(f"{where}: unit: found '{unit}', expected a concentration's (nM, uM, ug/mL)")
    return factor


def effect_factor(unit: str, where: str) -> float:
    """What makes a fraction of an effect in `unit`; blank is a fraction."""
    if unit.casefold() in PERCENT:
        return 0.01
    if unit and unit.casefold() not in FRACTION:
        raise InputError(f"{where}: unit: found '{unit}', expected 1 (a fraction) or %")
    return 1.0


def censored(
    value: float, top_nM: float, note: str, where: str, tested: DoseRange | None
) -> tuple[float, int]:
    """(log10 nM, side): infinite values and those capped at the top dose stand at the ends of the doses, and so does
    what a fit puts beyond doses that are known.
    """
    top = USUAL.top_nM if math.isnan(top_nM) else top_nM
    log_top, decades = math.log10(top), (tested or USUAL).decades
    if value == math.inf:
        return log_top, 1
    if value == -math.inf or value == 0:
        return log_top - decades, -1
    if value < 0:
        raise InputError(f"{where}: value: found {value:g}, expected a concentration above 0")
    place = math.log10(value)
    if tested is not None:
        side = int(place >= log_top - AT_TOP) - int(place < log_top - decades)
        return min(max(place, log_top - decades), log_top), side
    capped = "capped" in note and (math.isnan(top_nM) or value >= top_nM * (1 - 1e-6))
    return place, int(capped)


def weight_of(note: str) -> float:
    """How far a number is to be trusted: the r2 of its fit, or whether its combination passed quality control."""
    if found := QUALITY.search(note):
        return min(max(float(found[1]), LEAST_WEIGHT), 1.0)
    if found := COMBINATION_QUALITY.search(note):
        return 1.0 if int(found[1]) == 1 else LEAST_WEIGHT
    return 1.0
