"""How strong a pair is: the number by which pairs are ranked, wherever the strongest come first."""

import numpy as np

from screen.arrays import Array
from screen.report.cube_view.view import CubeView
from screen.report.findings.resensitisation import Recovery


def strength(view: CubeView, recovery: Recovery) -> Array:
    """What ranks a pair, (cell_line, combination): the main model's score at the last time, else the gain."""
    model = view.main_model
    return np.asarray(model.mean[..., -1] if model is not None else recovery.gain[..., -1])
