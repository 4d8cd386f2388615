"""The section with the synergy of every line with every partner."""

import numpy as np

from screen.report.cube_view.number_text import points
from screen.report.figures.synergy_map import overview_picture
from screen.report.findings.findings import Findings
from screen.report.sections.section import Content, Section


def make(findings: Findings) -> Content:
    return Content(
        lead=(
            "How much more both drugs remove than a model of no interaction expects. Each cell is one line with one "
            f"partner, and opens its pair. {strongest_words(findings)}"
        ),
        fallback=overview_picture(findings),
    )


def strongest_words(findings: Findings) -> str:
    """The strongest synergy in a resistant line, in a sentence; empty without scores."""
    view, recovery, model = findings.view, findings.recovery, findings.view.main_model
    if model is None:
        return ""
    mean = np.asarray(model.mean[:, :, -1], float)
    wanted = recovery.resistant & ~recovery.her2_low
    where = " in a resistant line" if wanted.any() else ""
    known = np.isfinite(mean) & (wanted[:, None] | (not wanted.any()))
    if not known.any():
        return ""
    row, column = np.unravel_index(int(np.argmax(np.where(known, mean, -np.inf))), mean.shape)
    if mean[row, column] <= 0:
        return f"No pair{where} has a mean {model.label} excess above 0."
    score = points(float(mean[row, column]))
    pair = f"{view.pair_name(int(column))} in {view.lines[row]}"
    return f"The strongest synergy{where}: {pair}, mean {model.label} excess {score} percent points."


SECTION = Section(
    id="overview", heading="Synergy, line by partner", order=20, make=make, link="Overview", interactive=True
)
