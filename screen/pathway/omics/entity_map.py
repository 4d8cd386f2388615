"""The omics map as data: what is measured of each entity, and how an entity's factor follows what is measured.

`ln factor = exponent of the entity's group * level + deviation of the line`, where the level is the entity's
distance from the mean of the HER2-amplified lines of the panel in natural logarithms. Entities of mode `share`
(hormone receptors) are shares of the highest expresser instead, with no exponent and no deviation.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from screen.errors import InputError
from screen.pathway.tables.tsv import FOLDER, Row, assignments, number, read_table

ENTITY_COLUMNS = (
    "entity", "group", "genes", "antibody", "antibody_scale", "antibody_weight", "microrna", "mode", "source", "note",
)  # fmt: skip
GROUP_COLUMNS = ("group", "exponent", "prior_median", "prior_sd", "deviation_sd", "kind", "source", "note")
MODES = ("relative", "share")
KINDS = ("calibrated", "assumed")


@dataclass(frozen=True)
class OmicsGroup:
    """Entities whose amounts follow what is measured with one `exponent`.

    `prior_median`, `prior_sd` are the exponent's prior, `deviation_sd` the standard deviation of what one line
    departs from it, in natural logarithms of the factor.
    """

    name: str
    exponent: float
    prior_median: float
    prior_sd: float
    deviation_sd: float
    kind: str


@dataclass(frozen=True)
class MappedEntity:
    """What speaks for one entity: `genes` are terms, sums of gene symbols (`AKT1+AKT2+AKT3`), with their weights;
    an antibody counts with `antibody_weight`, its logarithms stretched by `antibody_scale`.
    """

    name: str
    group: str
    genes: Mapping[str, float]
    antibody: str
    antibody_scale: float
    antibody_weight: float
    microrna: str
    mode: Literal["relative", "share"]

    @property
    def symbols(self) -> tuple[str, ...]:
        """The gene symbols of all terms."""
        return tuple(symbol for term in self.genes for symbol in term.split("+"))


@dataclass(frozen=True)
class OmicsMap:
    """Every mapped entity, in the table's order, and the groups."""

    entities: Mapping[str, MappedEntity]
    groups: Mapping[str, OmicsGroup]

    def of(self, entities: Collection[str]) -> "OmicsMap":
        """The map without the entities that a pathway lacks: the one place where they are left out."""
        return replace(self, entities={name: one for name, one in self.entities.items() if name in entities})


def load_omics_map(
    path: Path = FOLDER / "omics_map.tsv", groups: Path = FOLDER / "omics_groups.tsv"
) -> OmicsMap:
    """The shipped map. Raises InputError that names file, row and column of a table that contradicts itself."""
    known = {
        row["group"]: _group(row, f"{groups.name}: {row['group']}")
        for row in read_table(groups, GROUP_COLUMNS)
    }
    entities = {}
    for row in read_table(path, ENTITY_COLUMNS):
        where = f"{path.name}: {row['entity']}"
        entity = _entity(row, where)
        if entity.mode == "relative" and entity.group not in known:
            raise InputError(f"{where}: group '{entity.group}' is not in {groups.name}")
        entities[entity.name] = entity
    return OmicsMap(entities, known)


def _group(row: Row, where: str) -> OmicsGroup:
    if row["kind"] not in KINDS:
        raise InputError(f"{where}: kind is '{row['kind']}', expected {' or '.join(KINDS)}")
    if not row["source"]:
        raise InputError(f"{where}: no source")
    exponent, median, sd, deviation = (number(row, column, where) for column in GROUP_COLUMNS[1:5])
    if min(exponent, median, sd, deviation) < 0:
        raise InputError(f"{where}: found {min(exponent, median, sd, deviation):g}, expected 0 or more")
    return OmicsGroup(row["group"], exponent, median, sd, deviation, row["kind"])


def _entity(row: Row, where: str) -> MappedEntity:
    if row["mode"] not in MODES:
        raise InputError(f"{where}: mode is '{row['mode']}', expected {' or '.join(MODES)}")
    if not row["source"]:
        raise InputError(f"{where}: no source")
    genes = assignments(row["genes"], where)
    scale = number(row, "antibody_scale", where) if row["antibody"] else 1.0
    weight = number(row, "antibody_weight", where) if row["antibody"] else 0.0
    whole = sum(genes.values()) + weight + bool(row["microrna"])
    if abs(whole - 1) > 1e-9:
        raise InputError(f"{where}: weights of genes, antibody and microRNA add up to {whole:g}, expected 1")
    mode: Literal["relative", "share"] = "share" if row["mode"] == "share" else "relative"
    return MappedEntity(
        row["entity"], row["group"], genes, row["antibody"], scale, weight, row["microrna"], mode
    )
