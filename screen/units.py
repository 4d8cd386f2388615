"""Units, once: concentrations and times as people write them (`100 nM`, `10 ug/mL`, `72 h`, or a bare number in
nM or hours), units of a laboratory's tables, sizes of memory, and the units of products and quotients.
"""

import difflib
import math
import re
from dataclasses import dataclass
from typing import Protocol

from screen.errors import InputError

ANTIBODY_KDA = 148.0  # an IgG1 of average glycosylation, in kilodaltons
HIGHEST_NM = 1e9  # one mole a litre: no drug dissolves to more
LONGEST_H = 8760.0  # a year

MOLAR_NM = {"M": 1e9, "mM": 1e6, "uM": 1e3, "nM": 1.0, "pM": 1e-3, "fM": 1e-6}
MASS_UG_PER_ML = {
    "mg/mL": 1e3,
    "g/L": 1e3,
    "ug/mL": 1.0,
    "mg/L": 1.0,
    "ng/mL": 1e-3,
    "ug/L": 1e-3,
    "pg/mL": 1e-6,
}
HOURS = {"d": 24.0, "day": 24.0, "days": 24.0, "h": 1.0, "hour": 1.0, "hours": 1.0}
HOURS |= {"hr": 1.0, "min": 1 / 60, "s": 1 / 3600}
MICRO = {"µ": "u", "μ": "u", "mcg": "ug", "Mcg": "ug", "MCG": "ug"}
WORDS = {
    f"{word}{molar}": f"{sign}M"
    for word, sign in {"": "", "milli": "m", "micro": "u", "nano": "n", "pico": "p", "femto": "f"}.items()
    for molar in ("molar", " molar", "mole/l", "mol/l", "moles/l")
}
WORDS |= {"umolar": "uM", "nmolar": "nM", "mmolar": "mM", "microm": "uM", "nanom": "nM"}
for _word, _sign in {"milli": "m", "micro": "u", "nano": "n", "pico": "p"}.items():
    WORDS |= dict.fromkeys((f"{_word}gram/ml", f"{_word}grams/ml"), f"{_sign}g/mL")
_PREFIXES = ("f", "p", "n", "u", "m", "")  # a thousand apart
for _place, _prefix in enumerate(_PREFIXES):
    for _steps, _litre in ((1, "ml"), (2, "ul")):
        if _place + _steps < len(_PREFIXES):
            WORDS[f"{_prefix}mol/{_litre}"] = f"{_PREFIXES[_place + _steps]}M"
WORDS |= {"ug/ul": "mg/mL", "ng/ul": "ug/mL", "pg/ul": "ng/mL"}
_PER_LITRE = re.compile(r"[\s.·*]*l\s*\^?[-−]1", re.IGNORECASE)
BYTES = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}

UnitPowers = tuple[tuple[str, float], ...]
"""A unit as powers of others, by name: `nM/h` is `(("h", -1.0), ("nM", 1.0))`, no unit `()`."""

_QUANTITY = re.compile(
    r"\s*([+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?\.?(?:nan|inf)(?:inity)?)\s*(.*?)\s*", re.I
)


@dataclass(frozen=True)
class Concentration:
    """A concentration as it was written; a mass per volume needs the drug's molar mass to become nM."""

    value: float
    unit: str = "nM"

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}"

    def to_nM(self, molar_mass_kDa: float | None = None) -> float:
        """The concentration in nM; raises `InputError` for a mass per volume without a molar mass, or above
        1 M.
        """
        if self.unit in MOLAR_NM:
            return in_range(self, self.value * MOLAR_NM[self.unit])
        if molar_mass_kDa is None:
            raise InputError(
                f"found '{self}', expected a molar concentration like '100 nM': no molar mass is known"
            )
        return in_range(self, 1000.0 * self.value * MASS_UG_PER_ML[self.unit] / molar_mass_kDa)


def in_range(concentration: Concentration, nM: float) -> float:
    """`nM` itself if some solution can hold that much."""
    if nM > HIGHEST_NM:
        raise InputError(f"found '{concentration}', expected at most 1 M (1e9 nM)")
    return nM


class Molecule(Protocol):
    """A drug as far as its mass goes."""

    @property
    def molar_mass_kDa(self) -> float | None:
        """What is stated of it."""

    @property
    def antibody(self) -> bool:
        """Whether it is an antibody."""


def molar_mass(drug: Molecule) -> float | None:
    """Kilodaltons of a drug: what is stated of it, an antibody's usual ones, or None."""
    if drug.molar_mass_kDa is not None:
        return drug.molar_mass_kDa
    return ANTIBODY_KDA if drug.antibody else None


