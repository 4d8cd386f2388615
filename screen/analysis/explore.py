"""One line under two drugs, well by well: what sliders ask for, and what it takes milliseconds to answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from screen.analysis.evidence.statistics import standard_doses
from screen.arrays import Floats
from screen.errors import InputError
from screen.pathway import Assay, CellLine, Drug, Untreated, load_pathway

STEPS = 49  # times that a course is drawn by
DOSES = 25  # of each slider, the zero included
SIGNALS = ("pERK", "pAKT_S473")


@dataclass(frozen=True)
class Courses:
    """The vehicle, both drugs alone and the pair in time: `viability` (4, T) as a fraction of the vehicle, each
    readout (4, T) relative to the vehicle; `time_h` (T,).
    """

    time_h: Floats
    viability: Floats
    readouts: dict[str, Floats]

    @property
    def excess(self) -> float:
        """Bliss excess of the pair at the last time, in percent points of inhibition, positive = synergy."""
        _, one, two, both = self.viability[:, -1]
        return float(100 * (one * two - both))


@dataclass(frozen=True)
class Explorer:
    """A named line and two drugs of the built-in model, compiled once. Made by `explorer`."""

    assay: Assay
    line: CellLine
    drugs: tuple[Drug, Drug]
    time_h: float

    @cached_property
    def untreated(self) -> Untreated:
        """The line before dosing."""
        return self.assay.untreated([self.line])

    def doses_nM(self, which: int) -> Floats:
        """Doses of drug 0 or 1 over its standard range, (dose,), the first of them 0."""
        doses = standard_doses(self.assay.pathway, self.drugs[which].name, DOSES - 1)
        return np.concatenate([[0.0], doses[doses > 0]])

    def courses(self, dose_1_nM: float, dose_2_nM: float) -> Courses:
        """Simulate the four wells. Raises `InputError` for doses that are negative or not finite."""
        one, two = np.array([0.0, dose_1_nM, 0.0, dose_1_nM]), np.array([0.0, 0.0, dose_2_nM, dose_2_nM])
        times = np.linspace(0, self.time_h, STEPS)
        doses = {self.drugs[0].name: one, self.drugs[1].name: two}
        wells = self.assay.dose(self.untreated, np.zeros(4, np.intp), doses, times)
        readouts = {
            name: wells.values[:, :, k] / wells.values[:1, :, k] for k, name in enumerate(self.assay.readouts)
        }
        return Courses(times, np.exp(wells.log_cells - wells.log_cells[0]), readouts)


def explorer(
    line: str, pair: str | Sequence[str], readouts: Sequence[str] = SIGNALS, time_h: float = 72.0
) -> Explorer:
    """An explorer of a named line and a pair, `"trastuzumab+linsitinib"` or two names; `InputError` for names that are
    not known, a pair that is none and a time that is not above 0.
    """
    names = pair.split("+") if isinstance(pair, str) else list(pair)
    if len(names) != 2:
        raise InputError(f"pair: found {pair!r}, expected two drugs, like 'trastuzumab+linsitinib'")
    pathway = load_pathway()
    one, two = (pathway.drug(name.strip()) for name in names)
    if one == two:
        raise InputError(f"pair: found {one.name} twice, expected two drugs")
    if not 0 < time_h <= 8760:
        raise InputError(f"time_h: found {time_h:g}, expected hours above 0 and at most 8760")
    return Explorer(Assay.compile(pathway, readouts), pathway.cell_line(line), (one, two), time_h)
