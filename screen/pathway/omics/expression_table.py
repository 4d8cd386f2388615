"""A user's table of expression as cell lines: levels by gene symbol relative to a reference, and factors from them.

The reference is the table's own mean where it has at least `COHORT` samples: over its HER2-amplified samples if
those are as many, else over all. Smaller tables are compared with the shipped panel gene by gene, after the median
difference of all mapped genes between table and panel, which is of the platform, was taken away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from screen.arrays import Floats
from screen.errors import InputError, nearest, plain
from screen.pathway.names import AMOUNTS
from screen.pathway.omics.entity_map import MappedEntity, OmicsMap, load_omics_map
from screen.pathway.omics.expression_file import GeneExpression, WantedGenes, read_expression
from screen.pathway.omics.expression_units import Unit, term_values, unit_of
from screen.pathway.omics.factors import line_omics, prior_of
from screen.pathway.omics.gene_aliases import load_gene_aliases
from screen.pathway.omics.levels import FLOOR, LN2, SHARE_UNKNOWN, Measured, load_measured, share_of
from screen.pathway.pathway import Pathway
from screen.pathway.tables.cell_lines import CellLine

COHORT = 8
DOUBLING = "doubling_h"
HER2 = "ERBB2"
Panel = Literal["own", "marcotte"]


@dataclass(frozen=True)
class Reference:
    """What levels are relative to: `scaled` are the terms' log2 numbers (S,) on the scale of the shipped panel,
    `mean` each term's mean there; `words` say which.
    """

    scaled: Mapping[str, Floats]
    mean: Mapping[str, float]
    words: str


@dataclass(frozen=True)
class ExpressionLines:
    """Lines of a table, and what was found out about it in one line."""

    lines: tuple[CellLine, ...]
    said: str


def expression_lines(
    pathway: Pathway,
    path: Path,
    unit: str = "auto",
    panel: Panel | None = None,
    chosen: Sequence[str] = (),
    prefix: str = "",
    seed: int = 0,
) -> ExpressionLines:
    """The samples of a table, or the `chosen` ones, as cell lines named `<prefix><sample>`.

    `unit` and `panel` overrule what is detected; `seed` keys what the lines deviate in draws. Raises `InputError`
    that names the file, what was found and what was expected.
    """
    omics, measured = load_omics_map().of(pathway.entities), load_measured()
    terms = [term for entity in omics.entities.values() for term in entity.genes]
    symbols = [symbol for entity in omics.entities.values() for symbol in entity.symbols]
    micro = [entity.microrna for entity in omics.entities.values() if entity.microrna]
    own = [name for name in sorted(AMOUNTS) if name in pathway.entities]
    wanted = WantedGenes.of([*symbols, *micro], [*own, DOUBLING], load_gene_aliases(symbols))
    table = read_expression(path, wanted)
    kept = _chosen(table, chosen)
    found_unit = unit_of(table, unit)
    values = term_values(table, found_unit, [*terms, *micro])
    reference = _reference(table, values, found_unit, measured, panel)
    levels, shares = _levels(omics, reference), _shares(omics, reference, measured, len(table.samples))
    missing = [symbol for symbol in symbols if symbol not in table.genes]
    said = _said(table, found_unit, reference, missing, [name for name in micro if name not in table.genes])
    prior = prior_of(omics)
    lines = []
    for at in kept:
        name = f"{prefix}{table.samples[at]}"
        known = {entity: float(row[at]) for entity, row in levels.items() if not np.isnan(row[at])}
        of_line = line_omics(name, prior, known, seed)
        facts = {entity: float(row[at]) for entity, row in shares.items()} | _facts(pathway, table, at)
        doubling = float(table.more[DOUBLING][at]) if DOUBLING in table.more else np.nan
        lines.append(
            CellLine(
                name,
                of_line.factors() | facts,
                source=said,
                doubling_h=None if np.isnan(doubling) else doubling,
                omics=of_line,
            )
        )
    return ExpressionLines(tuple(lines), said)


def _chosen(table: GeneExpression, chosen: Sequence[str]) -> list[int]:
    """Places of the chosen samples, of all where none is chosen."""
    if not chosen:
        return list(range(len(table.samples)))
    places = {plain(name): at for at, name in enumerate(table.samples)}
    for name in chosen:
        if plain(name) not in places:
            hint = nearest(name, table.samples)
            raise InputError(
                f"{table.path}: found no sample '{name}' among {len(table.samples)}{hint or ', expected one of them'}"
            )
    return [places[plain(name)] for name in dict.fromkeys(chosen)]


def _reference(
    table: GeneExpression, values: Mapping[str, Floats], unit: Unit, measured: Measured, panel: Panel | None
) -> Reference:
    """The terms on the panel's scale, and the means to which they are compared."""
    known = [term for term, numbers in values.items() if not np.isnan(numbers).all()]
    shipped = {term: measured.term(term)[measured.amplified] for term in known}
    floored = {term: np.maximum(numbers, FLOOR) for term, numbers in shipped.items()}
    means = {term: float(numbers.mean()) for term, numbers in floored.items()}
    count = len(table.samples)
    own = panel == "own" or (panel is None and count >= COHORT)
    if panel == "own" and count < 2:
        raise InputError(f"{table.path}: found {count} sample, expected at least 2 for `panel: own`")
    if unit.name == "zscore":
        scaled = {term: means[term] + floored[term].std(ddof=1) * values[term] for term in known}
        words = "z-scores times the shipped panel's standard deviations"
    else:
        away = [float(np.nanmean(np.maximum(values[term], FLOOR))) - means[term] for term in known]
        shift = float(np.nanmedian(away))
        scaled = {term: values[term] - shift for term in known}
        words = f"platform shift {shift:+.2f} (log2, median of {len(known)} genes) taken away"
    if not own:
        return Reference(scaled, means, f"the shipped panel's HER2-amplified lines, {words}")
    over, whom = np.ones(count, dtype=bool), f"all {count} samples"
    if panel is None and unit.name != "zscore" and HER2 in scaled:
        amplified = scaled[HER2] >= shipped[HER2].min()
        whom += f", of which {amplified.sum()} have {HER2} as HER2-amplified lines do"
        if amplified.sum() >= COHORT:
            over, whom = (
                amplified,
                f"its {amplified.sum()} samples of {count} with {HER2} as HER2-amplified lines",
            )
    own_means = {term: float(np.nanmean(np.maximum(scaled[term], FLOOR)[over])) for term in known}
    return Reference(scaled, own_means, f"the table's own mean over {whom}")


