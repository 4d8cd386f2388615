"""The plan of a screen: names resolved against the pathway, the dose grids, and the shards, all fixed by the
configuration alone, so that every process of a run derives the same plan.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

from screen._version import __version__
from screen.config.custom_model import OwnModel
from screen.config.readouts import Replicates
from screen.config.screen import ScreenConfig
from screen.pathway.tables.cell_lines import tabulate
from screen.pathway.tables.line_table import clones_of, names_of, values_of
from screen.runner.plan.combinations import layers_of
from screen.runner.plan.ensemble_draws import draws_of
from screen.runner.plan.layers import Combination, Layer, Shard, make_shards, shards_of
from screen.runner.plan.resolve import cell_lines, reference_models, reference_values
from screen.runner.readouts.readouts import GROWTH_READOUTS, Composed, readouts_of

if TYPE_CHECKING:
    from screen.pathway import CellLine, Drug, Exposure, Pathway
    from screen.pathway.tables.ensemble import Draw

if TYPE_CHECKING:
    from screen.pathway.tables.ensemble import Draw

__all__ = ["GROWTH_READOUTS", "Combination", "Layer", "Plan", "Shard", "make_plan", "make_shards"]


@dataclass(frozen=True)
class Plan:
    """A screen with everything resolved. `readouts` begins with the growth readouts; `markers` are all
    observables.
    """

    name: str
    lines: Sequence["CellLine"]
    perturbations: tuple[Mapping[str, float], ...]
    layers: tuple[Layer, ...]
    """The pairs, and the triples where there are any."""
    centred: tuple[str, ...]
    """Drugs whose doses in `layers` are multiples of each line's centre (`screen.runner.simulate.gr50`), not nM."""
    adaptive: int
    """Wells of each line and pair to which an adaptive design is refined; 0 for any other design."""
    rays: tuple[float, ...]
    """Ratios of the rays, as multiples of the ratio in which the two drugs' doses stand in order."""
    drugs: Mapping[str, "Drug"]
    exposures: tuple["Exposure", ...]
    """How drugs are given, by number; the first is the constant dose."""
    entities: Mapping[str, float]
    """Every entity and its value in the reference line: 1, or 0 for forms that it does not have."""
    times: tuple[float, ...]
    readouts: tuple[str, ...]
    composed: Composed
    """How readouts are made that the model does not report itself."""
    markers: tuple[str, ...]
    labels: Mapping[str, tuple[str, str]]
    """Units and long name of every readout and marker."""
    synergy: tuple[str, ...]
    draws: Mapping[int, "Draw"]
    """Draws of the ensemble beside the nominal parameters, by their row in its table; mostly none."""
    keep_draws: bool
    scored: str
    """The readout that is scored."""
    replicates: Replicates | None
    """Virtual plates, where they are asked for."""
    rtol: float
    atol: float
    seed: int
    model: str | None
    shards: tuple[Shard, ...]
    identity: str
    """SHA-256 of all that decides the responses and how they are divided, the model aside."""

    @property
    def combinations(self) -> tuple[Combination, ...]:
        """The pairs."""
        return self.layers[0].combinations

    @property
    def triples(self) -> tuple[Combination, ...]:
        return self.layers[1].combinations if len(self.layers) > 1 else ()

    @property
    def shape(self) -> tuple[int, ...]:
        """(cell_line, combination, dose_1, dose_2, time) of a readout, with the schedules before the doses
        where there are any.
        """
        return self.shape_of(self.layers[0])

    @property
    def dims(self) -> tuple[str, ...]:
        """The dimensions of a readout of the pairs."""
        return self.layers[0].dims

    @property
    def schedules(self) -> tuple[str, ...]:
        """The names of the schedules, none where every drug is there throughout."""
        return self.layers[0].schedules

    @property
    def scoring(self) -> str:
        """What decides the scores of given responses, in words."""
        models = ",".join(self.synergy)
        return models if self.scored == "viability" else f"{models} of {self.scored}"

    def asks_for(self, readout: str) -> bool:
        """Whether a readout is stored, or stands in an expression that is."""
        stored = (self.composed.expressions.get(name) for name in self.readouts)
        return readout in self.readouts or any(readout in one.names for one in stored if one is not None)

    def shape_of(self, layer: Layer) -> tuple[int, ...]:
        """The shape of a readout in one layer."""
        return len(self.lines), len(layer.combinations), *layer.inner, len(self.times)

    def layer_of(self, shard: Shard) -> Layer:
        return self.layers[shard.layer]

    def combinations_of(self, shard: Shard) -> tuple[Combination, ...]:
        """The combinations of a shard."""
        return self.layer_of(shard).combinations[slice(*shard.combinations)]

    @property
    def repeats(self) -> int:
        """How often each well is simulated: under the nominal parameters and under every draw."""
        return 1 + len(self.draws)

    @property
    def simulations(self) -> int:
        if self.adaptive:
            return len(self.lines) * len(self.combinations) * self.adaptive
        return self.repeats * len(self.lines) * sum(layer.simulations for layer in self.layers)


