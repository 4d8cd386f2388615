"""Level lines of a dose-response matrix: contours on its grid, and the isobole in doses."""

import math
from dataclasses import dataclass

import numpy as np

from screen.arrays import Array

LEVELS = (0.9, 0.8, 0.75, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2)
Point = tuple[float, float]


@dataclass(frozen=True)
class Isobole:
    """Dose pairs (drug 1, drug 2) in nM at which viability is `level`, by ascending dose 2, and the single
    doses that do the same: None where a drug alone does not.
    """

    level: float
    points: tuple[Point, ...]
    alone_1: float | None
    alone_2: float | None

    @property
    def index(self) -> float | None:
        """Geometric mean of the combination index along it; below 1 = synergy."""
        if not self.alone_1 or not self.alone_2:
            return None
        inner = [math.log(a / self.alone_1 + b / self.alone_2) for a, b in self.points if a > 0 and b > 0]
        return math.exp(sum(inner) / len(inner)) if inner else None


def crossing(doses: Array, course: Array, level: float) -> float | None:
    """The smallest dose at which `course` falls to `level`, log-interpolated; None when it never does."""
    for at, value in enumerate(course):
        if np.isnan(value):
            return None
        if value > level:
            continue
        if at == 0:
            return 0.0
        low, high = float(doses[at - 1]), float(doses[at])
        share = float((course[at - 1] - level) / (course[at - 1] - value))
        return low * (high / low) ** share if low > 0 else high * share
    return None


def isobole(viability: Array, one: Array, two: Array, level: float) -> Isobole:
    """The isobole of `viability` (dose_1, dose_2) over the doses `one`, `two` in nM, ascending from 0."""
    rows = [(crossing(one, viability[:, j], level), float(dose)) for j, dose in enumerate(two)]
    columns = [(float(dose), crossing(two, viability[i], level)) for i, dose in enumerate(one)]
    found = {(a, b) for a, b in rows if a} | {(a, b) for a, b in columns if b}
    points = tuple(sorted(found, key=lambda point: (point[1], -point[0])))
    return Isobole(level, points, crossing(one, viability[:, 0], level), crossing(two, viability[0], level))


def natural_isobole(viability: Array, one: Array, two: Array) -> Isobole | None:
    """The isobole that says most: at 0.5 where both drugs reach it alone, else the deepest that both do,
    else at 0.5, else the deepest of the grid; None where no pair lowers viability to 0.9.
    """
    found = [isobole(viability, one, two, level) for level in LEVELS]
    found = [item for item in found if len(item.points) > 1 and item.alone_1 != 0 and item.alone_2 != 0]
    both = [item for item in found if item.alone_1 and item.alone_2]
    half = [item for item in found if item.level == 0.5]
    return next(iter([*(item for item in half if item in both), *both[::-1], *half, *found[::-1]]), None)


def contour(values: Array, level: float) -> list[tuple[Point, Point]]:
    """Segments of the level line through `values` (i, j), in indices; marching squares over cell centres."""
    segments: list[tuple[Point, Point]] = []
    for i in range(len(values) - 1):
        for j in range(values.shape[1] - 1):
            corners = [(i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j)]
            heights = [float(values[corner]) for corner in corners]
            if any(math.isnan(height) for height in heights):
                continue
            crossed = []
            for k in range(4):
                (a, b), (p, q) = (heights[k], heights[k - 3]), (corners[k], corners[k - 3])
                if (a > level) != (b > level):
                    share = (level - a) / (b - a)
                    crossed.append((p[0] + (q[0] - p[0]) * share, p[1] + (q[1] - p[1]) * share))
            segments += list(zip(crossed[::2], crossed[1::2]))
    return segments


def joined_lines(segments: list[tuple[Point, Point]]) -> list[list[Point]]:
    """The segments of a level line as whole lines, each a list of points."""
    ends: dict[Point, list[int]] = {}
    keys = [tuple((round(i, 9), round(j, 9)) for i, j in segment) for segment in segments]
    for number, pair in enumerate(keys):
        for end in pair:
            ends.setdefault(end, []).append(number)
    lines, left = [], dict.fromkeys(range(len(segments)))
    while left:
        first = next((n for n in left if any(len(ends[end]) == 1 for end in keys[n])), next(iter(left)))
        del left[first]
        begin, end = keys[first] if len(ends[keys[first][0]]) == 1 else keys[first][::-1]
        course = [begin, end]
        while (following := next((n for n in ends[course[-1]] if n in left), None)) is not None:
            del left[following]
            one, two = keys[following]
            course.append(two if one == course[-1] else one)
        lines.append(course)
    return lines
