"""The dose-response surfaces of a page, the most telling first, for as long as there is room."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from screen.arrays import Array
from screen.report.cube_view.number_text import hours
from screen.report.cube_view.view import CubeView, Readout
from screen.report.findings.resensitisation import Recovery
from screen.report.findings.strength import strength
from screen.report.page.array_encoding import pack

VIABILITY_STEP = 0.0002
EXCESS_STEP = 0.02
NEEDED_SHARE = 0.8
LEAST_BYTES = 0.25
FEWEST_LINES = 8


@dataclass(frozen=True)
class Surface:
    """One chunk of a page: `load` gives (cell_line, combination, dose[, dose]) when it is its turn."""

    priority: int
    kind: str
    time: int
    step: float | None
    load: Callable[[], Array]
    needed: bool = False


def add_surfaces(chunks: dict[str, Any], view: CubeView, recovery: Recovery, room: float) -> list[str]:
    """Put surfaces into `chunks` within `room` bytes; the sentence, if any, that says what is left out.

    Of what every page needs, too large a surface keeps its strongest lines alone; anything else stays whole
    or away. A surface that could not fit even at `LEAST_BYTES` a value is not read at all.
    """
    spent, left = 0, dict[str, list[str]]()
    order = np.argsort(-np.nan_to_num(strength(view, recovery), nan=-1e9).max(axis=1, initial=-1e9))
    wells = view.status.size
    for surface in sorted(surfaces(view, recovery), key=lambda item: item.priority):
        at = hours(view.times_h[surface.time])
        if not surface.needed and LEAST_BYTES * wells > room - spent and surface.kind != "ratio":
            left.setdefault(f"{surface.kind} surfaces", []).append(at)
            continue
        values, keep = surface.load(), len(view.lines)
        fewest = FEWEST_LINES if surface.time == len(view.times_h) - 1 else max(FEWEST_LINES, keep // 4)
        while (
            surface.needed and LEAST_BYTES * wells * keep / len(view.lines) > room - spent and keep > fewest
        ):
            keep //= 2
        packed = pack(only_lines(values, order[:keep]), surface.step)
        while surface.needed and spent + len(packed["data"]) > NEEDED_SHARE * room and keep > fewest:
            keep //= 2
            packed = pack(only_lines(values, order[:keep]), surface.step)
        cost = len(packed["data"]) + 120
        if spent + cost > room:
            left.setdefault(f"{surface.kind} surfaces", []).append(at)
            continue
        if keep < len(view.lines):
            left.setdefault(f"{surface.kind} surfaces of all but the {keep} strongest lines", []).append(at)
        spent += cost
        chunks[f"{surface.kind}@{surface.time}"] = packed
    if not left:
        return []
    parts = "; ".join(f"{what.replace('_', ' ')} at {', '.join(when)}" for what, when in left.items())
    return [f"Left out to keep the page small, and held by the cube: {parts}."]


def surfaces(view: CubeView, recovery: Recovery) -> list[Surface]:
    """Every surface that a page can hold; the last time before earlier ones, viability before the rest."""
    last = len(view.times_h) - 1
    found = [Surface(1, "status", 0, 1.0, partial(np.asarray, view.status, float), needed=True)]
    for at in range(last, -1, -1):
        late = 0 if at == last else 10
        found += readout_surfaces(view, at, late)
        for model in view.models:
            if model.of_doses is not None:
                main = model is view.main_model
                load = partial(model.load_excess, at)
                found.append(Surface(late + 2 - main, f"{model.name}_excess", at, EXCESS_STEP, load, main))
        found.append(Surface(late + 1, "ratio", at, VIABILITY_STEP, partial(at_time, recovery.ratios, at)))
    return found


def readout_surfaces(view: CubeView, at: int, late: int) -> list[Surface]:
    """The readouts at one time; viability with the ends of its interval."""
    found = []
    for rank, readout in enumerate(view.readouts.values()):
        step = VIABILITY_STEP if readout.name in ("viability", "gr_value") else None
        first = late + {"viability": 0, "gr_value": 4}.get(readout.name, 20 + rank)
        needed = readout.name == "viability"
        found.append(Surface(first, readout.name, at, step, partial(readout_at, readout, at), needed))
        if needed and readout.bounded:
            for end, name in enumerate(("viability_low", "viability_high")):
                found.append(Surface(first + 3, name, at, step, partial(bound_at, readout, at, end)))
    return found


def at_time(values: Array, at: int) -> Array:
    return np.asarray(values[..., at])


def readout_at(readout: Readout, at: int) -> Array:
    return at_time(readout.values if readout.name == "viability" else readout.load(), at)


def bound_at(readout: Readout, at: int, end: int) -> Array:
    found = readout.load_bounds(at)
    assert found is not None
    return found[end]


def only_lines(values: Array, rows: Array) -> Array:
    """`values` with every other line missing."""
    if len(rows) == len(values):
        return values
    kept = np.full(values.shape, np.nan)
    kept[rows] = values[rows]
    return kept
