"""The plan of a screen: names resolved against the pathway, the dose grids, and the shards, all fixed by the
configuration alone, so that every process of a run derives the same plan.
"""

import dataclasses
import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from screen import __version__
from screen.config import LineSpec, ScreenConfig
from screen.errors import InputError, nearest, plain
from screen.runner.doses import grid_nM

if TYPE_CHECKING:
    from screen.pathway import CellLine, Drug, Pathway

GROWTH_READOUTS = ("viability", "gr_value", "growth_rate")
GROWTH_LABELS = {
    "viability": ("1", "viability: cell number relative to vehicle"),
    "gr_value": ("1", "GR value: growth-rate inhibition relative to vehicle"),
    "growth_rate": ("1/h", "net growth rate, mean since dosing"),
}
FEW_SHARDS, SHARD_SIMULATIONS = (
    16,
    (2_048, 32_768),
)  # a small screen is divided for the sake of its processors,
MANY_SHARDS, LARGEST_SHARD = 2_000, 262_144  # a large one into shards of a third of a second or more
SHARD_BYTES = 256_000_000
LARGEST_UNIT_BYTES = 2_000_000_000

T = TypeVar("T")


@dataclass(frozen=True)
class Combination:
    """Two drugs and their doses in nM, ascending from 0."""

    drug_1: str
    drug_2: str
    doses_1: tuple[float, ...]
    doses_2: tuple[float, ...]

    @property
    def name(self) -> str:
        return f"{self.drug_1}+{self.drug_2}"

    @property
    def simulations(self) -> int:
        return len(self.doses_1) * len(self.doses_2)


@dataclass(frozen=True)
class Shard:
    """A rectangle of the screen: half-open ranges of cell lines and of combinations."""

    index: int
    lines: tuple[int, int]
    combinations: tuple[int, int]


@dataclass(frozen=True)
class Plan:
    """A screen with everything resolved. `readouts` begins with the growth readouts; `markers` are all
    observables.
    """

    name: str
    lines: tuple["CellLine", ...]
    perturbations: tuple[Mapping[str, float], ...]
    combinations: tuple[Combination, ...]
    drugs: Mapping[str, "Drug"]
    entities: Mapping[str, float]
    """Every entity and its value in the reference line: 1, or 0 for forms that it does not have."""
    times: tuple[float, ...]
    readouts: tuple[str, ...]
    markers: tuple[str, ...]
    labels: Mapping[str, tuple[str, str]]
    """Units and long name of every readout and marker."""
    synergy: tuple[str, ...]
    rtol: float
    atol: float
    seed: int
    model: str | None
    shards: tuple[Shard, ...]
    identity: str
    """SHA-256 of all that decides the responses and how they are divided, the model aside."""

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """(cell_line, combination, dose_1, dose_2, time) of a readout."""
        longest_1 = max(len(combination.doses_1) for combination in self.combinations)
        longest_2 = max(len(combination.doses_2) for combination in self.combinations)
        return len(self.lines), len(self.combinations), longest_1, longest_2, len(self.times)

    @property
    def simulations(self) -> int:
        return len(self.lines) * sum(combination.simulations for combination in self.combinations)


def make_plan(config: ScreenConfig, pathway: "Pathway") -> Plan:
    """Resolve a configuration against the pathway. Raises `InputError` naming file, key and the nearest
    match.
    """
    lines, perturbations = _lines(config, pathway)
    combinations, drugs = _combinations(config, pathway)
    readouts, markers = _readouts(config, pathway)
    resolved: dict[str, Any] = {
        "version": __version__,
        "lines": [
            [line.name, dict(line.values), dict(perturbation)]
            for line, perturbation in zip(lines, perturbations, strict=True)
        ],
        "combinations": [dataclasses.astuple(combination) for combination in combinations],
        "times": config.times,
        "readouts": readouts,
        "rtol": config.solver.rtol,
        "atol": config.solver.atol,
        "seed": config.seed,
    }
    numbers = len(config.times) * len(readouts)
    shards = make_shards(len(lines), combinations, numbers, config.shard_simulations)
    resolved["shards"] = [len(shards), shards[0].lines, shards[0].combinations]
    return Plan(
        name=config.name,
        lines=lines,
        perturbations=perturbations,
        combinations=combinations,
        drugs=drugs,
        entities=_reference(pathway),
        times=tuple(config.times),
        readouts=readouts,
        markers=markers,
        labels=GROWTH_LABELS | {name: _label(name) for name in markers},
        synergy=_synergy(config),
        rtol=config.solver.rtol,
        atol=config.solver.atol,
        seed=config.seed,
        model=config.model,
        shards=shards,
        identity=hashlib.sha256(json.dumps(resolved, sort_keys=True).encode()).hexdigest(),
    )


