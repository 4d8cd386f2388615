"""How a panel responds to one drug, compared with the named HER2-positive lines: are the two distributed alike?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from screen.arrays import Floats
from screen.pathway import Assay, CellLine
from screen.pathway.growth import viability
from screen.pathway.panels.population_statistics import amplified

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
CHUNK = 2048


@dataclass(frozen=True)
class PanelResponse:
    """Viability under a drug of a panel's lines (L,) and of the named lines (N,), each sorted; the largest
    distance between their distribution functions and its p-value (Kolmogorov-Smirnov, two-sided).
    """

    drug: str
    dose_nM: float
    time_h: float
    panel: Floats
    named: Floats
    names: tuple[str, ...]
    distance: float
    p_value: float

    def quantiles(self) -> list[tuple[float, float, float]]:
        """Share, the panel's viability and the named lines' at that share."""
        both = (np.quantile(values, QUANTILES) for values in (self.panel, self.named))
        return [(share, float(a), float(b)) for share, a, b in zip(QUANTILES, *both)]


def panel_response(
    assay: Assay,
    lines: Sequence[CellLine],
    perturbations: Sequence[Mapping[str, float]],
    drug: str,
    dose_nM: float,
    time_h: float,
) -> PanelResponse:
    """Simulate the panel and the named lines under one dose of a drug."""
    drug = assay.pathway.agent(drug)
    named = amplified(assay.pathway)
    panel = survivals(assay, lines, drug, dose_nM, time_h, perturbations)
    known = survivals(assay, named, drug, dose_nM, time_h)
    test = scipy.stats.ks_2samp(panel, known)
    order = np.argsort(known)
    return PanelResponse(
        drug,
        dose_nM,
        time_h,
        np.sort(panel),
        known[order],
        tuple(named[place].name for place in order),
        float(test.statistic),
        float(test.pvalue),
    )


def survivals(
    assay: Assay,
    lines: Sequence[CellLine],
    drug: str,
    dose_nM: float,
    time_h: float,
    perturbations: Sequence[Mapping[str, float]] | None = None,
) -> Floats:
    """Viability (L,) of each line after `time_h` hours under a dose."""
    found = []
    for first in range(0, len(lines), CHUNK):
        part = lines[first : first + CHUNK]
        untreated = assay.untreated(part, perturbations[first : first + CHUNK] if perturbations else None)
        rows = np.repeat(np.arange(len(part)), 2)
        doses = {drug: np.tile([dose_nM, 0.0], len(part))}
        cells = assay.dose(untreated, rows, doses, np.array([time_h])).log_cells[:, 0]
        found.append(viability(cells[::2], cells[1::2]))
    return np.concatenate(found)
