"""Dose grids: the concentrations of each drug of a combination, in nM, index 0 always being 0."""

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from screen.config import ScreenConfig
from screen.design import DrugDoses
from screen.errors import InputError
from screen.units import ANTIBODY_KDA

if TYPE_CHECKING:
    from screen.pathway import Drug


def grid_nM(config: ScreenConfig, drug: "Drug", key: str | None) -> tuple[float, ...]:
    """The doses of `drug`, ascending from 0 nM; `key` is how `doses.drugs` of the configuration spells it,
    or None.

    Raises `InputError` that names the key for a list or a range that does not ascend.
    """
    asked = config.doses.drugs[key] if key is not None else DrugDoses()
    place = f"doses.drugs.{key}" if key is not None else "doses"
    try:
        return _listed(asked, drug) if asked.values is not None else _spaced(asked, config.doses.points, drug)
    except InputError as error:
        raise config.error(place, error) from None


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


def molar_mass(drug: "Drug") -> float | None:
    """kDa of a drug: its own, else 148 for an antibody, else unknown."""
    if drug.molar_mass_kDa is not None:
        return drug.molar_mass_kDa
    return ANTIBODY_KDA if drug.antibody else None
