"""The wells that statements ask for, each simulated once, in batches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from screen.kinetics import Status
from screen.pathway import Assay, CellLine, Untreated
from screen.pathway.tables.ensemble import Draw


class Well(NamedTuple):
    """A line under a perturbation and doses, read at one time; pairs are sorted."""

    line: str
    perturbation: tuple[tuple[str, float], ...]
    doses: tuple[tuple[str, float], ...]
    time_h: float


@dataclass(frozen=True)
class Sample:
    """What a well showed: signals by name, log of the cell number, untreated growth rate per hour."""

    signals: Mapping[str, float]
    log_cells: float
    growth_rate: float
    problem: str = ""


def well(
    line: CellLine, perturbation: Mapping[str, float], doses: Mapping[str, float], time_h: float
) -> Well:
    """A well in its canonical form; doses of 0 are no doses."""
    return Well(
        line.name,
        tuple(sorted(perturbation.items())),
        tuple(sorted((name, dose) for name, dose in doses.items() if dose > 0)),
        time_h,
    )


class SimulationCache:
    """Simulates wells in batches, and remembers each of them and every line that it has brought to its untreated
    state.
    """

    def __init__(self, assay: Assay, draw: Draw | None = None) -> None:
        self._assay = assay
        self._draw = draw
        self._rows: dict[tuple[str, tuple[tuple[str, float], ...]], int] = {}
        self._untreated: Untreated | None = None
        self._samples: dict[Well, Sample] = {}

    def read(self, wells: Iterable[Well]) -> dict[Well, Sample]:
        """A sample for each well; those seen before are not simulated again."""
        asked = list(dict.fromkeys(wells))
        new = [item for item in asked if item not in self._samples]
        self._settle(new)
        groups: dict[float, list[Well]] = {}
        by_course: dict[tuple[str, object, object], list[Well]] = {}
        for item in new:
            by_course.setdefault(item[:3], []).append(item)
        for course in by_course.values():
            groups.setdefault(max(item.time_h for item in course), []).extend(course)
        for _, group in sorted(groups.items()):
            self._simulate(group)
        return {item: self._samples[item] for item in asked}

    def _settle(self, wells: Iterable[Well]) -> None:
        new = [key for key in dict.fromkeys(item[:2] for item in wells) if key not in self._rows]
        if not new:
            return
        lines = [self._assay.pathway.cell_lines[line] for line, _ in new]
        fresh = self._assay.untreated(lines, [dict(perturbation) for _, perturbation in new], self._draw)
        start = len(self._rows)
        self._rows.update({key: start + index for index, key in enumerate(new)})
        self._untreated = fresh if self._untreated is None else _concatenated(self._untreated, fresh)

    def _simulate(self, group: list[Well]) -> None:
        untreated = self._untreated
        assert untreated is not None
        courses = list(dict.fromkeys(item[:3] for item in group))
        times = sorted({item.time_h for item in group})
        agents = sorted({name for _, _, doses in courses for name, _ in doses})
        line = np.array([self._rows[name, perturbation] for name, perturbation, _ in courses], dtype=np.intp)
        doses = {agent: np.array([dict(course[2]).get(agent, 0.0) for course in courses]) for agent in agents}
        run = self._assay.dose(untreated, line, doses, np.array(times))
        place = {course: index for index, course in enumerate(courses)}
        when = {time: index for index, time in enumerate(times)}
        for item in group:
            n, t = place[item[:3]], when[item.time_h]
            status = max(
                int(run.status[n]), int(untreated.status[line[n]]), key=lambda s: s * (s > Status.reference)
            )
            self._samples[item] = Sample(
                signals=dict(zip(self._assay.readouts, map(float, run.values[n, t]))),
                log_cells=float(run.log_cells[n, t]),
                growth_rate=float(untreated.growth_rate[line[n]]),
                problem=""
                if status <= Status.reference
                else f"simulation of {item.line} failed: {Status(status).name}",
            )


def _concatenated(first: Untreated, second: Untreated) -> Untreated:
    """Lines of which none is a population, one set after the other."""

    def both(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(first, name), getattr(second, name)])

    return Untreated(both("parameters"), both("state"), both("readouts"), both("growth_rate"), both("status"))