def make_shards(
    lines: int, combinations: tuple[Combination, ...], numbers: int, most: int | None = None
) -> tuple[Shard, ...]:
    """Divide lines x combinations into rectangles of about `most` simulations, each of `numbers` values.

    Whole lines share a shard while they fit; a line too large for one is divided by combinations.
    """
    per_line = sum(combination.simulations for combination in combinations)
    largest = max(combination.simulations for combination in combinations)
    if largest * numbers * 8 > LARGEST_UNIT_BYTES:
        size = largest * numbers * 8 / 1e9
        raise InputError(
            f"one cell line x combination makes {size:.1f} GB of responses, expected at most "
            f"{LARGEST_UNIT_BYTES / 1e9:g} GB: ask for fewer doses, times or readouts"
        )
    if most is None:
        total, (low, high) = lines * per_line, SHARD_SIMULATIONS
        most = min(max(math.ceil(total / FEW_SHARDS), low), high)
        most = max(most, min(math.ceil(total / MANY_SHARDS), LARGEST_SHARD))
        most = max(1, min(most, SHARD_BYTES // (8 * numbers)))
    blocks_wanted = math.ceil(lines / max(1, most // per_line))
    together = math.ceil(lines / blocks_wanted)
    columns = [(0, len(combinations))] if per_line <= most else _columns(combinations, most)
    blocks = [
        ((start, min(start + together, lines)), column)
        for start in range(0, lines, together)
        for column in columns
    ]
    return tuple(Shard(index, *block) for index, block in enumerate(blocks))


def _columns(combinations: tuple[Combination, ...], most: int) -> list[tuple[int, int]]:
    """Consecutive combinations in ranges of at most `most` simulations, or of one combination."""
    columns, start, size = [], 0, 0
    for index, combination in enumerate(combinations):
        if index > start and size + combination.simulations > most:
            columns.append((start, index))
            start, size = index, 0
        size += combination.simulations
    return [*columns, (start, len(combinations))]


def _resolve(config: ScreenConfig, key: str, find: Callable[[str], T], name: str) -> T:
    """`find(name)`, with the place of `key` in front of its error."""
    try:
        return find(name)
    except InputError as error:
        raise config.error(key, error) from None


def _lines(
    config: ScreenConfig, pathway: "Pathway"
) -> tuple[tuple["CellLine", ...], tuple[Mapping[str, float], ...]]:
    """The cell lines in the order asked for, `all` in the table's order, and each one's perturbation."""
    found: dict[str, tuple[CellLine, Mapping[str, float]]] = {}
    for index, spec in enumerate(config.cell_lines):
        key = f"cell_lines.{index}"
        wanted = _lines_of(config, key, spec, pathway)
        perturbation = {
            _resolve(config, f"{key}.perturbation.{name}", pathway.entity, name): factor
            for name, factor in spec.perturbation.items()
        }
        for line in wanted:
            if plain(line.name) in found:
                raise config.error(key, f"the cell line '{line.name}' stands twice, expected it once")
            found[plain(line.name)] = line, perturbation
    lines, perturbations = zip(*found.values(), strict=True)
    return lines, perturbations


def _lines_of(config: ScreenConfig, key: str, spec: LineSpec, pathway: "Pathway") -> Sequence["CellLine"]:
    """The lines that one entry of `cell_lines` stands for."""
    if spec.sample is not None:
        from screen.pathway.panel import sample_lines

        around = (
            None if spec.around is None else _resolve(config, f"{key}.around", pathway.cell_line, spec.around)
        )
        return sample_lines(pathway, spec.sample, config.seed, around, spec.spread, spec.prefix)
    if spec.table is not None:
        from screen.pathway.panel import table_lines

        path = Path(spec.table)
        return _resolve(config, f"{key}.table", lambda _: table_lines(pathway, path, spec.scale), spec.table)
    assert spec.name is not None
    if spec.parent is None:
        if plain(spec.name) == "all":
            return list(pathway.cell_lines.values())
        return [_resolve(config, key, pathway.cell_line, spec.name)]
    parent = _resolve(config, f"{key}.parent", pathway.cell_line, spec.parent)
    if plain(spec.name) in {plain(name) for name in pathway.cell_lines}:
        raise config.error(key, f"found a variant called '{spec.name}', expected a name of its own")
    return [dataclasses.replace(parent, name=spec.name, parent=parent.name)]


def _combinations(
    config: ScreenConfig, pathway: "Pathway"
) -> tuple[tuple[Combination, ...], dict[str, "Drug"]]:
    """The combinations in the order asked for (partners of the anchor, then pairs), and every drug in
    them.
    """
    asked: list[tuple[str, Drug, Drug]] = []
    if config.combinations.anchor is not None:
        anchor = _resolve(config, "combinations.anchor", pathway.drug, config.combinations.anchor)
        for index, partner in enumerate(config.combinations.partners):
            key = f"combinations.partners.{index}"
            asked.append((key, anchor, _resolve(config, key, pathway.drug, partner)))
    for index, pair in enumerate(config.combinations.pairs):
        key = f"combinations.pairs.{index}"
        first, second = (_resolve(config, key, pathway.drug, drug) for drug in pair)
        asked.append((key, first, second))
    drugs = {drug.name: drug for _, *pair in asked for drug in pair}
    spelled: dict[str, str] = {}
    for written in config.doses.drugs:
        drug = _resolve(config, f"doses.drugs.{written}", pathway.drug, written)
        if drug.name in spelled:
            raise config.error(
                f"doses.drugs.{written}", f"the drug '{drug.name}' stands twice, expected it once"
            )
        if drug.name not in drugs:
            raise config.error(
                f"doses.drugs.{written}", f"'{drug.name}' is in no combination{nearest(written, drugs)}"
            )
        spelled[drug.name] = written
    doses = {name: grid_nM(config, drug, spelled.get(name)) for name, drug in drugs.items()}
    found: dict[frozenset[str], Combination] = {}
    for key, first, second in asked:
        if first.name == second.name:
            raise config.error(key, f"found '{first.name}' with itself, expected two different drugs")
        if frozenset((first.name, second.name)) in found:
            raise config.error(
                key, f"the combination '{first.name}+{second.name}' stands twice, expected it once"
            )
        found[frozenset((first.name, second.name))] = Combination(
            first.name, second.name, doses[first.name], doses[second.name]
        )
    return tuple(found.values()), drugs


def _readouts(config: ScreenConfig, pathway: "Pathway") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The readouts to store, viability always first, and every observable of the pathway."""
    markers = tuple(name for name in pathway.observables if name not in GROWTH_READOUTS)
    known = {plain(name): name for name in (*GROWTH_READOUTS, *markers)}
    found = ["viability"]
    for index, name in enumerate(config.readouts):
        if plain(name) == "all":
            found += ["gr_value", *markers]
        elif plain(name) in known:
            found.append(known[plain(name)])
        else:
            choices = known.values()
            raise config.error(
                f"readouts.{index}",
                f"unknown readout '{name}'; known: {', '.join(choices)}{nearest(name, choices)}",
            )
    return tuple(dict.fromkeys(found)), markers


def _label(name: str) -> tuple[str, str]:
    from screen.pathway.names import FRACTIONS

    if name in FRACTIONS:
        return "1", f"{name}: fraction phosphorylated"
    return "nM", f"{name}: amount"


def _synergy(config: ScreenConfig) -> tuple[str, ...]:
    """The reference models to score with."""
    from screen.synergy.models import MODELS

    known = {plain(name): name for name in MODELS}
    for index, name in enumerate(config.synergy):
        if plain(name) not in known:
            found = f"unknown reference model '{name}'; known: {', '.join(MODELS)}{nearest(name, MODELS)}"
            raise config.error(f"synergy.{index}", found)
    return tuple(dict.fromkeys(known[plain(name)] for name in config.synergy))


def _reference(pathway: "Pathway") -> dict[str, float]:
    from screen.pathway.names import AMOUNTS

    return {entity: 0.0 if entity in AMOUNTS else 1.0 for entity in pathway.entities}
