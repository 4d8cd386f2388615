"""The section with the synergy of every line with every partner."""

from screen.report.cube_view.number_text import points
from screen.report.figures.synergy_map import overview_picture
from screen.report.findings.findings import Findings
from screen.report.findings.why import strongest
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
    view, recovery = findings.view, findings.recovery
    model, best = view.main_model, strongest(view, recovery, findings.answer, 1)
    if model is None or not best:
        return ""
    (row, column) = best[0]
    score = points(float(model.mean[row, column, -1]))
    where = " in a resistant line" if recovery.resistant[row] and not recovery.her2_low[row] else ""
    pair = f"{view.partners[column]} in {view.lines[row]}"
    return f"The strongest synergy{where}: {pair}, mean {model.label} excess {score} percent points."


SECTION = Section(
    id="overview", heading="Synergy, line by partner", order=20, make=make, link="Overview", interactive=True
)
