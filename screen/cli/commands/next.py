"""`herscreen next`: which experiments decide most, as plates to pipette."""

import datetime
from pathlib import Path
from typing import Annotated

import typer

from screen.analysis.learn.readings.learning_set import lines_of_plates, prior_draws, prior_of_lines
from screen.analysis.next_experiments.experiments import with_knock_downs
from screen.analysis.next_experiments.next_experiments import NextPlan, plan_next
from screen.analysis.next_experiments.outputs import check_folder, write_next
from screen.analysis.next_experiments.plate_maps import lay_out
from screen.analysis.next_experiments.questions import with_hypothesis
from screen.cli.console import progress_bar, say, table
from screen.cli.options import Config, Jobs, Settings, usable_processors
from screen.config.experiments import NextConfig, load_next
from screen.errors import InputError, plain
from screen.pathway import Assay, Pathway, load_pathway
from screen.units import molar_mass, parse_concentration

STOCK, ANTIBODY_STOCK = "10 mM", "21 mg/mL"


def next(
    config: Config,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder of the plan; results/<name> unless given."),
    ] = None,
    jobs: Jobs = None,
    settings: Settings = None,
) -> None:
    """Choose the experiments that are expected to tell most of a question within a budget: write plate maps, lists for
    dispensers, and a plan with predictions that `herscreen learn` checks once they are measured.
    """
    found = load_next(config, tuple(settings or ()))
    folder = output or Path("results") / found.name
    if not folder.absolute().parent.is_dir():
        if output is not None:
            raise InputError(f"{folder}: the folder {folder.parent} does not exist")
        folder.parent.mkdir()
    known = prior_draws(load_pathway(), found.ensemble.source)
    pathway = known.pathway
    named = {plain(name): name for name in pathway.cell_lines}
    lines = list(dict.fromkeys(named.get(plain(name), name) for name in found.lines))
    found = found.model_copy(update={"lines": lines}).read_from(found.places)
    about = found.model_dump(mode="json", by_alias=True)
    check_folder(folder, about)
    subjects = with_hypothesis(found, pathway, lines_of_plates(found, pathway, lines))
    subjects = subjects | with_knock_downs(found, pathway, {name: subjects[name] for name in lines})
    prior = prior_of_lines(found, known, subjects)
    with progress_bar() as progress:
        assay = Assay.compile(pathway, list(dict.fromkeys(map(pathway.observable, found.offered.markers))))
        plan = plan_next(assay, prior, found, jobs or usable_processors(), progress)
    if not plan.batch.choices:
        sure = [one for one in plan.beliefs if max(one.probability) == 1]
        why = (
            "all members agree already"
            if len(sure) == len(plan.beliefs) > 0
            else "nothing fits the budget or tells"
        )
        raise InputError(f"{config}: {why}: found no experiment to choose about {plan.question.name}")
    placed = lay_out(plan.batch, found.budget, found.seed)
    stocks = _stocks(found, pathway)
    now = datetime.datetime.now(datetime.UTC)
    paths = write_next(plan, placed, folder, about, stocks, now)
    _say(plan)
    for path in paths:
        say(f"wrote {path}")


def _stocks(config: NextConfig, pathway: Pathway) -> dict[str, float]:
    """The stock of every drug, nM."""
    found = {
        drug.name: parse_concentration(ANTIBODY_STOCK if drug.antibody else STOCK).to_nM(molar_mass(drug))
        for drug in pathway.drugs.values()
    }
    for name, stock in config.stocks.items():
        try:
            drug = pathway.drug(name)
        except InputError as error:
            raise config.error(f"stocks.{name}", error) from None
        found[drug.name] = stock.to_nM(molar_mass(drug))
    return found


def _say(plan: NextPlan) -> None:
    """What is believed, what is chosen, what it would decide."""
    rows = [
        [one.question, ", ".join(f"{name} {share:.0%}" for name, share in sorted(
            zip(one.options, one.probability, strict=True), key=lambda item: -item[1])[:4])]
        for one in plan.beliefs
    ]  # fmt: skip
    if rows:
        table("What the ensemble holds", ["question", "probability"], rows)
    rows = [
        [one.experiment.name, one.experiment.kind, str(one.experiment.cost), f"{one.bits:.2f}",
         "" if one.certainty != one.certainty else f"{one.certainty:.0%}"]
        for one in plan.batch.choices
    ]  # fmt: skip
    columns = ["experiment", "kind", "wells", "bits", "then right in"]
    table(f"Chosen from {plan.offered} experiments", columns, rows, columns[2:])
    for one in plan.decisions:
        below, above = (max(part.items(), key=lambda item: item[1]) for part in (one.below, one.above))
        say(
            f"{one.experiment}: below {one.at:.2f} on average, {one.question}: {below[0]} ({below[1]:.0%}); "
            f"above, {above[0]} ({above[1]:.0%})"
        )
    batch = plan.batch
    say(f"{batch.bits:.2f} bits expected from {len(batch.spent.plates)} plates")
    if plan.checked == plan.checked:
        say(f"{plan.checked:.2f} bits, regressions judged on other members")
    if plan.right[0] == plan.right[0]:
        now, then = plan.right
        say(
            f"the likeliest answer is right in {now:.0%} of members; after the batch in {then:.0%} (others judged)"
        )
