"""A configuration of `herscreen learn` as plates, lines and members of the prior."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from screen.analysis.calibration.abundance_prior import built_in_abundance
from screen.analysis.learn.prior import LearnPrior, learn_prior
from screen.analysis.learn.readings.marker_readings import read_markers
from screen.analysis.learn.readings.plates import LearnPlate, find_plates, read_learn_plates
from screen.analysis.learn.subjects import SubjectLine, subjects_of
from screen.config.experiments import NextConfig
from screen.config.learning import LearningConfig
from screen.errors import InputError
from screen.pathway import Draw, Pathway, load_draws
from screen.pathway.panels.learnt_pathway import with_nominal
from screen.pathway.tables.learnt_draws import HDF5, read_learnt
from screen.runner.plan.resolve import cell_lines


@dataclass(frozen=True)
class PriorDraws:
    """The draws that are learnt from, the pathway with their nominal set, and the lines learnt before."""

    pathway: Pathway
    draws: tuple[Draw, ...]
    learnt: tuple[str, ...] = ()


def prior_draws(pathway: Pathway, source: str | None) -> PriorDraws:
    """The calibrated ensemble, a table of draws, or what was learnt before."""
    if source is None:
        return PriorDraws(pathway, load_draws())
    path = Path(source)
    if path.suffix.lower() in HDF5:
        found = read_learnt(path)
        return PriorDraws(with_nominal(pathway, found.nominal), found.draws, found.lines)
    return PriorDraws(pathway, load_draws(path))


def read_plates_of(
    config: LearningConfig, pathway: Pathway
) -> tuple[list[LearnPlate], list[Path], list[str]]:
    """The plates and marker readings of a configuration, their files, and what was detected."""
    try:
        paths = find_plates(config.plates)
        plates, messages = read_learn_plates(pathway, paths, config.response, config.time, config.line)
    except InputError as error:
        raise config.error("plates", error) from None
    try:
        tables = find_plates(config.markers)
        readings = read_markers(pathway, tables)
    except InputError as error:
        raise config.error("markers", error) from None
    return [*plates, *readings], [*paths, *tables], messages


AboutLines = LearningConfig | NextConfig
"""A configuration, as far as lines and members are concerned."""


def lines_of_plates(config: AboutLines, pathway: Pathway, named: Sequence[str]) -> dict[str, SubjectLine]:
    """The lines that plates name, as the configuration has them. Raises `InputError`."""
    lines, factors = cell_lines(config.lines_screen(), pathway) if config.cell_lines else ((), ())
    around = {name: (one.like, one.spread) for name, one in config.around.items()}
    try:
        return subjects_of(pathway, named, list(lines), list(factors), around)
    except InputError as error:
        raise config.error(config.lines_key, error) from None


def prior_of_lines(config: AboutLines, known: PriorDraws, subjects: dict[str, SubjectLine]) -> LearnPrior:
    """Members of the prior for these lines."""
    try:
        return learn_prior(
            known.pathway,
            built_in_abundance(),
            known.draws,
            subjects,
            config.members,
            config.seed,
            known.learnt,
        )
    except InputError as error:
        raise config.error("ensemble", error) from None
