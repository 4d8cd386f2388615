"""A stand-in for the compiled model: responses in closed form, to test the runner without a solver."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from screen.config.screen import ScreenConfig, parse_config
from screen.pathway import CellLine, Dosing, Drug, Untreated, Wells, load_pathway
from screen.pathway.tables.ensemble import Draw
from screen.runner.simulate.reference_wells import reference_dose

Array = np.ndarray[Any, Any]


@cache
def known_drugs() -> Mapping[str, Drug]:
    return load_pathway().drugs


def of_the_answer(doses: Mapping[str, Array]) -> bool:
    """Whether these are the wells that an answer is read from, which every run adds to its grid."""
    drugs, design = known_drugs(), SimpleNamespace(as_in_patients=frozenset())
    return all(
        set(np.unique(dose)) <= {0.0, *(reference_dose(design, drugs[name], one)[0] for one in (True, False))}
        for name, dose in doses.items()
        if name in drugs
    )


class ClosedForm:
    """An assay whose cells grow at a rate that falls with each drug's dose; counts the wells
    of screens, those of controls and of the answer aside.
    """

    dosed = 0
    untreated_calls = 0
    fail: Callable[[Array, Mapping[str, Array]], Array] | None = None
    sbml = "<sbml/>"

    def __init__(self, readouts: Sequence[str]) -> None:
        self.readouts = tuple(readouts)

    @classmethod
    def compile(
        cls, pathway: object, readouts: Sequence[str], rtol: float = 1e-6, atol: float = 1e-9
    ) -> "ClosedForm":
        return cls(readouts)

    def at(self, rtol: float, atol: float) -> "ClosedForm":
        return self

    def untreated(
        self, lines: Sequence[CellLine], perturbations: object = None, draw: Draw | None = None
    ) -> Untreated:
        type(self).untreated_calls += 1
        key = np.array([sum(map(ord, line.name)) for line in lines], float)
        key = key if draw is None else key + 1e5 * sum(draw.values.values()) % 700
        readouts = key[:, None] * np.arange(1, len(self.readouts) + 1)
        nothing = np.zeros((len(lines), 1))
        return Untreated(nothing, nothing, readouts, 0.02 + key / 1e5, np.zeros(len(lines), np.int8))

    def untreated_under(
        self, lines: Sequence[CellLine], perturbations: object, draws: Sequence[Draw | None]
    ) -> list[Untreated]:
        return [self.untreated(lines, perturbations, draw) for draw in draws]

    def dose(
        self,
        untreated: Untreated,
        line: Array,
        doses: Mapping[str, Array],
        times: Array,
        dosing: Dosing | None = None,
        **solver: Any,
    ) -> Wells:
        control = bool(solver) or len(doses) == 1 or of_the_answer(doses)
        type(self).dosed += 0 if control else len(line)
        rate = untreated.growth_rate[line].copy()
        for name, dose in doses.items():
            midpoint = 50.0 + len(name)
            if dosing is not None and name in dosing.which:
                there = np.array([one.at(np.arange(times[-1])).mean() for one in dosing.table])
                dose = dose * there[dosing.which[name]]
            rate *= 1 - 0.7 * dose / (dose + midpoint)
        log_cells = rate[:, None] * times
        values = untreated.readouts[line][:, None, :] * np.exp(-log_cells)[:, :, None]
        status = np.zeros(len(line), np.int8)
        if type(self).fail is not None and not control:
            status = type(self).fail(line, doses).astype(np.int8)
            values[status > 2], log_cells[status > 2] = np.nan, np.nan
        return Wells(values, log_cells, status, np.full(len(line), 10, np.int32))


@pytest.fixture
def assay(monkeypatch: pytest.MonkeyPatch) -> type[ClosedForm]:
    """The stand-in, in place of the compiled model."""
    fresh = type("Assay", (ClosedForm,), {"dosed": 0, "untreated_calls": 0})  # counts of its own
    monkeypatch.setattr("screen.runner.simulate.model.Assay", fresh)
    # a spawned worker would not know the stand-in; other tests may have left threads, next to which none is forked
    monkeypatch.setattr("screen.runner.execution.pool.can_fork", lambda: True)
    return fresh


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def small(**changes: Any) -> ScreenConfig:
    """Three lines x two combinations x 4 x 4 doses."""
    settings: dict[str, Any] = {
        "name": "small",
        "cell_lines": ["SKBR3", "BT474", "JIMT-1"],
        "combinations": {"anchor": "trastuzumab", "partners": ["linsitinib", "alpelisib"]},
        "doses": {"points": 4},
        "times": ["24 h", "72 h"],
        "readouts": ["viability", "gr_value", "pAKT_S473"],
        "shard_simulations": 32,
        "synergy": ["bliss"],
    }
    return parse_config(settings | changes)
