"""Reference models of drug combination, one file each, and the scoring of a whole cube at once. Works on
arrays of viability, wherever they came from; knows nothing of simulation.
"""

from screen.synergy.batch import MEASURED, SIMULATED, ScoringOptions
from screen.synergy.dose_matrices import Score
from screen.synergy.score import score_matrices
from screen.synergy.score_cube import score_cube
from screen.synergy.score_tensors import TensorScore, score_tensors

__all__ = [
    "MEASURED",
    "SIMULATED",
    "Score",
    "ScoringOptions",
    "TensorScore",
    "score_cube",
    "score_matrices",
    "score_tensors",
]
