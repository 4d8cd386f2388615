"""Concentrations in plasma under a regimen, like `8 mg/kg then 6 mg/kg q3w`: two compartments, elimination linear and
saturable (Michaelis-Menten), for the typical patient of a published population model. Infusions count as instant.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy

from screen.arrays import Floats
from screen.errors import InputError, nearest, plain
from screen.pathway.tables.tsv import FOLDER, number, read_table

COLUMNS = (
    "name", "central_L", "peripheral_L", "exchange_L_day", "clearance_L_day", "vmax_mg_day", "km_mg_L",
    "molar_mass_kDa", "weight_kg", "source",
)  # fmt: skip
INTERVALS = {"qd": 1.0, "qw": 7.0}
FORM = "`8 mg/kg then 6 mg/kg q3w` or `840 mg then 420 mg q3w`"
_DOSE = r"(\d+(?:\.\d+)?)\s*(mg/kg|mg)"
_REGIMEN = re.compile(rf"(?:{_DOSE}\s+then\s+)?{_DOSE}\s+(qd|qw|q\d+(?:\.\d+)?[dw])", re.IGNORECASE)
STEPS_A_DOSE = 24
"""Points of the curve after each dose, denser at first."""


@dataclass(frozen=True)
class TwoCompartments:
    """Volumes in L, exchange and linear clearance in L/day, saturable elimination in mg/day and mg/L, the molar mass in
    kDa and the typical patient's weight in kg, with the paper.
    """

    name: str
    central: float
    peripheral: float
    exchange: float
    clearance: float
    vmax: float
    km: float
    molar_mass: float
    weight: float
    source: str

    def rates(self, _: float, amounts: Floats) -> Floats:
        """mg/day of the central and the peripheral amounts (mg)."""
        central, peripheral = amounts[0] / self.central, amounts[1] / self.peripheral
        across = self.exchange * (central - peripheral)
        lost = self.clearance * central + self.vmax * central / (self.km + central)
        return np.array([-across - lost, across])

    @property
    def half_life_days(self) -> float:
        """Terminal, of the linear part."""
        out, to, back = (
            self.clearance / self.central,
            self.exchange / self.central,
            self.exchange / self.peripheral,
        )
        total = out + to + back
        return math.log(2) / (0.5 * (total - math.sqrt(total**2 - 4 * out * back)))


@dataclass(frozen=True)
class Regimen:
    """A loading dose and those after it, mg or mg/kg, every so many days."""

    first: float
    after: float
    by_weight: tuple[bool, bool]
    every_days: float


def parse_regimen(text: str) -> Regimen:
    """A regimen as it is written. Raises `InputError`."""
    found = _REGIMEN.fullmatch(text.strip())
    if found is None:
        raise InputError(f"found the regimen '{text}', expected {FORM}")
    load, load_unit, dose, unit, interval = found.groups()
    interval = interval.lower()
    days = INTERVALS.get(interval) or float(interval[1:-1]) * (7.0 if interval.endswith("w") else 1.0)
    units = ((load_unit or unit).lower(), unit.lower())
    amounts = float(load or dose), float(dose)
    if not (days > 0 and min(amounts) > 0):
        raise InputError(f"found the regimen '{text}', expected doses and an interval above 0")
    return Regimen(*amounts, (units[0] == "mg/kg", units[1] == "mg/kg"), days)


def load_pharmacokinetics(path: Path = FOLDER / "pharmacokinetics.tsv") -> dict[str, TwoCompartments]:
    """The table by name; every row has its source."""
    found = {}
    for row in read_table(path, COLUMNS):
        where = f"{path.name}: {row['name']}"
        one, two, three, four, five, six, mass, weight = (number(row, name, where) for name in COLUMNS[1:-1])
        if not row["source"] or min(one, two, three, four, five, six, mass, weight) < 0:
            raise InputError(f"{where}: expected a source and no number below 0")
        found[row["name"]] = TwoCompartments(
            row["name"], one, two, three, four, five, six, mass, weight, row["source"]
        )
    return found


def plasma(drug: str, regimen: str, until_h: float) -> tuple[list[float], list[float]]:
    """Hours (T,) and concentrations (T,) in plasma, nM, of the typical patient from the first dose to `until_h`; after
    each dose the curve jumps within a minute.

    Raises `InputError` for a drug without a population model, and for a regimen that cannot be read.
    """
    table = load_pharmacokinetics()
    named = {plain(name): name for name in table}
    if plain(drug) not in named:
        raise InputError(
            f"no pharmacokinetics of '{drug}'{nearest(drug, table)}; expected one of {', '.join(table)}, or a table"
        )
    model, given = table[named[plain(drug)]], parse_regimen(regimen)
    until = until_h / 24
    amounts, hours, values = np.zeros(2), list[float](), list[float]()
    for dose in range(max(1, math.ceil(until / given.every_days))):
        begin = dose * given.every_days
        end = min(begin + given.every_days, until)
        mass = (given.first if dose == 0 else given.after) * (
            model.weight if given.by_weight[min(dose, 1)] else 1.0
        )
        amounts = amounts + np.array([mass, 0.0])
        since = (end - begin) * np.linspace(0, 1, STEPS_A_DOSE) ** 2
        run = scipy.integrate.solve_ivp(
            model.rates, (0.0, since[-1]), amounts, t_eval=since, rtol=1e-6, atol=1e-6, method="LSODA"
        )
        moved = begin * 24 + since * 24
        if dose:
            moved[0] += 1 / 60
        hours += moved.tolist()
        values += (run.y[0] / model.central / model.molar_mass * 1000).tolist()
        amounts = run.y[:, -1]
    return hours, values
