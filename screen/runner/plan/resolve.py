"""Names of a configuration resolved against the pathway: cell lines, readouts, reference models. Every error
names the place in the file and the nearest match.
"""

import dataclasses
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from screen.config.cell_lines import LineSpec
from screen.config.screen import ScreenConfig
from screen.errors import InputError, nearest, plain
from screen.pathway.omics.expression_table import expression_lines
from screen.pathway.panels.sampled_lines import sample_lines
from screen.pathway.panels.table_lines import table_lines
from screen.runner.plan.mixtures import mixture_of
from screen.synergy.models.registry import MODELS

if TYPE_CHECKING:
    from screen.pathway import CellLine, Pathway

T = TypeVar("T")
log = logging.getLogger(__name__)
SAMPLED = "virtual"  # lines, unless a prefix names them
MOST_LINES = 1_000_000  # which take a few GB in every process


def resolve(config: ScreenConfig, key: str, find: Callable[[str], T], name: str) -> T:
    """`find(name)`, with the place of `key` in front of its error."""
    try:
        return find(name)
    except InputError as error:
        raise config.error(key, error) from None


def cell_lines(
    config: ScreenConfig, pathway: "Pathway"
) -> tuple[Sequence["CellLine"], tuple[Mapping[str, float], ...]]:
    """The cell lines in the order asked for, `all` in the table's order, and each one's perturbation. Drawn
    lines stay the table that they are where there are no others.
    """
    found: dict[str, tuple[CellLine, Mapping[str, float]]] = {}
    sampled = sum(spec.sample or 0 for spec in config.cell_lines)
    if sampled > MOST_LINES:
        raise config.error(
            "cell_lines",
            f"found {sampled} lines to draw, expected at most {MOST_LINES}: make several screens of them",
        )
    for index, spec in enumerate(config.cell_lines):
        key = f"cell_lines.{index}"
        wanted = _lines_of(config, key, spec, pathway, found)
        perturbation = {
            resolve(config, f"{key}.perturbation.{name}", pathway.entity, name): factor
            for name, factor in spec.perturbation.items()
        }
        if len(config.cell_lines) == 1 and spec.sample is not None:
            return wanted, (perturbation,) * len(wanted)
        for line in wanted:
            if (name := plain(line.name)) in found:
                raise config.error(key, f"duplicate cell line '{line.name}', expected it once")
            found[name] = line, perturbation
    lines, perturbations = zip(*found.values(), strict=True)
    return lines, perturbations


def _lines_of(
    config: ScreenConfig,
    key: str,
    spec: LineSpec,
    pathway: "Pathway",
    above: Mapping[str, tuple["CellLine", Mapping[str, float]]],
) -> Sequence["CellLine"]:
    """The lines that one entry of `cell_lines` stands for; `above` are those of the entries before it."""
    if spec.sample is not None:
        if pathway.is_custom:
            raise config.error(
                f"{key}.sample",
                "found with a model of your own, of which no population is known; expected lines of "
                "`model.cell_lines`, or a table",
            )
        around = (
            None if spec.around is None else resolve(config, f"{key}.around", pathway.cell_line, spec.around)
        )
        return sample_lines(pathway, spec.sample, config.seed, around, spec.spread, spec.prefix or SAMPLED)
    if spec.table is not None:
        path = Path(spec.table)
        return resolve(config, f"{key}.table", lambda _: table_lines(pathway, path, spec.scale), spec.table)
    if spec.expression is not None:
        return _expression(config, key, spec, spec.expression, pathway)
    assert spec.name is not None
    if spec.mixture:
        return [mixture_of(config, key, spec, pathway, above)]
    if spec.parent is None:
        if plain(spec.name) == "all":
            return list(pathway.cell_lines.values())
        return [resolve(config, key, pathway.cell_line, spec.name)]
    parent = resolve(config, f"{key}.parent", pathway.cell_line, spec.parent)
    if plain(spec.name) in {plain(name) for name in pathway.cell_lines}:
        raise config.error(key, f"found a variant called '{spec.name}', expected a name of its own")
    return [dataclasses.replace(parent, name=spec.name, parent=parent.name)]


def _expression(
    config: ScreenConfig, key: str, spec: LineSpec, table: str, pathway: "Pathway"
) -> Sequence["CellLine"]:
    """The samples of a table of gene expression; what was found out about it goes to the log."""
    if pathway.is_custom:
        raise config.error(
            f"{key}.expression",
            "found with a model of your own, whose quantities no gene symbol names; expected lines of "
            "`model.cell_lines`, or a table",
        )
    found = resolve(
        config,
        f"{key}.expression",
        lambda path: expression_lines(
            pathway,
            Path(path),
            spec.unit,
            spec.panel,
            spec.lines,
            f"{spec.prefix}-" if spec.prefix else "",
            config.seed,
        ),
        table,
    )
    log.warning("%s", found.said)
    return found.lines


def reference_models(config: ScreenConfig) -> tuple[str, ...]:
    """The reference models to score with."""
    known = {plain(name): name for name in MODELS}
    for index, name in enumerate(config.synergy):
        if plain(name) not in known:
            found = f"unknown reference model '{name}'; known: {', '.join(MODELS)}{nearest(name, MODELS)}"
            raise config.error(f"synergy.{index}", found)
    return tuple(dict.fromkeys(known[plain(name)] for name in config.synergy))
