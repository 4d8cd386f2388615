"""What a reference model is: the value `MODEL` that each file of this folder ends in. A model says what two drugs
that do not interact would do; everything that herscreen knows of it (its names, its source, what it fits, how it
scores) is in its one file, where `registry` finds it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from screen.arrays import Bools, Floats
from screen.synergy.batch import Batch
from screen.synergy.dose_matrices import Reasons
from screen.synergy.many_drugs.tensors import TensorOutcome, Tensors

LAST = 100


@dataclass(frozen=True)
class Quantity:
    """A number that a model gives next to its excess: its unit (`1` for none) and what it means."""

    unit: str
    meaning: str


@dataclass(frozen=True)
class ModelOutcome:
    """What a model makes of a batch: `excess` `(matrix, dose_1, dose_2)` in percent points of inhibition,
    positive = synergy; `reason` `(matrix,)`; `invalid` `(matrix,)` marks matrices without score; `parameters`
    `(matrix,)` each; `masks` and `cells` `(matrix, dose_1, dose_2)` each."""

    excess: Floats
    reason: Reasons
    invalid: Bools
    parameters: dict[str, Floats] = field(default_factory=dict)
    masks: dict[str, Bools] = field(default_factory=dict)
    cells: dict[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True)
class ManyDrugs:
    """The form of a model for three and more drugs: `score` of dose tensors, and the quantities that it gives
    for so many drugs."""

    score: Callable[[Tensors], TensorOutcome]
    parameters: Callable[[int], Mapping[str, Quantity]] = lambda _drugs: {}


@dataclass(frozen=True)
class ReferenceModel:
    """A reference model.

    Names: `name`, its key in configurations, columns and cubes; `title`, its full name; `label`, its short
    one; `null`, what its excess is over; `reference`, the key of its paper in the report's `references.bib`;
    `doi` of that paper, `''` where it has none.

    Computation: `score` of a batch; `parameters`, the quantities that this gives, standard errors
    (`<model>_<quantity>_error`, `<model>_log_<quantity>_error`) left out; `surface_parameters`, how many
    parameters it fits where it is a surface of its own, and 0 where it is not; `many`, its form for three and
    more drugs; `without_interaction`, the viability `(matrix, dose_1, dose_2)` that it expects of a batch whose
    single agents are the edges of a smooth surface, for the p-values of plates, which others do not get.

    `curves`: whether it rests on fitted curves; a table of models that do not is scored without a fit.

    Lists: `plates`, whether plates are scored by it where no models are named; `order`, its place.
    """

    name: str
    title: str
    label: str
    null: str
    reference: str
    doi: str
    score: Callable[[Batch], ModelOutcome]
    parameters: Mapping[str, Quantity] = field(default_factory=dict)
    surface_parameters: int = 0
    many: ManyDrugs | None = None
    without_interaction: Callable[[Batch, Floats], Floats] | None = None
    curves: bool = True
    plates: bool = False
    order: int = LAST
