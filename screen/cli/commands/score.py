"""`herscreen score`: synergy scores of a cube, or of plates measured in a laboratory."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screen import synergy
from screen.cube.tree import open_cube, triples_of
from screen.errors import InputError
from screen.runner.results.rescore import with_intervals
from screen.runner.results.write_cube import add_scores
from screen.synergy.ensemble_summary import summarise_draws
from screen.synergy.models.registry import MANY_DRUGS, MODELS, PLATE_MODELS
from screen.synergy.plates.block import correct_baseline
from screen.synergy.plates.compare_to_cube import compare_with_cube
from screen.synergy.plates.intervals import add_intervals
from screen.synergy.plates.read_plates import read_plates
from screen.synergy.plates.score_plates import score_blocks
from screen.synergy.plates.score_triple_plates import joined_tables, score_triple_blocks
from screen.synergy.potency.cube_potency import strength
from screen.synergy.score_triples import score_triples_of

if TYPE_CHECKING:
    import pandas as pd

CUBES = (".h5", ".hdf5", ".nc")
SHOWN = 20


def score(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT", help="A cube (.h5), or plates (.csv, .tsv, .xlsx).", show_default=False
        ),
    ],
    models: Annotated[
        str | None,
        typer.Option(metavar="A,B", help=f"Reference models: {', '.join(MODELS)}."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Table of scores to write (.csv).")
    ] = None,
    bootstrap: Annotated[
        int, typer.Option(min=0, help="Bootstrap rounds for intervals (100 or more); 0 for none.")
    ] = 0,
    response: Annotated[
        str | None, typer.Option(help="What the plates hold: viability or inhibition; detected unless given.")
    ] = None,
    baseline: Annotated[str, typer.Option(help="Baseline correction of plates: none, part or all.")] = "none",
    single_agent: Annotated[
        str | None,
        typer.Option(help="Single-agent curves of plates: fit (measured) or monotone (simulated)."),
    ] = None,
    fit: Annotated[
        str | None,
        typer.Option(
            help="Fitted curves of Loewe and ZIP on plates: drc (as SynergyFinder) or least-squares. Unless "
            "given: where measured, Loewe takes drc's curve of a drug if it fits as well as that of least "
            "squares, and ZIP drc's; where simulated, both least-squares."
        ),
    ] = None,
    cells: Annotated[
        Path | None, typer.Option(help="Table of the excess per dose pair or triple to write.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="A cube whose scores stand beside those of the plates.")
    ] = None,
    readout: Annotated[str, typer.Option(help="The readout of a cube to score.")] = "viability",
    seed: Annotated[int, typer.Option(help="Seed of the bootstrap.")] = 0,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processes that share the work.")] = 1,
) -> None:
    """Score a cube (its group /scores is replaced) or measured plates, of two drugs or three. Positive is
    synergy for every excess score, in percent points of inhibition."""
    chosen = [name.strip().lower() for name in models.split(",") if name.strip()] if models else None
    for target in (output, cells):
        if target is not None and not target.absolute().parent.is_dir():
            raise InputError(f"{target}: the folder {target.absolute().parent} does not exist")
    if not source.is_file():
        raise InputError(f"{source}: no such file, expected a cube or plates")
    if source.suffix.lower() in CUBES:
        _only_for_plates(bootstrap, response, baseline, single_agent, fit, against)
        _score_cube(source, chosen, output, cells, readout, jobs)
        return
    _score_plates(
        source,
        chosen,
        output,
        bootstrap,
        response,
        baseline,
        single_agent,
        fit,
        cells,
        against,
        seed,
        jobs,
    )


def _only_for_plates(
    bootstrap: int,
    response: str | None,
    baseline: str,
    single_agent: str | None,
    fit: str | None,
    against: Path | None,
) -> None:
    """InputError for an option that means nothing for a cube."""
    if bootstrap:
        raise InputError("--bootstrap: for plates; simulated wells carry no noise to resample")
    given = {
        "--response": response,
        "--baseline": baseline != "none",
        "--single-agent": single_agent,
        "--fit": fit,
        "--against": against,
    }
    for name, value in given.items():
        if value:
            raise InputError(f"{name}: for plates, found a cube")


def _score_plates(
    source: Path,
    models: list[str] | None,
    output: Path | None,
    bootstrap: int,
    response: str | None,
    baseline: str,
    single_agent: str | None,
    fit: str | None,
    cells: Path | None,
    against: Path | None,
    seed: int,
    jobs: int,
) -> None:

    if response not in (None, "viability", "inhibition"):
        raise InputError(f"--response: expected viability or inhibition, found {response!r}")
    if baseline not in ("none", "part", "all"):
        raise InputError(f"--baseline: expected none, part or all, found {baseline!r}")
    if single_agent not in (None, "fit", "monotone"):
        raise InputError(f"--single-agent: expected fit or monotone, found {single_agent!r}")
    if bootstrap == 1:
        raise InputError("--bootstrap: one round tells no spread; expected 0 or about 100, found 1")
    if fit not in (None, "drc", "least-squares"):
        raise InputError(f"--fit: expected drc or least-squares, found {fit!r}")
    plates = read_plates(source, response, drugs=3)  # type: ignore[arg-type]
    for message in plates.messages:
        typer.echo(message, err=True)
    blocks = [correct_baseline(block, baseline) for block in plates.blocks]  # type: ignore[arg-type]
    pairs = [block for block in blocks if block.conc_3 is None]
    triples = [block for block in blocks if block.conc_3 is not None]
    wanted = tuple(models or PLATE_MODELS)
    form = {"single_agent": single_agent, "jobs": jobs}
    summary, pair_cells = score_blocks(pairs, wanted, fit=fit, **form) if pairs else (None, None)  # type: ignore[arg-type]
    if bootstrap and any(block.simulated for block in blocks):
        raise InputError("--bootstrap: for measured plates; simulated wells carry no noise to resample")
    if bootstrap and summary is not None:
        summary = add_intervals(summary, pairs, wanted, bootstrap, seed, fit, jobs)  # type: ignore[arg-type]
    if against is not None and summary is not None:
        summary = compare_with_cube(summary, pairs, against)
    many = tuple(models or MANY_DRUGS)
    third, third_cells = score_triple_blocks(triples, many, **form) if triples else (None, None)  # type: ignore[arg-type]
    for option, given in (("--bootstrap", bootstrap), ("--fit", fit), ("--against", against)):
        if given and triples:
            typer.echo(f"{option}: for pairs, not for blocks of three drugs", err=True)
    if cells is not None:
        joined_tables(pair_cells, third_cells, blocks).to_csv(cells, index=False)
    _finish(joined_tables(summary, third, blocks), wanted, output)


def _score_cube(
    source: Path,
    models: list[str] | None,
    output: Path | None,
    cells: Path | None,
    readout: str,
    jobs: int,
) -> None:

    with open_cube(source) as cube:
        root = cube.to_dataset()
        others = [
            name
            for name, data in root.data_vars.items()
            if "dose_1" in data.dims and name not in (readout, "status")
        ]
        if readout in root.data_vars:
            root = root.drop_vars(others).load()
        chosen = models or ("hsa", "bliss", "loewe", "zip")
        scores = synergy.score_cube(root, chosen, readout=readout, jobs=jobs)
        scores = with_intervals(cube, scores, chosen, readout, jobs)
        triples = triples_of(cube)
        if triples is not None:
            triples = score_triples_of(triples, chosen, readout).load()
    scores = summarise_draws(scores.merge(strength(root, readout), combine_attrs="override"))
    add_scores(source, scores, triples)
    wanted = [name for name in scores.data_vars if f"{name}_excess" in scores.data_vars]
    lead = [name for name in scores.data_vars if not {"dose_1", "dose_2"} & set(scores[name].dims)]
    summary = scores[lead].reset_coords(drop=True).to_dataframe().reset_index()
    typer.echo(f"{source}: /scores replaced ({', '.join(map(str, wanted))})", err=True)
    if cells is not None:
        excess = [f"{name}_excess" for name in wanted]
        scores[excess].to_dataframe().reset_index().to_csv(cells, index=False)
    if output is not None:
        summary.to_csv(output, index=False)


def _finish(summary: "pd.DataFrame", models: tuple[str, ...], output: Path | None) -> None:
    if output is not None:
        summary.to_csv(output, index=False)
        typer.echo(f"{len(summary)} blocks scored: {output}", err=True)
        return
    columns = ["block_id", "drug_row", "drug_col", "drug_3"]
    columns += [name for model in models for name in (model, f"{model}_beyond")]
    columns += [*[f"sim_{m}" for m in models], "sim_reason", "reason"]
    shown = summary[[name for name in columns if name in summary]]
    typer.echo("excess in percent points of inhibition, positive = synergy", err=True)
    typer.echo(shown.head(SHOWN).to_csv(index=False, float_format="%.3f", sep="\t").rstrip())
    if len(shown) > SHOWN:
        typer.echo(f"... {len(shown) - SHOWN} more; -o FILE writes all of them", err=True)
