"""The draws of a screen with an ensemble: which rows of the table of draws, and how many there may be."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from screen.config.screen import ScreenConfig
from screen.errors import InputError, nearest
from screen.pathway.model.custom import slug
from screen.pathway.omics.entity_map import load_omics_map
from screen.pathway.tables.delimited import shown
from screen.pathway.tables.drugs import potency_id
from screen.pathway.tables.ensemble import BUILT_IN, load_draws
from screen.pathway.tables.learnt_draws import read_learnt

if TYPE_CHECKING:
    from screen.pathway import Drug, Pathway
    from screen.pathway.tables.ensemble import Draw

DRAW_STREAM = 3


def draws_of(config: ScreenConfig, pathway: "Pathway") -> Mapping[int, "Draw"]:
    """The draws that a configuration asks for by their row in the table, ascending; none without an ensemble.

    Fewer than there are are chosen by the seed, and are among those that a larger number chooses.
    """
    if config.ensemble is None:
        return {}
    asked, learnt = config.ensemble.draws, config.ensemble.source
    table, key = learnt or config.ensemble.table, "ensemble.from" if learnt else "ensemble.table"
    if table is None and pathway.is_custom:
        raise config.error("ensemble", "the built-in draws are of the built-in model, expected `table:`")
    try:
        there = read_learnt(Path(learnt)).draws if learnt else load_draws(Path(table) if table else BUILT_IN)
        if table is not None:
            check_draws(there, pathway)
    except InputError as error:
        raise config.error(key, str(error) if str(table) in str(error) else f"{table}: {error}") from None
    if unknown := sorted(
        {group for draw in there for group in draw.exponents} - load_omics_map().groups.keys()
    ):
        groups = ", ".join(load_omics_map().groups)
        raise config.error(key, f"{table}: unknown group in exponent:{unknown[0]} (known: {groups})")
    if asked > len(there):
        name = (BUILT_IN if table is None else Path(table)).name
        raise config.error("ensemble", f"found {asked} draws, expected at most the {len(there)} of {name}")
    order = np.random.default_rng([config.seed, DRAW_STREAM]).permutation(len(there))
    return {row: there[row] for row in sorted(order[:asked].tolist())}


def check_draws(draws: Sequence["Draw"], pathway: "Pathway") -> None:
    """Raise `InputError` where a draw names what the pathway's model does not have, or gives a parameter that is
    positive a number that is not.
    """
    parameters, entities = _parameters(pathway), {*pathway.entities, "k_birth"}
    for number, draw in enumerate(draws, start=1):
        for name, value in draw.values.items():
            if name not in parameters and pathway.column(name) not in parameters:
                near = nearest(name, sorted(parameters))
                raise InputError(f"column '{shown(name)}': the model has no such parameter{near}")
            if value <= 0 and not pathway.is_custom and parameters.get(name, 1.0) > 0:
                raise InputError(f"draw {number}: {name}: found {value:g}, expected a number above 0")
        for line, values in draw.lines.items():
            for name in values:
                if name not in entities and pathway.column(name) not in parameters:
                    near = nearest(name, sorted(entities))
                    raise InputError(f"column '{shown(line)}:{shown(name)}': unknown entity{near}")


def _parameters(pathway: "Pathway") -> Mapping[str, float]:
    """The parameters of a pathway's model with their values; of a file of the user's own all its identifiers."""
    if pathway.text is not None:
        return dict.fromkeys(re.findall(r"[A-Za-z_]\w*", pathway.text), 0.0)
    potencies = {
        potency_id(drug, target): value
        for drug in pathway.drugs.values()
        for target, value in drug.potency_nM.items()
    }
    return {one.id: one.value for one in pathway.parameters.values()} | potencies


def same_potency(drugs: Mapping[str, "Drug"], draws: Mapping[int, "Draw"]) -> tuple[str, ...]:
    """The drugs whose potency is the same in every draw, on whatever they bind: intervals leave out how
    uncertain it is. None without draws, and none that has no potency.
    """
    if not draws:
        return ()

    def varies(drug: "Drug") -> bool:
        ids = [potency_id(drug, target) for target in drug.potency_nM]
        ids += [f"K_{slug(drug.name)}_{target}" for target in drug.potency_nM]  # of a custom model
        return any(len({draw.values.get(name) for draw in draws.values()}) > 1 for name in ids)

    return tuple(name for name, drug in drugs.items() if drug.potency_nM and not varies(drug))


def same_potency_as_words(names: Sequence[str]) -> str:
    """What that means, in a line."""
    return f"the potency of {', '.join(names)} is the same in every draw: intervals leave out its uncertainty"
