"""The plan of a screen: names resolved against the pathway, the dose grids, and the shards, all fixed by the
configuration alone, so that every process of a run derives the same plan.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from screen.config.custom_model import CustomModel, PetabModel
from screen.config.readouts import Replicates
from screen.config.screen import ScreenConfig
from screen.kinetics.checks import absolute_tolerance
from screen.pathway.tables.line_table import alike
from screen.runner.plan.combinations import layers_of
from screen.runner.plan.ensemble_draws import draws_of, same_potency
from screen.runner.plan.identity import identity_of
from screen.runner.plan.layers import Combination, Layer, Shard, make_shards, shards_of
from screen.runner.plan.resolve import cell_lines, reference_models
from screen.runner.plan.schedules import PATIENTS
from screen.runner.readouts.readouts import GROWTH_READOUTS, Composed, readouts_of

if TYPE_CHECKING:
    from screen.pathway import CellLine, Drug, Exposure, Pathway
    from screen.pathway.dosing.protocol import AssayProtocol
    from screen.pathway.tables.ensemble import Draw

__all__ = [
    "GROWTH_READOUTS",
    "Combination",
    "Design",
    "Layer",
    "Outputs",
    "Plan",
    "Settings",
    "Shard",
    "make_plan",
    "make_shards",
]

log = logging.getLogger(__name__)
BATCH_BYTES = 16_000_000
CONTENTS = "grids, reference wells, medians, draws at a thousand times the tolerance, stacks"
"""What a shard holds; shards of another content are of another run."""
MOST_DOUBLINGS = 30.0
"""Of untreated cells, for viability to mean something: a thousand cells become 10^12, a kilogram (assumed)."""
BUILT_IN_ATOL = 1e-9
"""Of the built-in model, whose states are shares and nM near 1."""
DRAWS = 1e-3, 1e-6
"""rtol and atol of an ensemble's draws and of the shams, at most; see `Settings.of_draws`."""
VALUES_A_WELL = 400  # its parameters and states, in addition to the readouts


@dataclass(frozen=True)
class Design:
    """What is dosed: every well of the screen, and the parameter sets under which it is simulated."""

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
    draws: Mapping[int, "Draw"]
    """Draws of the ensemble in addition to the nominal parameters, by their row in its table; mostly none."""

    @property
    def combinations(self) -> tuple[Combination, ...]:
        """The pairs."""
        return self.layers[0].combinations

    @property
    def triples(self) -> tuple[Combination, ...]:
        return self.layers[1].combinations if len(self.layers) > 1 else ()

    @property
    def dims(self) -> tuple[str, ...]:
        """The dimensions of a readout of the pairs."""
        return self.layers[0].dims

    @property
    def schedules(self) -> tuple[str, ...]:
        """The names of the schedules, none where every drug is there throughout."""
        return self.layers[0].schedules

    def layer_of(self, shard: Shard) -> Layer:
        return self.layers[shard.layer]

    def combinations_of(self, shard: Shard) -> tuple[Combination, ...]:
        """The combinations of a shard."""
        return self.layer_of(shard).combinations[slice(*shard.combinations)]

    @property
    def as_in_patients(self) -> frozenset[str]:
        """Drugs whose doses are multiples of a patient's exposure."""
        if self.schedules != (PATIENTS,):
            return frozenset()
        given = [(each.drugs, each.given[0]) for layer in self.layers for each in layer.combinations]
        return frozenset(name for drugs, rows in given for name, row in zip(drugs, rows, strict=True) if row)

    @property
    def same_potency(self) -> tuple[str, ...]:
        """Drugs whose potency is the same in every draw; none without draws."""
        return same_potency(self.drugs, self.draws)

    @property
    def repeats(self) -> int:
        """How often each well is simulated: under the nominal parameters and under every draw."""
        return 1 + len(self.draws)

    @property
    def simulations(self) -> int:
        if self.adaptive:
            return len(self.lines) * len(self.combinations) * self.adaptive
        return self.repeats * len(self.lines) * sum(layer.simulations for layer in self.layers)


