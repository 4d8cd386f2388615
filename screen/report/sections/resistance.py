"""The section on resistance as an axis: re-sensitisation doses, and what resistance adds to a synergy."""

from screen.report.findings.findings import Findings
from screen.report.sections.section import Content, Section


def make(findings: Findings) -> Content:
    return Content(
        lead=(
            f"How much partner it takes until {findings.view.anchor} works as in a sensitive line, and what a "
            "resistant line gains over its parent."
        )
    )


SECTION = Section(
    id="resistance",
    heading="Resistant lines: the dose that it takes, and the synergy gained",
    order=50,
    make=make,
    link="Resistance",
)
