"""A statement of an evidence table in words: what of which line under what, and the interval that it states."""

from screen.analysis.evidence.evidence_table import GRID, Condition, Statement

CURVES = {
    "ic50_nM": "IC50 of {drugs}, nM",
    "gr50_nM": "GR50 of {drugs}, nM",
    "gr_max": "GR value at the highest dose of {drugs}",
    "max_inhibition": "largest inhibition of {observable} by {drugs}",
}


def sentence(statement: Statement) -> str:
    """Such as `IGF2 in SKBR3-pool2 untreated, divided by that in SKBR3 untreated`, without the interval."""
    test, reference, observable = statement.test, statement.reference, statement.observable
    drugs = " + ".join(test.treatment.swept)
    if statement.statistic in CURVES:
        told = CURVES[statement.statistic].format(drugs=drugs, observable=observable)
        return f"{told}, in {_state(test, dosed=True)}"
    if statement.statistic in GRID:
        model = statement.statistic.removesuffix("_max")
        label = {"bliss": "Bliss", "loewe": "Loewe"}.get(model, model.upper())
        which = "best window's" if statement.statistic.endswith("_max") else "mean"
        return f"{which} {label} excess of {drugs} on {observable}, in {_state(test, dosed=True)}"
    if statement.statistic == "value":
        return f"{observable} in {_state(test)}"
    between = "divided by" if statement.statistic == "ratio" else "minus"
    line = "the same line" if reference.line.name == test.line.name else reference.line.name
    return f"{observable} in {_state(test)}, {between} that in {_state(reference, line)}"


def interval(statement: Statement) -> str:
    """`1.3 or more`, `0.7 or less`, `0.8 to 1.25`."""
    low, high = statement.lower, statement.upper
    if low is None:
        return "any value" if high is None else f"{high:.4g} or less"
    return f"{low:.4g} or more" if high is None else f"{low:.4g} to {high:.4g}"


def _state(condition: Condition, line: str | None = None, dosed: bool = False) -> str:
    """A line with what is changed in it, its doses and when it is read; drugs that are swept are `dosed` elsewhere."""
    name = condition.line.name if line is None else line
    doses = [f"{agent} {dose:g} nM" for agent, dose in condition.treatment.doses.items()]
    doses += [] if dosed else list(condition.treatment.swept)
    changed = [f"{entity} x {factor:g}" for entity, factor in condition.perturbation.items()]
    parts = [name, f"with {', '.join(changed)}" if changed else ""]
    parts.append(f"under {' + '.join(doses)}" if doses else "" if dosed else "untreated")
    return " ".join(filter(None, [*parts, f"at {condition.time_h:g} h" if condition.time_h else ""]))
