"""`herscreen panel`: the cell lines of a configuration as a table, and how they respond to a drug."""

from pathlib import Path
from typing import Annotated

import typer

from screen.analysis.markers.panel_response import panel_response
from screen.cli.console import say, table
from screen.cli.options import Config, Settings, load
from screen.cli.overwrite import Force, refuse_other
from screen.errors import InputError
from screen.files import checked, write_text
from screen.pathway import Assay, load_pathway
from screen.report.standalone.panel import panel_picture
from screen.runner import Plan, make_plan
from screen.runner.simulate.model import named_pathway, with_mapping

DOSE_nM, TIME_h = 68.0, 120.0


def panel(
    config: Config,
    settings: Settings = None,
    response: Annotated[
        Path | None,
        typer.Option(
            "--response", help="Draw the panel's response next to that of the named lines: FILE.svg."
        ),
    ] = None,
    drug: Annotated[str, typer.Option("--drug", help="The drug of --response.")] = "trastuzumab",
    dose: Annotated[float, typer.Option("--dose", min=0, help="Its dose, nM.")] = DOSE_nM,
    hours: Annotated[float, typer.Option("--hours", min=1, help="How long it acts.")] = TIME_h,
    force: Force = False,
) -> None:
    """List the cell lines of a screen with what differs from the mean of the named ones; of a mixture its clones."""
    loaded = with_mapping(load(config, settings))
    if response is not None:
        checked(response, (".svg",), (config,))
        refuse_other(response, (), force)
    plan = make_plan(loaded, named_pathway(loaded))
    if response is not None:
        _respond(plan, response, drug, dose, hours)
        return
    rows = [
        [
            line.name,
            line.parent or "",
            line.cellosaurus,
            "; ".join(f"{clone.fraction:.3g} {clone.line.name}" for clone in line.clones)
            or "; ".join(f"{name}={value:g}" for name, value in line.values.items()),
            "; ".join(f"{name}={factor:g}" for name, factor in change.items()),
        ]
        for line, change in zip(plan.design.lines, plan.design.perturbations, strict=True)
    ]
    table(f"Panel of {plan.name}", ["cell line", "parent", "Cellosaurus", "values", "perturbation"], rows)


def _respond(plan: "Plan", path: Path, drug: str, dose: float, hours: float) -> None:
    for line in plan.design.lines:
        if line.clones:
            raise InputError(f"--response: {line.name} is a mixture of clones, expected lines of one kind")
    assay = Assay.compile(load_pathway(), ["pAKT_S473"])
    found = panel_response(assay, plan.design.lines, plan.design.perturbations, drug, dose, hours)
    write_text(path, panel_picture(found))
    rows = [[f"{share:.0%}", f"{a:.3f}", f"{b:.3f}"] for share, a, b in found.quantiles()]
    treated = f"{found.drug} {dose:g} nM, {hours:g} h"
    title = f"Viability, {treated}: distance {found.distance:.2f}, p {found.p_value:.2f}"
    columns = ["share of lines", f"panel ({len(found.panel)})", f"named ({len(found.named)})"]
    table(title, columns, rows, columns)
    say(f"wrote {path}", err=True)