def make_plan(config: ScreenConfig, pathway: "Pathway") -> Plan:
    """Resolve a configuration against the pathway. Raises `InputError` naming file, key and the nearest
    match.
    """
    lines, perturbations = cell_lines(config, pathway)
    layers, drugs, exposures, centred = layers_of(config, pathway)
    readouts = readouts_of(config, pathway, lines)
    labels = dict(readouts.labels)
    resolved: dict[str, Any] = {
        "version": __version__,
        "combinations": [[*pair.drugs, *pair.doses] for pair in layers[0].combinations],
        "times": config.times,
        "readouts": readouts.names,
        "rtol": config.solver.rtol,
        "atol": config.solver.atol,
        "seed": config.seed,
    }
    if isinstance(config.model, OwnModel):
        resolved["conduct"] = astuple(pathway.conduct)
        labels["viability"] = ("1", f"viability: share of the untreated well's {config.model.viability}")
    if readouts.composed.expressions:
        resolved["expressions"] = {name: one.text for name, one in readouts.composed.expressions.items()}
    if config.replicates is not None:
        resolved["replicates"] = config.replicates.model_dump(mode="json")
    numbers = len(config.times) * len(readouts.names)
    adaptive = config.doses.adaptive.wells if config.doses.adaptive else 0
    if layers[0].partial:
        resolved["design"] = [adaptive, [[pair.wells, pair.rays] for pair in layers[0].combinations]]
    if centred:
        resolved["centred"] = centred
    if len(layers) > 1:
        resolved["triples"] = [[*triple.drugs, *triple.doses] for triple in layers[1].combinations]
    if config.schedules:
        resolved["schedules"] = [
            list(layers[0].schedules),
            [[pair.exposures for pair in layer.combinations] for layer in layers],
        ]
        resolved["exposures"] = [dataclasses.astuple(exposure) for exposure in exposures]
    draws = draws_of(config, pathway)
    if draws:
        resolved["draws"] = [[row, dict(draw.values), draw.lines] for row, draw in draws.items()]
        resolved["keep_draws"] = config.ensemble is not None and config.ensemble.keep
    shards = shards_of(len(lines), layers, numbers, config.shard_simulations, 1 + len(draws))
    resolved["shards"] = [len(shards), shards[0].lines, shards[0].combinations]
    return Plan(
        name=config.name,
        lines=lines,
        perturbations=perturbations,
        layers=layers,
        centred=centred,
        adaptive=adaptive,
        rays=tuple(config.doses.rays or ()),
        drugs=drugs,
        exposures=exposures,
        entities=reference_values(pathway),
        times=tuple(config.times),
        readouts=readouts.names,
        composed=readouts.composed,
        markers=readouts.markers,
        labels=labels,
        synergy=reference_models(config),
        draws=draws,
        keep_draws=config.ensemble is not None and config.ensemble.keep,
        scored=config.scored,
        replicates=config.replicates,
        rtol=config.solver.rtol,
        atol=config.solver.atol,
        seed=config.seed,
        model=config.model.file if isinstance(config.model, OwnModel) else config.model,
        shards=shards,
        identity=_identity(resolved, lines, perturbations),
    )


def _identity(
    resolved: Mapping[str, Any], lines: Sequence["CellLine"], perturbations: Sequence[Mapping[str, float]]
) -> str:
    """SHA-256 of what is resolved. Lines are hashed as tables: as JSON, 100,000 of them take seconds."""
    clones = clones_of(lines)
    texts: list[Any] = [resolved, names_of(lines)]
    texts.append([[place, clone.line.name, clone.fraction] for place, clone in clones])
    of_clones = [clone.line for _, clone in clones]
    changes = [*perturbations, *(clone.perturbation for _, clone in clones)]
    digest = hashlib.sha256()
    for names, table in (values_of(lines), values_of(of_clones), tabulate(changes)):
        texts.append([names, table.shape])
        digest.update(table.astype("<f8").tobytes())
    digest.update(json.dumps(texts, sort_keys=True).encode())
    return digest.hexdigest()


BATCH_BYTES = 16_000_000


VALUES_A_WELL = 400  # its parameters and states, beside the readouts


def batch_of(plan: Plan) -> int:
    """How many wells are dosed at a time."""
    return max(64, BATCH_BYTES // (8 * (VALUES_A_WELL + len(plan.times) * len(plan.markers))))
