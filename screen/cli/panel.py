"""`herscreen panel`: the cell lines of a configuration as a table."""

import typer

from screen.cli.options import Config, Settings, load


def register(app: typer.Typer) -> None:
    """Add the command `panel`."""
    app.command()(panel)


def panel(config: Config, settings: Settings = None) -> None:
    """List the cell lines of a screen with what differs from the reference line; of a mixture its clones."""
    from screen.cli.console import table
    from screen.runner import make_plan
    from screen.runner.model import pathway_of

    loaded = load(config, settings)
    plan = make_plan(loaded, pathway_of(loaded))
    rows = [
        [
            line.name,
            line.parent or "",
            line.cellosaurus,
            "; ".join(f"{clone.fraction:.3g} {clone.line.name}" for clone in line.clones)
            or "; ".join(f"{name}={value:g}" for name, value in line.values.items()),
            "; ".join(f"{name}={factor:g}" for name, factor in change.items()),
        ]
        for line, change in zip(plan.lines, plan.perturbations, strict=True)
    ]
    table(f"Panel of {plan.name}", ["cell line", "parent", "Cellosaurus", "values", "perturbation"], rows)
