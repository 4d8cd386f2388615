"""Populations: a cell line as a mixture of clones that grow side by side without knowing of each other. Their
cells add up; what is measured on the whole population is the mean over its cells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.pathway.tables.cell_lines import CellLine
from screen.pathway.tables.line_table import SampledLines

Changes = tuple[Mapping[str, float], ...]


@dataclass(frozen=True)
class Members:
    """The clones of some lines, one after the other (K clones): `line` (K,) is whose each is, `fraction` (K,)
    its share of that line's cells at time 0, `names` (K,) what it is called, `first` (L,) each line's first.
    """

    line: NDArray[np.intp]
    fraction: Floats
    names: tuple[str, ...]
    first: NDArray[np.intp]

    @property
    def mixed(self) -> bool:
        return len(self.line) > len(self.first)


@dataclass(frozen=True)
class Shares:
    """What part of their well's cells simulations are: `names` (M,) of their clones, the first simulation of
    each well, `begin` (N,), and `share` (M, T).
    """

    names: NDArray[np.object_]
    begin: NDArray[np.intp]
    share: Floats

    def of(self, clone: str) -> Floats:
        """The fraction (N, T) of each well's cells that are of a clone."""
        its = (self.names == clone).astype(np.float64)
        return mean(self.share, its[:, None], self.begin)


def members(
    lines: Sequence[CellLine], perturbations: Sequence[Mapping[str, float]] | None
) -> tuple[Members, Sequence[CellLine], list[Changes]]:
    """The clones of lines (a line that is no mixture is its own), each as a line and with what perturbs it:
    its own perturbation, then the line's.
    """
    if isinstance(lines, SampledLines):
        every = np.arange(len(lines))
        own: list[Changes] = [()] * len(lines) if perturbations is None else [(one,) for one in perturbations]
        return Members(every, np.ones(len(lines)), lines.names, every), lines, own
    whose, fraction, cells, changes = [], [], [], []
    for index, line in enumerate(lines):
        common: Changes = () if perturbations is None else (perturbations[index],)
        parts = [(clone.line, clone.fraction, (clone.perturbation, *common)) for clone in line.clones]
        for clone, share, change in parts or [(line, 1.0, common)]:
            whose.append(index)
            fraction.append(share)
            cells.append(clone)
            changes.append(change)
    which = np.array(whose, dtype=np.intp)
    first = np.searchsorted(which, np.arange(len(lines)))
    names = tuple(cell.name for cell in cells)
    return Members(which, np.array(fraction, dtype=np.float64), names, first.astype(np.intp)), cells, changes


def wells_of(clones: Members, line: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which clone each simulation is, (M,), when every well of `line` (N,) is simulated clone by clone, and
    where each well's simulations begin, (N,).
    """
    many = np.append(clones.first[1:], len(clones.line)) - clones.first
    each = many[line]
    begin = np.concatenate([[0], np.cumsum(each)[:-1]]).astype(np.intp)
    within = np.arange(int(each.sum())) - np.repeat(begin, each)
    return np.repeat(clones.first[line], each) + within, begin


def grown(fraction: Floats, log_cells: Floats, begin: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """The clones of each well added up: simulations (M,), (M, T), the first of each well (N,) -> the
    logarithm of all cells relative to time 0, (N, T), and each clone's share of them, (M, T).
    """
    many = np.diff(np.append(begin, len(fraction)))
    with np.errstate(divide="ignore"):
        cells = np.log(fraction)[:, None] + log_cells
    most = np.maximum.reduceat(cells, begin, axis=0)
    part = np.exp(cells - np.repeat(most, many, axis=0))
    whole = np.add.reduceat(part, begin, axis=0)
    return most + np.log(whole), part / np.repeat(whole, many, axis=0)


def mean(share: Floats, values: Floats, begin: NDArray[np.intp]) -> Floats:
    """The mean over the cells of each well: (M, ...), (M, ...), (N,) -> (N, ...)."""
    return np.asarray(np.add.reduceat(share * values, begin, axis=0))
