"""The section on the panel as a population: who responds to which drug, and what both do beyond independent action."""

from screen.report.cube_view.number_text import percent
from screen.report.findings.findings import Findings
from screen.report.findings.panels.independence import RESPONDS, benefits
from screen.report.sections.section import Content, Section


def make(findings: Findings) -> Content | None:
    """A row a partner, for a panel of more than a few lines."""
    view = findings.view
    found = benefits(view, findings.recovery)
    if not found:
        return None
    one_set = found[0].anchor[1] == found[0].anchor[2] and not findings.recovery.gap.draws
    head = (
        "partner",
        f"respond to {view.anchor}",
        "to the partner",
        "to either (independent action)",
        "to both together",
        "beyond independent action",
        "deeper than the better drug, of the cells",
    )
    rows = [
        (
            item.partner,
            *(
                words(part, one_set)
                for part in (item.anchor, item.alone, item.independent, item.both, item.beyond, item.deeper)
            ),
        )
        for item in found
    ]
    top = found[0]
    medians = "" if one_set else " (each number is the median of the parameter sets, so they need not add up)"
    explained = (
        f"With {top.partner}, {percent(top.both[0])} of the {top.lines} lines respond; {percent(top.independent[0])} "
        "would if each answered to the better drug alone. "
        + (
            f"Beyond independent drug action are {percent(top.beyond[0])} of the lines{medians}."
            if top.beyond[0] > 0
            else "Independent drug action explains who responds."
        )
    )
    return Content(
        lead=(
            f"The {top.lines} lines as a population, {view.anchor} at its usual dose and each partner at its Cmax (or "
            f"top dose). A line responds when it loses at least {percent(RESPONDS)} of its cells. In patients most "
            "combinations help because each patient answers to one of the drugs (doi:10.1016/j.cell.2017.11.009); "
            "what is beyond that needs an interaction inside the cell."
        ),
        sentences=(explained,),
        table=(head, *rows),
    )


def words(numbers: tuple[float, float, float], one_set: bool) -> str:
    """`45 % (36 to 50 %)`."""
    middle, low, high = numbers
    said = percent(middle) if one_set else f"{percent(middle)} ({percent(low)} to {percent(high)})"
    return said.replace("-", "−")


SECTION = Section(id="benefit", heading="Benefit over the panel", order=55, make=make, link="Benefit")
