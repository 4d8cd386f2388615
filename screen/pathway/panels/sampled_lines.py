"""Virtual panels: cell lines sampled from a population of HER2-positive disease, or read from a user's table.

A sampled line is a scrambled Sobol point pushed through log-normal abundances, with the factors that entities
have in common and with prevalences of mutations; point i is the same whatever their number (Owen 1998).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy

from screen.arrays import Floats
from screen.errors import InputError
from screen.pathway.names import AMOUNTS
from screen.pathway.pathway import Pathway
from screen.pathway.tables.cell_lines import CellLine
from screen.pathway.tables.line_table import SampledLines
from screen.pathway.tables.tsv import FOLDER, number, read_table

FACTORS = ("factor_1", "factor_2", "factor_3")
COLUMNS = (
    *("entity", "median", "sd_ln", "prevalence", "amount", "group", "loading"),
    *(*FACTORS, "disease_sd_ln", "disease_source", "source"),
)
MOST = 100_000


@dataclass(frozen=True)
class Spread:
    """How one entity varies between lines: median factor and sd of its natural logarithm; `disease_sd_ln` in disease at
    large, where that was measured and is another than calibration left between the named lines.

    Where it is altered in a share of lines (`prevalence`), `amount` is the factor or amount there.
    `loading` is its correlation with the factor that its group has in common, `factors` those with the
    factors that the named lines have in common (`screen.pathway.panels.population_statistics`).
    """

    entity: str
    median: float
    sd_ln: float
    prevalence: float
    amount: float
    group: str
    loading: float
    source: str
    factors: tuple[float, ...] = (0.0,) * len(FACTORS)
    disease_sd_ln: float | None = None

    @property
    def width_in_disease(self) -> float:
        """What lines of the population, not those around a line, are drawn with."""
        return self.sd_ln if self.disease_sd_ln is None else self.disease_sd_ln


def load_population(path: Path = FOLDER / "population.tsv") -> tuple[Spread, ...]:
    """The population of HER2-positive disease."""
    spreads = []
    for row in read_table(path, COLUMNS):
        where = f"{path.name}: {row['entity']}"
        if not row["source"] or bool(row["disease_sd_ln"]) != bool(row["disease_source"]):
            raise InputError(f"{where}: no source")
        spreads.append(
            Spread(
                row["entity"],
                number(row, "median", where),
                number(row, "sd_ln", where),
                number(row, "prevalence", where) if row["prevalence"] else 0.0,
                number(row, "amount", where) if row["amount"] else 1.0,
                row["group"],
                number(row, "loading", where) if row["loading"] else 0.0,
                row["source"],
                tuple(number(row, name, where) if row[name] else 0.0 for name in FACTORS),
                number(row, "disease_sd_ln", where) if row["disease_sd_ln"] else None,
            )
        )
        shared = spreads[-1].loading ** 2 + sum(value**2 for value in spreads[-1].factors)
        if shared > 1:
            raise InputError(
                f"{where}: loadings explain {shared:.0%} of its variance, expected 100 % at most"
            )
    return tuple(spreads)


def loadings(members: Sequence[Spread]) -> Floats:
    """Correlation of each member with each common factor, (M, C): those of the groups, then those of the
    named lines. `L @ L.T`, with a diagonal of 1, is the correlation of the logarithms of abundances.
    """
    groups = sorted({member.group for member in members if member.loading > 0})
    grouped = [[m.loading if m.loading > 0 and m.group == name else 0.0 for name in groups] for m in members]
    return np.hstack([np.reshape(grouped, (len(members), -1)), [member.factors for member in members]])


def sample_lines(
    pathway: Pathway,
    count: int,
    seed: int,
    around: CellLine | None = None,
    spread: float = 1.0,
    prefix: str = "virtual",
    population: tuple[Spread, ...] | None = None,
) -> SampledLines:
    """`count` lines (1 to 100,000) named `<prefix>-00001` onwards, the same for a seed whatever the count.

    Without `around` they are sampled from the population; with it, around that line: its values are the medians
    and only abundances vary. `spread` scales every log-normal width.
    """
    if not 1 <= count <= MOST:
        raise InputError(f"sampled lines: found a count of {count}, expected 1 to {MOST}")
    if not (np.isfinite(spread) and spread >= 0):
        raise InputError(f"sampled lines: found a spread of {spread}, expected 0 or more")
    members = population or load_population()
    common = loadings(members)
    own = np.sqrt(1 - (common**2).sum(axis=1))
    altered = [member for member in members if member.prevalence > 0]
    dims = np.cumsum([len(members), common.shape[1], len(altered)])
    sobol = scipy.stats.qmc.Sobol(int(dims[-1]), scramble=True, rng=np.random.default_rng(seed))
    points = np.clip(sobol.random(1 << (count - 1).bit_length())[:count], 1e-9, 1 - 1e-9)
    single, shared, chance = np.split(points, dims[:-1], axis=1)
    scores = own * scipy.special.ndtri(single)
    for factor, loading in zip(
        scipy.special.ndtri(shared).T, common.T
    ):  # no matrix product: its rounding knows the count
        scores += np.outer(factor, loading)
    sd_ln = [member.sd_ln if around is not None else member.width_in_disease for member in members]
    widths = spread * np.array(sd_ln)
    columns = {member.entity: np.exp(column) for member, column in zip(members, (widths * scores).T)}
    if around is None:
        center = _population(members, altered, chance)
    else:
        center = _around(pathway, around, members, count)
    values = {name: center[name] * columns[name] for name in columns}
    reference = pathway.parameters["k_birth"].value if around is None else 1.0
    values["k_birth"] = values["k_birth"] * reference
    source = "population.tsv" if around is None else f"population.tsv around {around.name}"
    names = tuple(f"{prefix}-{index + 1:05d}" for index in range(count))
    quantities = tuple(sorted(values))
    table = np.column_stack([values[name] for name in quantities])
    parent = None if around is None else around.name
    return SampledLines(names, quantities, table, parent, f"sampled, seed {seed}, {source}")


def _population(members: tuple[Spread, ...], altered: list[Spread], chance: Floats) -> dict[str, Floats]:
    """Median of every entity in every line, alterations sampled; mutations of one group exclude each other."""
    medians = {m.entity: np.full(len(chance), 0.0 if m.entity in AMOUNTS else m.median) for m in members}
    taken: dict[str, Floats] = {}
    for index, member in enumerate(altered):
        start = taken.get(member.group, np.zeros(len(chance)))
        draw = chance[:, index]
        if member.group == "mutation":
            draw = chance[:, [m.group for m in altered].index("mutation")]
        hit = (draw >= start) & (draw < start + member.prevalence)
        medians[member.entity] = np.where(hit, member.amount, medians[member.entity])
        taken[member.group] = start + (member.prevalence if member.group == "mutation" else 0.0)
    return medians


def _around(pathway: Pathway, line: CellLine, members: tuple[Spread, ...], count: int) -> dict[str, Floats]:
    birth = {"k_birth": pathway.parameters["k_birth"].value}
    values: Mapping[str, float] = {**pathway.unstated, **birth, **line.values}
    return {member.entity: np.full(count, values[member.entity]) for member in members}
