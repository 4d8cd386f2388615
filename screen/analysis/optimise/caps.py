"""Caps of the doses: what `optimise.cap` and `optimise.caps` mean for each drug, in nM."""

from collections.abc import Mapping

from screen.config.screen import ScreenConfig
from screen.errors import InputError, nearest
from screen.pathway import Drug, Pathway
from screen.units import molar_mass


def caps_nM(config: ScreenConfig, pathway: Pathway, drugs: Mapping[str, Drug]) -> dict[str, float]:
    """The highest dose of each drug that is allowed; `InputError` for a drug that is in no combination, and
    for a fraction of a peak that is not known.
    """
    spelled: dict[str, str] = {}
    for name in config.optimise.caps:
        key = f"optimise.caps.{name}"
        try:
            found = pathway.drug(name).name
        except InputError as error:
            raise config.error(key, error) from None
        if found not in drugs:
            raise config.error(key, f"'{found}' is in no combination{nearest(name, drugs)}")
        spelled[found] = name
    return {name: _cap_nM(config, drug, spelled.get(name)) for name, drug in drugs.items()}


def _cap_nM(config: ScreenConfig, drug: Drug, spelled: str | None) -> float:
    """The cap of one drug; `spelled` is how `optimise.caps` has its name."""
    goal = config.optimise
    key = "optimise.cap" if spelled is None else f"optimise.caps.{spelled}"
    cap = goal.cap if spelled is None else goal.caps[spelled]
    if not isinstance(cap, float):
        try:
            found = cap.to_nM(molar_mass(drug))
        except InputError as error:
            raise config.error(key, error) from None
        if not found > 0:
            raise config.error(key, f"found {cap}, expected a dose above 0")
        return found
    if drug.peak_nM is None:
        raise config.error(
            key,
            f"no peak clinical concentration (Cmax) of {drug.name} is known, expected a concentration: "
            f"`caps: {{{drug.name}: 100 nM}}`",
        )
    return cap * drug.peak_nM
