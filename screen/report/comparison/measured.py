"""Measured plates beside the cube of a screen: of each block the scores of both."""

from dataclasses import dataclass

import numpy as np

from screen.report.cube_view.number_text import points
from screen.synergy.models.registry import MODELS
from screen.synergy.plate_scores import PlateScores


@dataclass(frozen=True)
class BlockScores:
    """One block and model: the measured mean excess, its 95 % interval (NaN without one), the simulated mean excess,
    percent points, and what has to be said of the latter.
    """

    block: str
    pair: str
    line: str
    model: str
    measured: float
    low: float
    high: float
    simulated: float
    remark: str

    @property
    def within(self) -> bool | None:
        """Whether the simulated score lies in the measured interval; None where that cannot be said."""
        if not np.isfinite([self.low, self.high, self.simulated]).all():
            return None
        return self.low <= self.simulated <= self.high


@dataclass(frozen=True)
class MeasuredComparison:
    """A cube and plates by their names, and the blocks."""

    names: tuple[str, str]
    blocks: tuple[BlockScores, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """How near the two come, a sentence a model."""
        said = []
        for name in dict.fromkeys(one.model for one in self.blocks):
            both = [
                one for one in self.blocks if one.model == name and np.isfinite(one.measured - one.simulated)
            ]
            if not both:
                continue
            away = [abs(one.measured - one.simulated) for one in both]
            same = sum((one.measured > 0) == (one.simulated > 0) for one in both)
            told = [one for one in both if one.within is not None]
            inside = f", {sum(bool(one.within) for one in told)} of {len(told)} within the measured interval"
            said.append(
                f"{name}: {len(both)} blocks are in both, {np.median(away):.1f} percent points apart in the median; "
                f"{same} of {len(both)} have the same sign{inside if told else ''}."
            )
        return tuple(said or ["No block of the plates is in the cube."])


def measured_comparison(scores: PlateScores, cube: str, plates: str) -> MeasuredComparison:
    """The blocks of scored plates (`PlateOptions.against` a cube), by every model that both have."""
    found = []
    for _, row in scores.summary.iterrows():
        for model in (name for name in scores.models if f"sim_{name}" in row):
            number = {end: float(row.get(f"{model}{end}", np.nan)) for end in ("", "_low", "_high")}
            found.append(
                BlockScores(
                    block=str(row["block_id"]),
                    pair=f"{row['drug_row']} + {row['drug_col']}",
                    line=str(row.get("cell_line", "") or ""),
                    model=MODELS[model].label,
                    measured=number[""],
                    low=number["_low"],
                    high=number["_high"],
                    simulated=float(row[f"sim_{model}"]),
                    remark=str(row.get("sim_reason", "") or ""),
                )
            )
    return MeasuredComparison((cube, plates), tuple(found))


def block_row(one: BlockScores) -> tuple[str, ...]:
    """A block as the page's table has it."""
    interval = f"{points(one.low)} to {points(one.high)}" if np.isfinite([one.low, one.high]).all() else "–"
    return (
        one.block,
        one.pair,
        one.line or "–",
        one.model,
        points(one.measured),
        interval,
        points(one.simulated),
        one.remark,
    )


BLOCK_HEAD = (
    "block", "combination", "cell line", "model", "measured, points", "95 % interval", "simulated, points", "remark"
)  # fmt: skip
