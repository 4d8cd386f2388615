"""Concentrations in plasma under a regimen, like `8 mg/kg then 6 mg/kg q3w` or `300 mg bid`: two compartments (or one),
elimination linear and saturable (Michaelis-Menten), absorption of first order, for the typical patient of a published
population model or of a label. Infusions count as instant.
"""

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import scipy

from screen.arrays import Floats
from screen.errors import InputError, nearest, plain
from screen.pathway.dosing.exposure import Exposure, Piece
from screen.pathway.tables.tsv import FOLDER, number, read_table

COLUMNS = (
    "name", "central_L", "peripheral_L", "exchange_L_day", "clearance_L_day", "vmax_mg_day", "km_mg_L",
    "absorption_day", "molar_mass_kDa", "weight_kg", "source", "note",
)  # fmt: skip
INTERVALS = {"bid": 0.5, "qd": 1.0, "qw": 7.0}
FORM = "`8 mg/kg then 6 mg/kg q3w`, `1250 mg qd`, `300 mg bid` or `125 mg qd 21 of 28 d`"
_DOSE = r"(\d+(?:\.\d+)?)\s*(mg/kg|mg)"
_REGIMEN = re.compile(
    rf"(?:{_DOSE}\s+then\s+)?{_DOSE}\s+(bid|qd|qw|q\d+(?:\.\d+)?[dw])(?:\s+(\d+)\s+of\s+(\d+)\s+d(?:ays)?)?",
    re.IGNORECASE,
)
INFUSED = np.array([0.0, 0.01, 0.03, 0.07, 0.14, 0.25, 0.4, 0.6, 0.8, 1.0])
"""Edges of steps between two infusions, of the time between them."""
SWALLOWED = np.array([0.0, 0.4, 0.8, 1.6, 2.8, 5.6, 11.2, 22.4, 44.8])
"""The same after what is swallowed, of the time from a dose to the peak, as far as the next dose."""
DENSE = 193
"""Points of a dose interval that are solved, closer at first (squares)."""
MOST_DOSES = 500


@dataclass(frozen=True)
class Compartments:
    """Volumes in L, exchange and linear clearance in L/day, saturable elimination in mg/day and mg/L, absorption of
    first order in 1/day (0: infused), the molar mass in kDa and the typical patient's weight in kg, with the source;
    of a drug that is swallowed volumes and clearances are apparent (over the share absorbed).
    """

    name: str
    central: float
    peripheral: float
    exchange: float
    clearance: float
    vmax: float
    km: float
    absorption: float
    molar_mass: float
    weight: float
    source: str
    note: str = ""

    @property
    def swallowed(self) -> bool:
        return self.absorption > 0

    def rates(self, _: float, amounts: Floats) -> Floats:
        """mg/day of the amounts (mg) in the gut, the central and the peripheral compartment."""
        taken_up = self.absorption * amounts[0]
        central, peripheral = amounts[1] / self.central, amounts[2] / self.peripheral
        across = self.exchange * (central - peripheral)
        lost = self.clearance * central + self.vmax * central / (self.km + central)
        return np.array([-taken_up, taken_up - across - lost, across])

    @property
    def half_life_days(self) -> float:
        """Terminal, of the linear part."""
        out, to, back = (
            self.clearance / self.central,
            self.exchange / self.central,
            self.exchange / self.peripheral,
        )
        total = out + to + back
        slow = 0.5 * (total - math.sqrt(total**2 - 4 * out * back))
        return math.log(2) / (slow or out)


@dataclass(frozen=True)
class Regimen:
    """A loading dose and those after it, mg or mg/kg, every so many days, on `on_days` of every `cycle_days`."""

    first: float
    after: float
    by_weight: tuple[bool, bool]
    every_days: float
    on_days: float = 1.0
    cycle_days: float = 1.0

    def times(self, until_days: float) -> list[float]:
        """When doses are given before `until_days`, the first at 0."""
        count = max(1, math.ceil(until_days / self.every_days))
        given = [dose * self.every_days for dose in range(count)]
        return [time for time in given if time % self.cycle_days < self.on_days - 1e-9]


def parse_regimen(text: str) -> Regimen:
    """A regimen as it is written. Raises `InputError`."""
    found = _REGIMEN.fullmatch(text.strip())
    if found is None:
        raise InputError(f"found the regimen '{text}', expected {FORM}")
    load, load_unit, dose, unit, interval, on, cycle = found.groups()
    interval = interval.lower()
    days = INTERVALS.get(interval) or float(interval[1:-1]) * (7.0 if interval.endswith("w") else 1.0)
    units = ((load_unit or unit).lower(), unit.lower())
    amounts = float(load or dose), float(dose)
    if not (days > 0 and min(amounts) > 0):
        raise InputError(f"found the regimen '{text}', expected doses and an interval above 0")
    if on and not 0 < int(on) <= int(cycle):
        raise InputError(f"found the regimen '{text}', expected days on of at least as many in all")
    ends = (float(on), float(cycle)) if on else (1.0, 1.0)
    return Regimen(*amounts, (units[0] == "mg/kg", units[1] == "mg/kg"), days, *ends)