@dataclass(frozen=True)
class Outputs:
    """What is kept of a well. `readouts` begins with the growth readouts; `markers` are all observables."""

    times: tuple[float, ...]
    """Assay times, h."""
    readouts: tuple[str, ...]
    composed: Composed
    """How readouts are made that the model does not report itself."""
    markers: tuple[str, ...]
    labels: Mapping[str, tuple[str, str]]
    """Units and long name of every readout and marker."""
    synergy: tuple[str, ...]
    """The reference models to score with."""
    scored: str
    """The readout that is scored."""
    replicates: Replicates | None
    """Virtual plates, where they are asked for."""
    keep_draws: bool

    @property
    def scoring(self) -> str:
        """What decides the scores of given responses, in words."""
        models = ",".join(self.synergy)
        return models if self.scored == "viability" else f"{models} of {self.scored}"

    def asks_for(self, readout: str) -> bool:
        """Whether a readout is stored, or stands in an expression that is."""
        stored = (self.composed.expressions.get(name) for name in self.readouts)
        return readout in self.readouts or any(readout in one.names for one in stored if one is not None)

    @property
    def batch(self) -> int:
        """How many wells are dosed at a time."""
        return max(64, BATCH_BYTES // (8 * (VALUES_A_WELL + len(self.times) * len(self.markers))))


@dataclass(frozen=True)
class Settings:
    """How wells are simulated: the solver's tolerances, the seed, and how the assay is carried out."""

    rtol: float
    atol: float
    seed: int
    model: str | None
    """The model's file; None for the built-in one."""
    protocol: "AssayProtocol"

    @property
    def of_draws(self) -> tuple[float, float]:
        """(rtol, atol) of an ensemble's draws, and of shams: a thousand times the screen's, but at most `DRAWS`, where
        viability is known to a few thousandths of a point. Draws differ by points, and a sham's excess may be half of
        one.
        """
        asked = self.rtol, self.atol
        rtol, atol = (max(one, min(1000 * one, most)) for one, most in zip(asked, DRAWS, strict=True))
        return rtol, atol


@dataclass(frozen=True)
class Plan:
    """A screen with everything resolved, and the shards into which it is cut."""

    name: str
    design: Design
    outputs: Outputs
    settings: Settings
    shards: tuple[Shard, ...]
    identity: str
    """SHA-256 of all that decides the responses and how they are divided, the model's text aside."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(cell_line, combination, dose_1, dose_2, time) of a readout, with the schedules before the doses
        where there are any.
        """
        return self.shape_of(self.design.layers[0])

    def shape_of(self, layer: Layer) -> tuple[int, ...]:
        """The shape of a readout in one layer."""
        return len(self.design.lines), len(layer.combinations), *layer.inner, len(self.outputs.times)


def make_plan(config: ScreenConfig, pathway: "Pathway") -> Plan:
    """Resolve a configuration against the pathway, and cut it into shards. Raises `InputError` naming file,
    key and the nearest match.
    """
    design = _design(config, pathway)
    _refuse_lost_viability(config, design.lines)
    outputs = _outputs(config, pathway, design.lines)
    settings = Settings(
        rtol=config.solver.rtol,
        atol=_absolute_tolerance(config, pathway),
        seed=config.seed,
        model=model_path(config),
        protocol=pathway.protocol,
    )
    numbers = len(outputs.times) * len(outputs.readouts)
    most, repeats = config.shard_simulations, design.repeats
    shards = shards_of(len(design.lines), design.layers, numbers, most, repeats)
    identity = identity_of(design, outputs, settings, shards, CONTENTS)
    return Plan(config.name, design, outputs, settings, shards, identity)


def _absolute_tolerance(config: ScreenConfig, pathway: "Pathway") -> float:
    """The asked one, or one by the sizes of a custom model's states, whatever its units."""
    if config.solver.atol is not None:
        return config.solver.atol
    if pathway.is_custom:
        return absolute_tolerance(config.solver.rtol, np.array(pathway.start))
    return BUILT_IN_ATOL


def model_path(config: ScreenConfig) -> str | None:
    """Where the model's file is, or the problem's; None for the built-in model."""
    model = config.model
    if isinstance(model, CustomModel):
        return model.file
    return model.petab if isinstance(model, PetabModel) else model


def _refuse_lost_viability(config: ScreenConfig, lines: Sequence["CellLine"]) -> None:
    """Raise `InputError` where viability is scored long after no vehicle well could hold its cells: a difference in
    growth of a tenth then is a viability of 0, and says nothing more.
    """
    if config.scored != "viability" or alike(lines):
        return
    timed = [(line.doubling_h, line.name) for line in lines if line.doubling_h]
    if timed and (doublings := config.times[-1] / min(timed)[0]) > MOST_DOUBLINGS:
        raise config.error(
            "times",
            f"found {config.times[-1]:g} h, in which untreated {min(timed)[1]} grows 2^{doublings:.0f}-fold and "
            "viability means nothing; expected `scored: gr_value`, or a shorter time",
        )


def _design(config: ScreenConfig, pathway: "Pathway") -> Design:
    lines, perturbations = cell_lines(config, pathway)
    layers, drugs, exposures, centred = layers_of(config, pathway)
    for exposure in exposures:
        if exposure.source:
            log.warning("exposure: %s", exposure.source)
    return Design(
        lines=lines,
        perturbations=perturbations,
        layers=layers,
        centred=centred,
        adaptive=config.doses.adaptive.wells if config.doses.adaptive else 0,
        rays=tuple(config.doses.rays or ()),
        drugs=drugs,
        exposures=exposures,
        entities=pathway.unstated,
        draws=draws_of(config, pathway),
    )


def _outputs(config: ScreenConfig, pathway: "Pathway", lines: Sequence["CellLine"]) -> Outputs:
    found = readouts_of(config, pathway, lines)
    labels = dict(found.labels)
    if isinstance(config.model, CustomModel):
        labels["viability"] = ("1", f"viability: share of the untreated well's {config.model.viability}")
    return Outputs(
        times=tuple(config.times),
        readouts=found.names,
        composed=found.composed,
        markers=found.markers,
        labels=labels,
        synergy=reference_models(config),
        scored=config.scored,
        replicates=config.replicates,
        keep_draws=config.ensemble is not None and config.ensemble.keep,
    )
