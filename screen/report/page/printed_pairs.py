"""What paper has in place of a reader's choice: the other pairs that the answer names, each with its figures."""

from screen.report.figures.fixed_doses import fixed_doses
from screen.report.figures.recovery_curve import recovery_curve
from screen.report.figures.surfaces import draw_pair
from screen.report.findings.findings import Findings
from screen.report.sections.section import Content, Section

PAIRS = 6


def make(findings: Findings) -> Content | None:
    """The figures of the pairs that the answer names after its first, which the page opens with."""
    view, pictures = findings.view, list[tuple[str, str]]()
    for item in findings.answer.lines[1:PAIRS]:
        row = view.lines.index(item.line)
        caption = f"{item.line}: {item.sentence}"
        surfaces = draw_pair(findings, row, item.combination)
        pictures.append((caption, surfaces))
        curve = recovery_curve(findings, row, item.combination)
        fixed = fixed_doses(findings, row, item.combination)
        if curve is not None and fixed is not None:  # both or none: two halves stand beside each other
            named = f"{item.line} with {item.partner}"
            pictures.append((f"{named}: {view.anchor}'s own effect by the partner's dose.", curve))
            pictures.append((f"{named}: {view.anchor} beside each dose of the partner.", fixed))
    return Content(pictures=tuple(pictures)) if pictures else None


PRINTED_PAIRS = Section(id="pairs", heading="The answer's other pairs", order=42, make=make)
