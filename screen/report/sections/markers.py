"""The section on markers: what predicts the outcome before treatment, and the markers of the untreated lines."""

from screen.report.findings.findings import Findings
from screen.report.findings.markers import sentences, tree_words
from screen.report.sections.section import Content, Section


def make(findings: Findings) -> Content:
    view = findings.view
    accuracy, tree = tree_words(view, findings.recovery)
    return Content(
        lead=(
            f"What predicts, before treatment, where {view.anchor} works and where a partner helps; and what the "
            "untreated lines look like in the model."
        ),
        sentences=(*sentences(view, findings.recovery, findings.associations), *filter(None, [accuracy])),
        preformatted=tuple(tree),
    )


SECTION = Section(id="markers", heading="Markers", order=100, make=make)
