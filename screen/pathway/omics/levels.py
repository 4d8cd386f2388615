"""How far each named line is from the panel's mean, entity by entity, by RNA, antibodies and microRNAs.

Measured by Marcotte 2016 (10.1016/j.cell.2015.11.062). The reference is the mean over the HER2-amplified lines, in
which what is not expressed counts as `FLOOR`: below it a logarithm tells noise, not amounts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screen.arrays import Floats
from screen.pathway.omics.entity_map import MappedEntity, OmicsMap
from screen.pathway.tables.tsv import FOLDER, number, read_table

FLOOR = -1.5
"""log2: about 0.35 FPKM."""
NOT_EXPRESSED = -1.0
"""log2: a hormone receptor at or below it has no share."""
SHARE_UNKNOWN = 0.1
"""The share of a hormone receptor that nobody measured."""
NOT_AMPLIFIED = ("MCF10A",)
LN2 = float(np.log(2))


@dataclass(frozen=True)
class Measured:
    """What was measured of the panel: of each `features` (a gene or a sum of genes, an antibody, a microRNA) a
    log2 number a line, (L,), NaN where it was not measured.
    """

    lines: tuple[str, ...]
    features: Mapping[str, Floats]

    @property
    def amplified(self) -> Floats:
        """Which lines are HER2-amplified, (L,) bool: those whose mean is the reference."""
        return np.array([line not in NOT_AMPLIFIED for line in self.lines])

    def term(self, term: str) -> Floats:
        """log2 of a gene or a sum of genes, (L,)."""
        if term in self.features:
            return self.features[term]
        parts = [self.features[symbol] for symbol in term.split("+")]
        return np.asarray(np.log2(np.sum(np.exp2(parts), axis=0)))

    def relative(self, values: Floats) -> Floats:
        """log2 numbers (L,) relative to the mean of the amplified lines, in natural logarithms."""
        raised = np.maximum(values, FLOOR)
        return np.asarray((raised - np.nanmean(raised[self.amplified])) * LN2)


def load_measured(path: Path = FOLDER / "omics.tsv") -> Measured:
    """The shipped measurements. Raises InputError that names file and feature."""
    rows = read_table(path, ("feature", "kind", "unit"))
    lines = tuple(name for name in rows[0] if name not in ("feature", "kind", "unit"))
    features = {}
    for row in rows:
        where = f"{path.name}: {row['feature']}"
        features[row["feature"]] = np.array(
            [number(row, line, where) if row[line] else np.nan for line in lines]
        )
    return Measured(lines, features)


def panel_levels(omics: OmicsMap, measured: Measured | None = None) -> dict[str, dict[str, float]]:
    """Each named line's level by entity, in natural logarithms; an entity that was not measured in a line is
    not among that line's.
    """
    found = measured or load_measured()
    levels: dict[str, dict[str, float]] = {line: {} for line in found.lines}
    for entity in omics.entities.values():
        if entity.mode == "relative":
            for line, level in zip(found.lines, _level(entity, found)):
                if not np.isnan(level):
                    levels[line][entity.name] = float(level)
    return levels


def panel_shares(omics: OmicsMap, measured: Measured | None = None) -> dict[str, dict[str, float]]:
    """Each named line's share of the highest expresser, of the entities of that mode."""
    found = measured or load_measured()
    shares: dict[str, dict[str, float]] = {line: {} for line in found.lines}
    for entity in omics.entities.values():
        if entity.mode == "share":
            (term,) = entity.genes
            values = found.term(term)
            for line, share in zip(found.lines, share_of(values, float(np.nanmax(values)))):
                shares[line][entity.name] = float(share)
    return shares


def share_of(values: Floats, highest: float) -> Floats:
    """Shares of the highest expresser from log2 numbers: 0 where not expressed, 1 at most."""
    shares = np.where(values > NOT_EXPRESSED, np.minimum(np.exp2(values - highest), 1.0), 0.0)
    return np.where(np.isnan(values), SHARE_UNKNOWN, shares)


def _level(entity: MappedEntity, measured: Measured) -> Floats:
    level = np.zeros(len(measured.lines))
    for term, weight in entity.genes.items():
        level += weight * measured.relative(measured.term(term))
    if entity.antibody:
        stretched = entity.antibody_scale * measured.relative(measured.features[entity.antibody])
        level += entity.antibody_weight * stretched
    if entity.microrna:
        level += measured.relative(measured.features[entity.microrna])
    return level
