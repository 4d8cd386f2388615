"""Measured plates as their report sees them: each block with its row of the table of scores and its cells. Every
number of the page is read here from those tables, so that the page and `herscreen score` cannot differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from screen.analysis.plate_model.fitted import FittedBlock, FittedPlates, compare_with_fit
from screen.analysis.plate_model.simulated import SimulatedBlock, simulate_blocks
from screen.arrays import Array, Bools
from screen.pathway import load_pathway
from screen.report.cube_view.number_text import dose_text, hours
from screen.report.plate.own_wells import Alone, alone_of
from screen.synergy.plate_scores import PlateOptions, score_plates
from screen.synergy.plates.block import PlateBlock, correct_baseline, far_replicates
from screen.synergy.plates.designs import is_grid
from screen.synergy.plates.intervals import has_intervals
from screen.synergy.plates.read_plates import Plates

if TYPE_CHECKING:
    import pandas as pd

MAIN = "bliss"
"""The model that a page opens with."""
LAYERS = 4
"""Dose planes of drugs 1 and 2 by which a block of three drugs or four is drawn, at most."""


@dataclass(frozen=True)
class DosePlane:
    """One dose plane of a block: where the third drug stands (`""` for a pair), the doses of its axes, viability
    `(dose_1, dose_2)`, the excess over each model, cells far from their row and column, the wells `(dose_1, dose_2,
    replicate)`, and which of them lie far from their replicates."""

    at: str
    viability: Array
    excess: Mapping[str, Array]
    far: Bools
    wells: Array
    apart: Bools


@dataclass(frozen=True)
class ScatteredWells:
    """Combination wells of a design that is no grid, `(well,)` each: doses, viability and excess over each model."""

    conc_1: Array
    conc_2: Array
    viability: Array
    excess: Mapping[str, Array]


def _plane(values: NDArray[Any], rest: Sequence[int]) -> NDArray[Any]:
    """`values` (dose_1, dose_2, dose_3, ...) at the places `rest` of the doses of drugs 3 and more."""
    for at in rest:
        values = values[:, :, at]
    return values


@dataclass(frozen=True)
class BlockView:
    """A block with its row of the table of scores and the columns `(cell,)` of its cells; `number` from 1. Where the
    model has its line and drugs, what it says of the same wells, and the same by a line that was fitted."""

    number: int
    block: PlateBlock
    row: Mapping[str, Any]
    cells: Mapping[str, Array]
    models: tuple[str, ...]
    simulated: SimulatedBlock | None = None
    why_not_simulated: str = ""
    fitted: FittedBlock | None = None

    @cached_property
    def drugs(self) -> tuple[str, ...]:
        return tuple(name or f"drug {k}" for k, name in enumerate(self.block.drugs, start=1))

    @cached_property
    def units(self) -> tuple[str, ...]:
        """The unit of each drug's doses, `""` where the file names none."""
        units = self.block.unit.split(", ")
        return tuple(units) if len(units) == len(self.drugs) else (units[0],) * len(self.drugs)

    @property
    def axis_names(self) -> tuple[str, ...]:
        return tuple(f"{drug}, {unit}" if unit else drug for drug, unit in zip(self.drugs, self.units))

    @cached_property
    def alone(self) -> tuple[Alone, ...]:
        """Its drugs without the others, of those that have wells of their own."""
        return alone_of(self.block, self.drugs, self.units)

    @property
    def pair(self) -> str:
        return " + ".join(self.drugs)

    @property
    def heading(self) -> str:
        """`lapatinib + linsitinib in SKBR3, 72 h`."""
        line = f" in {self.block.cell_line}" if self.block.cell_line else ""
        return f"{self.pair}{line}{self.when}"

    @property
    def when(self) -> str:
        parts = [] if np.isnan(self.block.time_h) else [hours(self.block.time_h)]
        return "".join(f", {part}" for part in [*parts, *filter(None, [self.block.schedule])])

    @property
    def grid(self) -> bool:
        """Whether its doses are drawn as a matrix."""
        return self.block.points is None and (self.block.conc_3 is not None or is_grid(self.block))

    @property
    def measure(self) -> str:
        """What the wells hold, in a word."""
        return "growth" if self.block.growth else "viability"

    @property
    def quantity(self) -> str:
        """The same with its unit."""
        return "growth, percent of untreated" if self.block.growth else "viability, percent"

    def number_of(self, name: str) -> float:
        """A number of its row of the table of scores; NaN for what the table does not hold."""
        value = self.row.get(name)
        return float(value) if isinstance(value, int | float | np.number) else float("nan")

    @cached_property
    def layers(self) -> tuple[DosePlane, ...]:
        """Its dose planes: one of a pair, several of three drugs; none of a design that is no grid."""
        if not self.grid or not self.block.wells.size:
            return ()
        shape = tuple(map(len, self.block.concs))
        place = tuple(
            np.searchsorted(axis, self.cells[name])
            for axis, name in zip(self.block.concs, ("conc_r", "conc_c", "conc_3", "conc_4"))
        )
        excess = {}
        for model in self.models:
            whole = np.full(shape, np.nan)
            if f"{model}_excess" in self.cells:
                whole[place] = self.cells[f"{model}_excess"]
            excess[model] = whole
        far = np.zeros(shape, dtype=bool)
        if "outlier" in self.cells:
            far[place] = np.asarray(self.cells["outlier"] == True)  # noqa: E712 (object column of joined tables)
        viability, wells = self.block.viability, self.block.wells
        apart = far_replicates(wells)
        if self.block.conc_3 is None:
            return (DosePlane("", viability, excess, far, wells, apart),)
        return tuple(
            DosePlane(
                ", ".join(
                    f"{self.drugs[k]} {dose_label(float(self.block.concs[k][at]), self.units[k])}"
                    for k, at in enumerate(rest, start=2)
                ),
                _plane(viability, rest),
                {model: _plane(values, rest) for model, values in excess.items()},
                _plane(far, rest),
                _plane(wells, rest),
                _plane(apart, rest),
            )
            for rest in self._planes()
        )

    def _planes(self) -> list[tuple[int, ...]]:
        """Places of the doses of drugs 3 and more at which the planes of drugs 1 and 2 are drawn: of a third some from
        none to the highest, of more none and the highest of each."""
        sizes = [len(conc) for conc in self.block.concs[2:]]
        many = LAYERS if len(sizes) == 1 else 2
        picked = [np.unique(np.linspace(0, size - 1, min(many, size)).round().astype(int)) for size in sizes]
        return [tuple(map(int, rest)) for rest in product(*picked)]

    @cached_property
    def scattered(self) -> ScatteredWells:
        """The combination wells of a design that is no grid."""
        excess = {
            model: self.cells[f"{model}_excess"] for model in self.models if f"{model}_excess" in self.cells
        }
        return ScatteredWells(self.cells["conc_r"], self.cells["conc_c"], self.cells["viability"], excess)

    @property
    def strongest_inhibition(self) -> float:
        """The most that any well of the block loses, percent points; NaN without wells."""
        seen = self.block.points.viability if self.block.points is not None else self.block.viability
        known = seen[np.isfinite(seen)]
        return float(100 * (1 - known.min())) if known.size else float("nan")


