"""Matrices whose answer is known, for the tests of every model."""

import numpy as np


def hill(conc, bottom, half, slope, top=1.0):
    """Viability of a log-logistic curve that starts at `top`."""
    conc = np.asarray(conc, dtype=float)
    return top + (bottom - top) * conc**slope / (conc**slope + half**slope)


def doses(low=1.0, high=1e4, size=8):
    return np.concatenate([[0.0], np.geomspace(low, high, size - 1)])


def sham(conc_1, conc_2, bottom, half, slope, potency=1.0):
    """A drug combined with itself, the second vial `potency` times as strong."""
    return hill(conc_1[:, None] + potency * conc_2[None, :], bottom, half, slope)


def independent(conc_1, conc_2, first, second):
    """Two drugs that do not interact in the sense of Bliss."""
    return hill(conc_1, *first)[:, None] * hill(conc_2, *second)[None, :]
