"""Experiments that a laboratory can do: matrices of a line and pair or single dose pairs, markers, knock-downs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from screen.analysis.evidence.statistics import standard_doses
from screen.analysis.learn.noise import LENGTH
from screen.analysis.learn.readings.wells import LearnWell, well
from screen.analysis.learn.subjects import SubjectLine
from screen.arrays import Floats
from screen.config.experiments import NextConfig
from screen.errors import InputError
from screen.pathway import Pathway
from screen.units import molar_mass

MATRIX, SINGLE, MARKER, KNOCK_DOWN = "plate", "well", "marker", "knock-down"


@dataclass(frozen=True)
class Experiment:
    """One that is chosen whole: its wells, each done `replicates` times; the line in culture and the partner needed."""

    kind: str
    name: str
    line: str
    partner: str
    wells: tuple[LearnWell, ...]
    replicates: int

    @property
    def cost(self) -> int:
        """Wells of a plate, or measurements of a marker."""
        return len(self.wells) * self.replicates

    def covariance(self, well_sd: float, shared_sd: float, marker_sd: float) -> Floats:
        """Of the errors of the wells' means (n, n)."""
        if self.kind == MARKER:
            return np.eye(len(self.wells)) * marker_sd**2 / self.replicates
        place = np.array([[_decade(one, 0), _decade(one, 1)] for one in self.wells])
        apart = ((place[:, None] - place[None]) ** 2).sum(axis=-1)
        kernel = np.exp(-apart / (2 * LENGTH**2))
        return np.asarray(
            np.eye(len(self.wells)) * (well_sd**2 / self.replicates + 1e-8) + shared_sd**2 * kernel
        )


def _decade(one: LearnWell, index: int) -> float:
    """Where a dose stands; far away where there is none."""
    return float(np.log10(one.doses[index][1])) if index < len(one.doses) else -2.0


@dataclass(frozen=True)
class Shelf:
    """Names as the pathway has them: the anchor, partners, and each drug's doses above 0 in nM."""

    anchor: str
    partners: tuple[str, ...]
    doses: Mapping[str, tuple[float, ...]]


def shelf_of(config: NextConfig, pathway: Pathway) -> Shelf:
    """The drugs of a configuration. Raises `InputError`."""
    try:
        anchor = pathway.drug(config.drugs.anchor)
        partners = [pathway.drug(name) for name in config.drugs.partners]
        own = {pathway.drug(name).name: doses for name, doses in config.offered.doses.items()}
    except InputError as error:
        raise config.error("drugs", error) from None
    doses = {}
    for drug in (anchor, *partners):
        if drug.name in own:
            given = sorted(dose.to_nM(molar_mass(drug)) for dose in own[drug.name])
        else:
            given = standard_doses(pathway, drug.name, config.offered.points + 2)[1:-1].tolist()
        doses[drug.name] = tuple(dose for dose in given if dose > 0)
    names = tuple(dict.fromkeys(drug.name for drug in partners if drug.name != anchor.name))
    if not names:
        raise config.error("drugs.partners", f"found only {anchor.name}, expected another drug")
    return Shelf(anchor.name, names, doses)


def matrix(shelf: Shelf, line: str, partner: str, time_h: float) -> tuple[LearnWell, ...]:
    """The dose pairs of a line, zeros of one drug among them."""
    return tuple(
        well(line, {shelf.anchor: one, partner: two}, time_h)
        for one in (0.0, *shelf.doses[shelf.anchor])
        for two in (0.0, *shelf.doses[partner])
        if one or two
    )


def knocked(line: str, entity: str, left: float) -> str:
    """What a line is called under a knock-down."""
    return f"{line} {entity} x{left:g}"


def with_knock_downs(
    config: NextConfig, pathway: Pathway, subjects: Mapping[str, SubjectLine]
) -> dict[str, SubjectLine]:
    """The lines, and each under every knock-down that is offered and under the hypothesis' perturbation."""
    found = dict(subjects)
    for entity in _entities(config, pathway):
        for name, subject in subjects.items():
            left = config.offered.knocked_to
            under = {**subject.perturbation, entity: left}
            called = knocked(name, entity, left)
            found[called] = SubjectLine(
                called, subject.line, subject.origin, under, subject.like, subject.spread
            )
    return found


def _entities(config: NextConfig, pathway: Pathway) -> list[str]:
    try:
        return [pathway.entity(name) for name in config.offered.knock_downs]
    except InputError as error:
        raise config.error("offered.knock_downs", error) from None


def experiments_of(
    config: NextConfig, pathway: Pathway, shelf: Shelf, lines: Sequence[str]
) -> list[Experiment]:
    """Everything that is offered."""
    offered, replicates, found = config.offered, config.budget.replicates, []
    middle = {drug: doses[len(doses) // 2] for drug, doses in shelf.doses.items()}
    for line in lines:
        for partner in shelf.partners:
            wells = matrix(shelf, line, partner, config.time)
            pair = f"{shelf.anchor}+{partner}"
            if offered.unit == MATRIX:
                found.append(Experiment(MATRIX, f"{line}: {pair}", line, partner, wells, replicates))
            else:
                found += [
                    Experiment(SINGLE, f"{line}: {in_words(one)}", line, partner, (one,), replicates)
                    for one in wells
                    if partner in one.drugs or partner == shelf.partners[0]
                ]
        for name in offered.markers:
            try:
                marker = pathway.observable(name)
            except InputError as error:
                raise config.error("offered.markers", error) from None
            for partner in ("", *shelf.partners):
                doses = {shelf.anchor: middle[shelf.anchor]} | ({partner: middle[partner]} if partner else {})
                one = well(line, doses, offered.marker_time, marker)
                name = f"{line}: {marker} under {in_words(one)}"
                found.append(Experiment(MARKER, name, line, partner, (one,), replicates))
        for entity in _entities(config, pathway):
            called = knocked(line, entity, offered.knocked_to)
            wells = tuple(
                well(called, {shelf.anchor: dose}, config.time) for dose in shelf.doses[shelf.anchor]
            )
            name = f"{line}: {shelf.anchor} with {entity} knocked down to {offered.knocked_to:g}"
            found.append(Experiment(KNOCK_DOWN, name, line, "", wells, replicates))
    return found


def in_words(one: LearnWell) -> str:
    """The drugs and doses of a well."""
    return " + ".join(f"{drug} {dose:.3g} nM" for drug, dose in one.doses) or "vehicle"
