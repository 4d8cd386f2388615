"""Every section of the page: the `SECTION` of each module of this folder, which is all that a new one needs."""

from screen.report.collect import collect
from screen.report.findings.findings import Findings
from screen.report.sections.section import Content, Section


def all_sections() -> tuple[Section, ...]:
    """The sections in the order of the page."""
    found: list[Section] = collect(__package__, "SECTION")
    return tuple(sorted(found, key=lambda section: section.order))


def sections_of(findings: Findings) -> tuple[tuple[Section, Content], ...]:
    """The sections that a cube has, with what they say of it."""
    made, every = list[tuple[Section, Content]](), all_sections()
    for done, section in enumerate(every):
        findings.progress("sections", done, len(every))
        if (content := section.make(findings)) is not None:
            made.append((section, content))
    findings.progress("sections", len(every), len(every))
    return tuple(made)
