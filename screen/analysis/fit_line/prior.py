"""What a cell line may be before a plate of it is read: log-normal abundances around a line, as wide and as
correlated as `population.tsv` has them.
"""

from dataclasses import dataclass

import numpy as np

from screen.arrays import Floats
from screen.pathway import CellLine, Pathway
from screen.pathway.panels.sampled_lines import load_population, loadings


@dataclass(frozen=True)
class LinePrior:
    """Free quantities `names` (D,) of a line: `center` (D,) exp(`root` z), z standard normal (D,)."""

    line: CellLine
    names: tuple[str, ...]
    center: Floats
    root: Floats

    @property
    def sd_ln(self) -> Floats:
        """The width (D,) of each quantity's natural logarithm."""
        return np.asarray(np.sqrt((self.root**2).sum(axis=1)))

    def values(self, scores: Floats) -> Floats:
        """The quantities (N, D) at scores (N, D)."""
        return np.asarray(self.center * np.exp(scores @ self.root.T))

    def lines(self, values: Floats, prefix: str) -> list[CellLine]:
        """A line for each row of quantities (N, D); what is not free is the center's."""
        return [
            CellLine(
                f"{prefix}-{index + 1:03d}",
                {**self.line.values, **dict(zip(self.names, row.tolist()))},
                source=f"fitted around {self.line.name}",
            )
            for index, row in enumerate(values)
        ]


def line_prior(pathway: Pathway, line: CellLine, spread: float = 1.0) -> LinePrior:
    """The prior around `line`; `spread` scales all widths. What the line does not have stays away."""
    known = {**pathway.unstated, "k_birth": pathway.parameters["k_birth"].value, **line.values}
    members = [member for member in load_population() if known[member.entity] > 0]
    sd = spread * np.array([member.sd_ln for member in members])
    common = loadings(members)
    correlation = common @ common.T
    np.fill_diagonal(correlation, 1.0)
    root = sd[:, None] * np.linalg.cholesky(correlation)
    names = tuple(member.entity for member in members)
    return LinePrior(line, names, np.array([known[name] for name in names]), root)
