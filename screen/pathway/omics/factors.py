"""From levels to a line's factors: levels by entity, exponents by group and deviations as one value of a line."""

from collections.abc import Mapping

from screen.pathway.omics.entity_map import OmicsMap
from screen.pathway.tables.line_omics import LineOmics, OmicsPrior


def prior_of(omics: OmicsMap) -> OmicsPrior:
    """The map's entities that follow a level, with their groups' nominal exponents and deviations."""
    followed = [entity for entity in omics.entities.values() if entity.mode == "relative"]
    groups = [omics.groups[entity.group] for entity in followed]
    return OmicsPrior(
        entities=tuple(entity.name for entity in followed),
        groups=tuple(group.name for group in groups),
        exponents=tuple(group.exponent for group in groups),
        deviation_sd=tuple(group.deviation_sd for group in groups),
    )


def line_omics(
    line: str, prior: OmicsPrior, levels: Mapping[str, float], seed: int, from_table: bool = True
) -> LineOmics:
    """A line's omics from its levels by entity; entities without a level stand at the reference."""
    known = tuple(entity in levels for entity in prior.entities)
    level = tuple(float(levels.get(entity, 0.0)) for entity in prior.entities)
    return LineOmics(line, prior, level, known, seed, from_table)
