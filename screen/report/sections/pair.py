"""The section on one pair that the reader chooses; its script writes its words and its table of scores."""

from screen.report.findings.findings import Findings
from screen.report.sections.section import Content, Section


def make(_: Findings) -> Content:
    return Content()


SECTION = Section(id="pair", heading="One pair", order=30, make=make, interactive=True)