@dataclass(frozen=True)
class Beside:
    """What the model says of blocks, by their place: simulated, or the reason why not, and by a fitted line."""

    simulated: Mapping[int, SimulatedBlock] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    fit: FittedPlates | None = None


def beside_of(plates: Plates, models: Sequence[str], fit: Path | None = None) -> Beside:
    """Simulate the blocks whose line and drugs the model has, and predict them by the posterior in the table `fit`."""
    pathway = load_pathway()
    simulated, reasons = simulate_blocks(pathway, plates.blocks, models)
    return Beside(simulated, reasons, None if fit is None else compare_with_fit(pathway, plates.blocks, fit))


@dataclass(frozen=True)
class PlateView:
    """All blocks of a file: its `name`, what was detected in reading it (`messages`), the `models` of the scores and
    how many bootstrap `rounds` the intervals rest on (0: none); the `fit` of a line to the plates, if there is one."""

    name: str
    blocks: tuple[BlockView, ...]
    models: tuple[str, ...]
    messages: tuple[str, ...]
    rounds: int
    fit: FittedPlates | None = None

    @property
    def can_be_resampled(self) -> bool:
        """Whether a block is one of those of which there are intervals."""
        return any(has_intervals(view.block) for view in self.blocks)

    @property
    def main(self) -> str:
        """The model that the page opens with."""
        return MAIN if MAIN in self.models else self.models[0]

    def ranked(self) -> list[BlockView]:
        """The blocks by how far their excess over the main model lies from none, those without a score last."""
        size = [abs(block.number_of(self.main)) for block in self.blocks]
        order = np.argsort([-value if np.isfinite(value) else np.inf for value in size], kind="stable")
        return [self.blocks[k] for k in order]


def view_of(
    plates: Plates, options: PlateOptions | None = None, name: str = "plates", beside: Beside | None = None
) -> PlateView:
    """Score plates and lay out what was found, `beside` what the model says of them."""
    use, model = options or PlateOptions(), beside or Beside()
    found = score_plates(plates, use)
    cells = _by_block(found.cells)
    fitted = model.fit.blocks if model.fit is not None else {}
    views = [
        BlockView(
            number=k + 1,
            block=correct_baseline(block, use.baseline),
            row={str(key): value for key, value in row.items()},
            cells=cells.get(block.name, {}),
            models=found.models,
            simulated=model.simulated.get(k),
            why_not_simulated=model.reasons.get(k, ""),
            fitted=fitted.get(k),
        )
        for k, (block, row) in enumerate(zip(plates.blocks, found.summary.to_dict("records")))
    ]
    messages = (*plates.messages, *found.notes)
    rounds = use.bootstrap if any(map(has_intervals, plates.blocks)) else 0
    return PlateView(name, tuple(views), found.models, messages, rounds, model.fit)


def _by_block(cells: "pd.DataFrame") -> dict[str, Mapping[str, Array]]:
    """The table of cells cut into those of each block."""
    if "block_id" not in cells:
        return {}
    names = list(map(str, cells.columns))
    columns = [name for name in names if name.startswith("conc_") or name.endswith("_excess")]
    columns += ["viability", *(name for name in ("outlier",) if name in cells)]
    return {
        str(name): {column: part[column].to_numpy() for column in columns}
        for name, part in cells.groupby("block_id", sort=False)
    }


def dose_label(dose: float, unit: str) -> str:
    """A dose with its unit: `300 nM`, `1.2 µM`, `3 ug/mL`, a bare number where the file names none."""
    if unit == "nM" or not np.isfinite(dose):
        return dose_text(dose)
    return f"{dose:.3g}\u00a0{unit}".rstrip()
