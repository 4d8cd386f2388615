"""How a simulation of a cube ended: the codes of every variable `status`, what they are called and what to do."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from screen.arrays import Array


@dataclass(frozen=True)
class StatusCode:
    """One code: its CF `flag_meanings` word, its label in tables, and the remedy in words."""

    code: int
    meaning: str
    label: str
    remedy: str

    @property
    def words(self) -> str:
        """The meaning as people write it."""
        return self.meaning.replace("_", " ")


CODES = (
    StatusCode(0, "solved", "solved", "none needed"),
    StatusCode(
        1,
        "solved_by_reference_solver",
        "reference",
        "none needed: solved by SciPy after the batched solver gave up, only slower",
    ),
    StatusCode(
        2,
        "failed",
        "failed",
        "NaN in the cube, no score is computed through it: tighten solver.rtol, or look at the line's values",
    ),
    StatusCode(3, "not_simulated", "not simulated", "none needed: the design leaves these wells out"),
)
SOLVED, BY_REFERENCE, FAILED, NOT_SIMULATED = (each.code for each in CODES)
ENDED = CODES[:NOT_SIMULATED]
"""The codes of what was simulated."""
_LAST_SOLVED, _LAST_BY_REFERENCE = 1, 2


def status_code(engine_status: Array) -> Array:
    """The cube's codes, int8, from the engine's numbers (`screen.kinetics.Status`, any shape): ok and retried
    are solved, then the reference solver, then every way to fail.
    """
    status = np.asarray(engine_status)
    ended = np.where(status <= _LAST_BY_REFERENCE, BY_REFERENCE, FAILED)
    return np.where(status <= _LAST_SOLVED, SOLVED, ended).astype(np.int8)


def flags(partial: bool = False) -> dict[str, Any]:
    """The CF attributes of a variable of codes; only `partial` designs have wells that are not simulated."""
    known = CODES if partial else ENDED
    return {
        "flag_values": np.array([each.code for each in known], np.int8),
        "flag_meanings": " ".join(each.meaning for each in known),
    }