def load_pharmacokinetics(path: Path = FOLDER / "pharmacokinetics.tsv") -> dict[str, Compartments]:
    """The table by name; every row has its source."""
    found = {}
    for row in read_table(path, COLUMNS):
        where = f"{path.name}: {row['name']}"
        one, two, three, four, five, six, seven, mass, weight = (
            number(row, name, where) for name in COLUMNS[1:-2]
        )
        if not row["source"] or min(one, two, three, four, five, six, seven, mass, weight) < 0:
            raise InputError(f"{where}: expected a source and no number below 0")
        found[row["name"]] = Compartments(
            row["name"], one, two, three, four, five, six, seven, mass, weight, row["source"], row["note"]
        )
    return found


@dataclass(frozen=True)
class PlasmaCurve:
    """Plasma in steps: mean concentrations (T,) in nM from each of `hours` (T,) after the first dose to the next, so
    that areas are the curve's; its peak, and in `words` where it is from.
    """

    hours: tuple[float, ...]
    nM: tuple[float, ...]
    peak_nM: float
    words: str

    def exposure(self, start_h: float = 0.0) -> Exposure:
        """The steps relative to the peak, begun at `start_h`."""
        before = [] if start_h == 0 else [Piece(0.0, 0.0)]
        steps = [Piece(start_h + hour, value / self.peak_nM) for hour, value in zip(self.hours, self.nM)]
        return Exposure((*before, *steps), self.words)


def plasma(drug: str, regimen: str, until_h: float) -> PlasmaCurve:
    """Plasma of the typical patient from the first dose to `until_h`.

    Raises `InputError` for a drug without a population model, and for a regimen that cannot be read or has too many
    doses until then.
    """
    table = load_pharmacokinetics()
    named = {plain(name): name for name in table}
    if plain(drug) not in named:
        raise InputError(
            f"no pharmacokinetics of '{drug}'{nearest(drug, table)}; expected one of {', '.join(table)}, or a table"
        )
    model, given = table[named[plain(drug)]], parse_regimen(regimen)
    until = until_h / 24
    times = given.times(until)
    if len(times) > MOST_DOSES:
        raise InputError(
            f"found {len(times)} doses of {drug} until {until:g} d, expected at most {MOST_DOSES}"
        )
    amounts, hours, means, peak = np.zeros(3), list[float](), list[float](), 0.0
    to_nM = 1000 / (model.central * model.molar_mass)
    for dose, (begin, end) in enumerate(pairwise([*times, until])):
        mass = (given.first if dose == 0 else given.after) * (
            model.weight if given.by_weight[min(dose, 1)] else 1.0
        )
        amounts = amounts + np.array([mass, 0.0, 0.0] if model.swallowed else [0.0, mass, 0.0])
        since, within = _interval(model, amounts, end - begin)
        central = within[1] * to_nM
        edges = _edges(model, since, central)
        area = np.interp(edges, since, scipy.integrate.cumulative_trapezoid(central, since, initial=0))
        hours += (24 * (begin + edges[:-1])).tolist()
        means += (np.diff(area) / np.diff(edges)).tolist()
        amounts, peak = within[:, -1], max(peak, float(central.max()))
    said = "; ".join(filter(None, (model.source, model.note)))
    return PlasmaCurve(
        tuple(hours), tuple(means), peak, f"{model.name} {regimen}: peak {peak:.4g} nM ({said})"
    )


def _interval(model: Compartments, amounts: Floats, days: float) -> tuple[Floats, Floats]:
    """Days (T,) after a dose and the amounts (3, T), mg, in the compartments."""
    since = days * np.linspace(0, 1, DENSE) ** 2
    run = scipy.integrate.solve_ivp(
        model.rates, (0.0, days), amounts, t_eval=since, rtol=1e-6, atol=1e-6, method="LSODA"
    )
    return since, np.asarray(run.y)


def _edges(model: Compartments, since: Floats, central: Floats) -> Floats:
    """Days at which steps begin, and the end."""
    if not model.swallowed:
        return np.asarray(since[-1] * INFUSED)
    edges = since[central.argmax()] * SWALLOWED
    return np.array([*edges[edges < 0.98 * since[-1]], since[-1]])
