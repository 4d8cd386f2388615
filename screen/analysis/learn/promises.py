"""Predictions registered before the plates were read: the plan of `herscreen next`, and whether it held.

A plan is JSON. What was promised stands under `registered`; `sha256` is of its canonical text, so that a plan that was
changed afterwards says so.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from screen.analysis.learn.held_out import SAME_DOSE
from screen.analysis.learn.noise import PlateNoise
from screen.analysis.learn.readings.plates import LearnPlate
from screen.analysis.learn.readings.wells import LearnWell, well
from screen.errors import InputError, plain
from screen.files import read_text

KIND = "herscreen next"
LARGEST_PLAN = 200_000_000
LEVEL = 0.9
SURE = 0.05


@dataclass(frozen=True)
class Promise:
    """What a plan said of a well: the mean of its replicates, with the ends of its 90 % interval."""

    well: LearnWell
    predicted: float
    low: float
    high: float


@dataclass(frozen=True)
class Kept:
    """How a plan did: `measured` of `planned` wells were on plates, `inside` of them in their interval; `surprise`, the
    probability of so few inside if every interval were right; whether the plan is as it was `registered`.
    """

    plan: str
    written: str
    sha256: str
    registered: bool
    planned: int
    measured: int
    inside: int
    error: float
    surprise: float

    @property
    def words(self) -> str:
        """The verdict in words."""
        if not self.registered:
            return "changed after it was written"
        if not self.measured:
            return "not measured"
        return "held" if self.surprise > SURE else "did not hold"


def canonical(registered: Mapping[str, Any]) -> str:
    """The text whose SHA-256 a plan carries."""
    return json.dumps(registered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(registered: Mapping[str, Any]) -> str:
    """SHA-256 of what is registered."""
    return hashlib.sha256(canonical(registered).encode()).hexdigest()


def read_plan(path: Path) -> dict[str, Any]:
    """A plan. Raises `InputError` for a file that is none."""
    expected = "a plan of `herscreen next` (JSON)"
    try:
        found = json.loads(read_text(path, LARGEST_PLAN, expected))
        if found["kind"] != KIND or not isinstance(found["registered"]["predictions"], list):
            raise ValueError
        promises_of(found)
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path}: found no predictions, expected {expected}") from None
    return dict(found)


def promises_of(plan: Mapping[str, Any]) -> list[Promise]:
    """The predictions of a plan."""
    return [
        Promise(
            well(str(one["cell_line"]), {str(k): float(v) for k, v in one["doses_nM"].items()},
                 float(one["time_h"]), str(one["readout"])),
            *(float(one[name]) for name in ("predicted", "low", "high")),
        )
        for one in plan["registered"]["predictions"]
    ]  # fmt: skip


def kept(name: str, plan: Mapping[str, Any], plates: Sequence[LearnPlate], noise: PlateNoise) -> Kept:
    """How the promises of a plan compare with the rows of plates (wells far off weigh less)."""
    there: dict[tuple[str, frozenset[str]], list[tuple[LearnWell, float]]] = {}
    rows = (row for plate in plates for row in plate.rows)
    for row, mean in zip(rows, noise.means(plates).tolist(), strict=True):
        there.setdefault((plain(row.line), row.drugs), []).append((row, mean))
    promises, gaps, inside = promises_of(plan), [], 0
    for promise in promises:
        same = there.get((plain(promise.well.line), promise.well.drugs), [])
        found = [mean for row, mean in same if _same(row, promise.well)]
        if found:
            mean = float(np.mean(found))
            gaps.append(mean - promise.predicted)
            inside += promise.low <= mean <= promise.high
    surprise = float(scipy.stats.binom.cdf(inside, len(gaps), LEVEL)) if gaps else math.nan
    return Kept(
        plan=name,
        written=str(plan.get("written", "")),
        sha256=str(plan.get("sha256", "")),
        registered=plan.get("sha256") == digest(plan["registered"]),
        planned=len(promises),
        measured=len(gaps),
        inside=int(inside),
        error=float(np.sqrt(np.mean(np.square(gaps)))) if gaps else math.nan,
        surprise=surprise,
    )


def _same(one: LearnWell, other: LearnWell) -> bool:
    """Whether two wells of one line are the same experiment."""
    if one.readout != other.readout or abs(one.time_h - other.time_h) > SAME_DOSE * other.time_h:
        return False
    return all(
        a == b and abs(x / y - 1) <= SAME_DOSE for (a, x), (b, y) in zip(one.doses, other.doses, strict=True)
    )