def parse_concentration(written: object) -> Concentration:
    """A `Concentration` from a number (nM) or a text like `100 nM`; raises `InputError`."""
    if isinstance(written, Concentration):
        return written
    units = {**MOLAR_NM, **MASS_UG_PER_ML}
    value, unit = _split(written, "nM", units, "a concentration like '100 nM' or '10 ug/mL'")
    concentration = Concentration(value, unit)
    if unit in MOLAR_NM:
        concentration.to_nM()
    return concentration


def parse_hours(written: object) -> float:
    """Hours from a number or a text like `72 h` or `5 d`; raises `InputError`."""
    value, unit = _split(written, "h", HOURS, "a time like '72 h'")
    hours = value * HOURS[unit]
    if hours > LONGEST_H:
        raise InputError(f"found {written!r}, expected at most {LONGEST_H:g} h (a year)")
    return hours


def _split(written: object, bare: str, units: dict[str, float], expected: str) -> tuple[float, str]:
    """The number and the canonical unit of `written`, checked to be finite and not negative."""
    if isinstance(written, int | float) and not isinstance(written, bool):
        value, unit = _as_float(written), bare
    else:
        match = _QUANTITY.fullmatch(written) if isinstance(written, str) else None
        if match is None:
            raise InputError(f"found {written!r}, expected {expected}")
        value, unit = float(match[1].replace(".nan", "nan").replace(".inf", "inf")), match[2] or bare
    if not math.isfinite(value) or value < 0:
        raise InputError(f"found {written!r}, expected a finite number that is not negative")
    canonical = {_fold(known): known for known in units}.get(_fold(unit))
    if canonical is None:
        known, close = ", ".join(units), difflib.get_close_matches(_fold(unit), units, n=1, cutoff=0.4)
        hint = f"; did you mean '{close[0]}'?" if close else ""
        raise InputError(f"found {written!r}, unknown unit '{unit}'; known: {known}{hint}")
    return value, canonical


MOST_BYTES, LONGEST_SHOWN = 2.0**60, 40


def parse_memory(text: str) -> int:
    """Bytes of `2GB`, `800 MB`, `1.5g`; raises `InputError`."""
    shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)I?B?\s*", text, re.IGNORECASE)
    if not found or not 0 < float(found[1]) < MOST_BYTES:
        raise InputError(f"found {shown!r}, expected a size like 2GB or 800MB")
    return int(float(found[1]) * BYTES[found[2].upper()])


def _as_float(number: int | float) -> float:
    """`number`, or infinity where it is too long for a float."""
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _fold(unit: str) -> str:
    """One spelling of each unit: words, the signs for micro, the case of litre, `mol/L`, `mol L^-1`, brackets left out.
    `M` and `m` stay different.
    """
    unit = _PER_LITRE.sub("/L", unit.strip(" ()[]"))
    for written, folded in MICRO.items():
        unit = unit.replace(written, folded)
    small = unit.lower()
    unit = WORDS.get(small, WORDS.get(small.replace(" ", ""), unit.replace(" ", "")))
    for written, folded in (("/ml", "/mL"), ("/l", "/L"), ("mol/L", "M")):
        unit = unit.replace(written, folded)
    return unit


def table_unit(unit: str) -> tuple[float, str]:
    """A unit of a laboratory's table, where case does not count: the factor to nM and `nM` for a molar one, to
    ug/mL and `ug/mL` for a mass; 1 and the unit itself for others (percent, none).
    """
    folded = _fold(unit.strip()).lower()
    for kept, units in (("nM", MOLAR_NM), ("ug/mL", MASS_UG_PER_ML)):
        for known, factor in units.items():
            if known.lower() == folded:
                return factor, kept
    return 1.0, unit.strip()


def unit_powers(text: str) -> UnitPowers:
    """`nM`, `1/h` or `1` as powers of units; what is not of that kind is a unit of its own."""
    top, _, bottom = text.partition("/")
    found: UnitPowers = () if top in ("", "1") else ((top, 1.0),)
    return multiply(found, ((bottom, -1.0),)) if bottom else found


def multiply(one: UnitPowers, two: UnitPowers) -> UnitPowers:
    """The unit of a product."""
    powers = dict(one)
    for unit, power in two:
        powers[unit] = powers.get(unit, 0.0) + power
    return tuple(sorted((unit, power) for unit, power in powers.items() if power))


def power(unit: UnitPowers, exponent: float) -> UnitPowers:
    """The unit of a power; `exponent` -1 for what is divided by."""
    return tuple((name, old * exponent) for name, old in unit if exponent)


def unit_text(unit: UnitPowers) -> str:
    """A unit as `nM`, `1/h`, `nM2/h` or `1`."""

    def side(sign: int) -> str:
        return " ".join(f"{u}{abs(p):g}" if abs(p) != 1 else u for u, p in unit if p * sign > 0)

    return (side(1) or "1") + (f"/{side(-1)}" if side(-1) else "")
