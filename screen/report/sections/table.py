"""The section with every pair in a table that sorts, filters and is saved as CSV; its script writes it."""

from screen.report.findings.findings import Findings
from screen.report.sections.section import Content, Section


def make(_: Findings) -> Content:
    return Content()


SECTION = Section(
    id="table", heading="Every pair in a table", order=110, make=make, link="Table", interactive=True
)