def _levels(omics: OmicsMap, reference: Reference) -> dict[str, Floats]:
    """Levels (S,) by entity, NaN where nothing speaks for it in a sample; an antibody's weight is the genes'."""
    found = {}
    for entity in omics.entities.values():
        terms = _terms(entity)
        if entity.mode == "share" or not any(term in reference.scaled for term in terms):
            continue
        total = weights = np.zeros(1)
        for term, weight in terms.items():
            if term in reference.scaled:
                level = (np.maximum(reference.scaled[term], FLOOR) - reference.mean[term]) * LN2
                total = total + weight * np.nan_to_num(level)
                weights = weights + weight * ~np.isnan(level)
        with np.errstate(invalid="ignore"):
            found[entity.name] = np.where(weights > 0, total / weights, np.nan)
    return found


def _shares(omics: OmicsMap, reference: Reference, measured: Measured, count: int) -> dict[str, Floats]:
    """Shares (S,) of the panel's highest expresser, of hormone receptors."""
    found = {}
    for entity in omics.entities.values():
        if entity.mode == "share":
            (term,) = entity.genes
            values = reference.scaled.get(term)
            highest = float(np.nanmax(measured.term(term)))
            found[entity.name] = (
                np.full(count, SHARE_UNKNOWN) if values is None else share_of(values, highest)
            )
    return found


def _terms(entity: MappedEntity) -> Mapping[str, float]:
    return {entity.microrna: 1.0} if entity.microrna else entity.genes


def _facts(pathway: Pathway, table: GeneExpression, at: int) -> dict[str, float]:
    """A sample's mutations, as amounts, and the division rate that its doubling time gives."""
    facts = {}
    for name, numbers in table.more.items():
        value = float(numbers[at])
        if np.isnan(value):
            continue
        if not value >= 0 or (name == DOUBLING and value == 0):
            least = "more than 0" if name == DOUBLING else "0 or more"
            raise InputError(f"{table.path}: {table.samples[at]}: {name} is {value:g}, expected {least}")
        if name == DOUBLING:
            reference = next(iter(pathway.cell_lines.values()))
            rate = reference.values.get("k_birth", pathway.parameters["k_birth"].value)
            facts["k_birth"] = rate * (reference.doubling_h or value) / value
        else:
            facts[name] = value
    return facts


def _said(
    table: GeneExpression, unit: Unit, reference: Reference, missing: Sequence[str], micro: Sequence[str]
) -> str:
    """What was found out about the table, for stderr and for the lines' source."""
    genes = f"missing: {', '.join(missing)}" if missing else "no gene missing"
    without = "; no microRNAs" if micro else ""
    if table.called:
        without += f"; {', '.join(f'{label} is {gene}' for gene, label in table.called.items())}"
    layout = f"{len(table.samples)} samples, {table.layout}"
    return f"{table.path.name}: {layout}; unit {unit}; relative to {reference.words}; {genes}{without}"
