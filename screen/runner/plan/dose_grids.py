"""Dose grids: the concentrations of each drug of a combination, in nM or as multiples of each line's own
centre, index 0 always being 0.
"""

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from screen.config.doses_and_combinations import DrugDoses
from screen.config.screen import ScreenConfig
from screen.errors import InputError
from screen.units import molar_mass

if TYPE_CHECKING:
    from screen.pathway import Drug


def grid_nM(config: ScreenConfig, drug: "Drug", key: str | None) -> tuple[float, ...]:
    """The doses of `drug`, ascending from 0 nM; `key` is how `doses.drugs` of the configuration spells it,
    or None. Where `is_centred`, they are multiples of each line's centre.

    Raises `InputError` that names the key for a list or a range that does not ascend, and for multiples of a
    clinical peak that is not known.
    """
    asked, place = _asked(config, key)
    try:
        if asked.gr50 is not None:
            return (0.0, *asked.gr50)
        if asked.peak is not None:
            return multiples_of_peak(asked.peak, drug)
        return _listed(asked, drug) if asked.values is not None else _spaced(asked, config.doses.points, drug)
    except InputError as error:
        raise config.error(place, error) from None


def is_centred(config: ScreenConfig, key: str | None) -> bool:
    """Whether a drug's doses are multiples of each line's own GR50."""
    return _asked(config, key)[0].gr50 is not None


def _asked(config: ScreenConfig, key: str | None) -> tuple[DrugDoses, str]:
    """What is asked of a drug, and where that stands: under its own key, or for all drugs."""
    if key is not None:
        return config.doses.drugs[key], f"doses.drugs.{key}"
    every = DrugDoses(peak=config.doses.peak, gr50=config.doses.gr50)
    return every, "doses" if every.peak is None else "doses.peak"


def multiples_of_peak(multiples: list[float], drug: "Drug") -> tuple[float, ...]:
    """Multiples of a drug's clinical peak in nM, from 0. Raises `InputError` where none is known."""
    if drug.peak_nM is None:
        raise InputError(
            f"found multiples of the clinical peak of {drug.name}, which has none in the table of drugs; "
            f"expected doses of its own, like `doses.drugs.{drug.name}: [10 nM, 100 nM]`"
        )
    return (0.0, *(multiple * drug.peak_nM for multiple in multiples))


def _listed(asked: DrugDoses, drug: "Drug") -> tuple[float, ...]:
    assert asked.values is not None
    doses = [dose.to_nM(molar_mass(drug)) for dose in asked.values]
    doses = doses if doses[0] == 0 else [0.0, *doses]
    if len(doses) < 2 or any(high <= low for low, high in pairwise(doses)):
        found = ", ".join(str(dose) for dose in asked.values)
        raise InputError(
            f"found the doses {found} of {drug.name}, expected ascending doses above 0 without repeats"
        )
    return tuple(doses)


def _spaced(asked: DrugDoses, points: int, drug: "Drug") -> tuple[float, ...]:
    low, high = drug.range_nM
    low = asked.low.to_nM(molar_mass(drug)) if asked.low is not None else low
    high = asked.high.to_nM(molar_mass(drug)) if asked.high is not None else high
    above = (asked.points or points) - 1
    if high < low or (high == low and above > 1):
        raise InputError(f"found doses of {drug.name} from {low:g} to {high:g} nM, expected low below high")
    if above == 1:
        return (0.0, high)
    if asked.spacing == "linear":
        return (0.0, *(float(dose) for dose in np.linspace(low, high, above)))
    spaced = low * (high / low) ** (np.arange(above) / (above - 1))
    return (0.0, *(float(dose) for dose in spaced[:-1]), high)
