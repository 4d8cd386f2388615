"""One part of a screen once it is simulated: what a shard file holds, and the cube is joined from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from screen.arrays import Array
from screen.cube.netcdf import Variable

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Block:
    """A shard's responses. `readouts` have the dims of their layer, (cell_line, combination, dose_1, dose_2,
    time) unless there are schedules or third doses, `status` the same without time; grids smaller than the
    layer's largest are padded with NaN and status 0; wells that a design leaves out are NaN with status 3.
    `baseline` holds, per cell line, the untreated readouts and `growth_rate` per hour; `baseline_status` is 0
    solved, 1 by the reference solver, 2 failed.
    """

    readouts: dict[str, Array]
    status: Array
    baseline: dict[str, Array]
    baseline_status: Array
    steps: int
    wells: int
    by_reference: int
    failed: int
    """Simulations by the reference solver, and failed ones, those of draws counted."""
    scores: Mapping[str, Variable] | None = None
    """The variables of the group `scores` for this part of the screen; None before it is scored."""
    gr50: Array | None = None
    """GR50 in nM (cell_line, drug) of the drugs whose doses are centred on it, as `find_gr50` gives it."""
    drawn: Mapping[str, Variable] = field(default_factory=dict)
    """What goes with the responses, by its path below the layer's group: the wells that the answer is read from,
    and what an ensemble adds."""
