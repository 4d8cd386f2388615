"""What the models of one batch share: the matrices and, made when first asked for, the single-agent curves,
the wells as rows for surface fits, and the words on what limits them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy

from screen.arrays import Bools, Floats
from screen.errors import InputError
from screen.synergy.curves.curve_choice import plate_curves
from screen.synergy.curves.drc import drc_sigmoids
from screen.synergy.curves.sigmoid import ROUNDED
from screen.synergy.curves.single_agent import MIN_DOSES, CurveFit, Curves, SingleAgent, fit_curves
from screen.synergy.curves.slices import FAR_FROM_BEST
from screen.synergy.curves.surface_fit import Cells, cells_of
from screen.synergy.dose_matrices import Matrices, Reasons, add_reason, design_reasons, no_reasons

FLAT = 1e-3
NOT_MONOTONE = 0.15
POOR_FIT = 0.10
NORMAL = 1.4826  # a normal deviate's standard deviation over its median size
WORTH = 0.2  # of a square of neighbours: a median uses a third, and squares share wells
SURE = 0.99
CURVE = 3  # parameters that a curve has more than a level line


@dataclass(frozen=True)
class ScoringOptions:
    """What the wells are.

    `single_agent` is the form of the single-agent curves that Loewe needs: `"fit"` for measured, noisy wells
    (four-parameter curves), `"monotone"` for simulated ones, whose exact values a fit would distort. `fit` says
    what a fitted curve is, for Loewe and ZIP alike: `"drc"`, as in SynergyFinder (whose rule for responses
    beyond both drugs Loewe then follows too), or `"least-squares"`. Without it, Loewe takes drc's curve where
    it fits as well as that of least squares and the latter elsewhere (`plate_curves`), and ZIP, which is
    defined by fits and uses them always, drc's; on simulated wells both take least squares. `lower_bound` is
    the readout's lowest possible value: 0 for viability, -1 for GR values, for which Bliss is generalised.
    `undetermined` keeps what MuSyC and BRAID say of a drug that alone does no more than noise, as draws of a bootstrap
    need it.

    InputError for another word.
    """

    single_agent: SingleAgent = "fit"
    fit: CurveFit | None = None
    lower_bound: float = 0.0
    undetermined: bool = False

    def __post_init__(self) -> None:
        if self.single_agent not in ("fit", "monotone"):
            raise InputError(f"single_agent: expected 'fit' or 'monotone', found {self.single_agent!r}")
        if self.fit not in (None, "drc", "least-squares"):
            raise InputError(f"fit: expected 'drc' or 'least-squares', found {self.fit!r}")

    @property
    def zip_fit(self) -> CurveFit:
        """The curve that ZIP, which is defined by fits, takes."""
        return self.fit or ("drc" if self.single_agent == "fit" else "least-squares")

    @property
    def loewe_on_drc(self) -> bool:
        """Whether Loewe is SynergyFinder's, on drc's curves wherever they lie."""
        return self.fit == "drc" and self.single_agent == "fit"


MEASURED, SIMULATED = ScoringOptions(), ScoringOptions(single_agent="monotone")


class Batch:
    """A batch of matrices, and how they are scored."""

    def __init__(self, matrices: Matrices, options: ScoringOptions = MEASURED) -> None:
        self.matrices = matrices
        self.options = options

    @cached_property
    def loewe_curves(self) -> tuple[Curves, Curves]:
        """The curves that Loewe rests on; see `plate_curves` for those of measured wells."""
        if self.options.single_agent != "fit" or self.options.fit == "least-squares":
            return self.curves_1, self.curves_2
        first, second = (
            drc_sigmoids(conc, alone)
            if self.options.fit
            else plate_curves(conc, alone, least, self.options.lower_bound)
            for conc, alone, least in (
                (self.matrices.conc_1, self.matrices.alone_1, self.curves_1),
                (self.matrices.conc_2, self.matrices.alone_2, self.curves_2),
            )
        )
        return first, second

    @cached_property
    def curves_1(self) -> Curves:
        return fit_curves(
            self.matrices.conc_1, self.matrices.alone_1, self.options.single_agent, self.options.lower_bound
        )

    @cached_property
    def curves_2(self) -> Curves:
        return fit_curves(
            self.matrices.conc_2, self.matrices.alone_2, self.options.single_agent, self.options.lower_bound
        )

    @cached_property
    def cells(self) -> Cells:
        return cells_of(self.matrices.viability, self.matrices.conc_1, self.matrices.conc_2)

    @cached_property
    def range(self) -> tuple[Floats, Floats]:
        """Lowest and highest viability that a fitted surface may take, `(matrix,)` each."""
        seen = self.cells.weight > 0
        low = np.where(seen, self.cells.y, np.inf).min(axis=1, initial=np.inf)
        high = np.where(seen, self.cells.y, -np.inf).max(axis=1, initial=-np.inf)
        empty = ~np.isfinite(low)
        low, high = np.where(empty, 0.0, low), np.where(empty, 1.0, high)
        return np.minimum(low, self.options.lower_bound), high + 0.5 * (high - low) + 1e-3

    @cached_property
    def singles(self) -> tuple[Floats, Floats]:
        """Start, end, centred log midpoint and log hill of both single agents, `(matrix, 4)` each; a
        plausible guess where there is no curve."""
        found = []
        for curves, centre in ((self.curves_1, self.cells.centre_1), (self.curves_2, self.cells.centre_2)):
            fit = curves.fit
            columns = [fit.start, fit.end, np.round(fit.midpoint - centre, ROUNDED), np.log(fit.hill)]
            guess = [1.0, 1.0, 0.0, 0.0]
            found.append(np.column_stack([np.where(np.isnan(c), g, c) for c, g in zip(columns, guess)]))
        return found[0], found[1]

    @cached_property
    def flat(self) -> tuple[Bools, Bools]:
        """Matrices whose drug 1 (drug 2) alone does nothing."""
        return _flat(self.matrices.alone_1), _flat(self.matrices.alone_2)

    @cached_property
    def alone_gain(self) -> tuple[Floats, Floats]:
        """By how much the curve of drug 1 (2) alone leaves a smaller sum of squares than a level line, `(matrix,)`."""
        sides = (self.matrices.alone_1, self.curves_1), (self.matrices.alone_2, self.curves_2)
        first, second = (about_mean(alone) - curves.fit.rss for alone, curves in sides)
        return first, second

    @cached_property
    def local_noise(self) -> tuple[Floats, Floats]:
        return local_noise(self.matrices.viability)

    def design_reasons(self) -> tuple[Reasons, Bools]:
        """Limits of the design in words, and the matrices that have no score."""
        return design_reasons(self.matrices)

    def curve_reasons(self) -> tuple[Reasons, Bools]:
        """Limits of the design and of the single-agent curves, and the matrices without score or curve."""
        reason, invalid = self.design_reasons()
        words, absent = self.curve_words
        add_reason(reason, ~invalid & (words != ""), words)
        return reason, invalid | absent

    @cached_property
    def curve_words(self) -> tuple[Reasons, Bools]:
        """What limits the single-agent curves, and the matrices without one, `(matrix,)` each."""
        reason = no_reasons(self.matrices.count)
        absent = np.zeros(self.matrices.count, dtype=bool)
        sides = (
            (1, self.curves_1, self.matrices.alone_1, self.flat[0]),
            (2, self.curves_2, self.matrices.alone_2, self.flat[1]),
        )
        for drug, curves, alone, flat in sides:
            few = curves.doses < MIN_DOSES
            absent |= few
            add_reason(reason, few, f"drug {drug} has fewer than {MIN_DOSES} doses above 0: no curve")
            add_reason(reason, ~few & flat, f"drug {drug} alone does nothing")
            add_reason(
                reason, ~few & (_against_trend(alone) > NOT_MONOTONE), f"drug {drug} alone is not monotone"
            )
            points = np.maximum((~np.isnan(alone)).sum(axis=1), 1)
            poor = ~few & (np.sqrt(curves.fit.rss / points) > POOR_FIT)
            if self.options.single_agent == "fit":
                add_reason(reason, poor, f"drug {drug} alone is fitted poorly")
        return reason, absent


def add_drc_reasons(
    batch: Batch, left: Sequence[Floats], expected: Floats, reason: Reasons, invalid: Bools
) -> None:
    """Words where drc's search ended far from the least-squares curve of a single agent; `left` is the root mean
    square `(matrix,)` that the curves of drug 1 and 2 leave, `expected` `(matrix, dose_1, dose_2)`."""
    sides = (batch.matrices.alone_1, batch.curves_1), (batch.matrices.alone_2, batch.curves_2)
    for drug, ((alone, curves), error) in enumerate(zip(sides, left), start=1):
        points = np.maximum((~np.isnan(alone)).sum(axis=1), 1)
        far = error > np.sqrt(curves.fit.rss / points) + FAR_FROM_BEST
        words = f"drc's curve of drug {drug} alone is not the least-squares one (--fit least-squares)"
        add_reason(reason, ~invalid & far, words)
    none = np.isnan(expected[:, 1:, 1:]).all(axis=(1, 2))
    add_reason(reason, ~invalid & none, "drc finds no curve of a drug alone")


def local_noise(viability: Floats) -> tuple[Floats, Floats]:
    """The variance of a well of matrices `(matrix, dose_1, dose_2)` that squares of four neighbours tell, whatever the
    surface, by their median; and the degrees of freedom that it is worth, `(matrix,)` each."""
    v = viability
    if min(v.shape) == 0 or min(v.shape[1:]) < 2:
        return np.zeros(len(v)), np.zeros(len(v))
    bend = np.abs(v[:, 1:, 1:] - v[:, 1:, :-1] - v[:, :-1, 1:] + v[:, :-1, :-1]).reshape(len(v), -1)
    known = (~np.isnan(bend)).sum(axis=1)
    middle = np.nanmedian(np.where(known[:, None] > 0, bend, 0.0), axis=1)
    return (0.5 * NORMAL * middle) ** 2, np.floor(WORTH * known)


def noise_bar(variance: Floats, freedom: Floats, more: int = CURVE) -> Floats:
    """What `more` parameters gain by chance in a sum of squares, at most, in 99 %: by the F distribution, from the
    `variance` of a well and its degrees of `freedom`; infinite where no well is left over."""
    known = freedom > 0
    most = np.asarray(scipy.stats.f.ppf(SURE, more, np.where(known, freedom, 1.0)))
    return np.where(known, more * most * variance, np.inf)


def about_mean(alone: Floats) -> Floats:
    """The sum of squares of each row `(matrix, dose)` about its mean; missing points skipped."""
    present = ~np.isnan(alone)
    mean = np.where(present, alone, 0.0).sum(axis=1) / np.maximum(present.sum(axis=1), 1)
    squares: Floats = (np.where(present, alone - mean[:, None], 0.0) ** 2).sum(axis=1)
    return squares


def _flat(alone: Floats) -> Bools:
    highest = np.where(np.isnan(alone), -np.inf, alone).max(axis=1)
    lowest = np.where(np.isnan(alone), np.inf, alone).min(axis=1)
    flat: Bools = ~(highest - lowest >= FLAT)
    return flat


def _against_trend(alone: Floats) -> Floats:
    """The largest move of each row `(matrix, dose)` against its overall direction; missing points skipped."""
    present = ~np.isnan(alone)
    high, low = np.where(present, alone, -np.inf), np.where(present, alone, np.inf)
    rise = (high - np.minimum.accumulate(low, axis=1)).max(axis=1, initial=0.0)
    fall = (np.maximum.accumulate(high, axis=1) - low).max(axis=1, initial=0.0, where=present)
    smaller: Floats = np.minimum(rise, fall)
    return smaller
