"""The pathway that a configuration screens: the built-in one, or the built-in one with an edited network's
file.
"""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from screen.config import ScreenConfig
from screen.errors import InputError

if TYPE_CHECKING:
    from screen.pathway import Assay, Pathway
    from screen.runner.plan import Plan


def pathway_of(config: ScreenConfig) -> "Pathway":
    """The pathway to screen. Raises `InputError` for a model file that is malformed or cannot be read."""
    from screen.pathway import load_pathway

    builtin = load_pathway()
    if config.model is None:
        return _driven(config, builtin)
    from screen.kinetics import load_model

    path = Path(config.model)
    try:
        load_model(path)
        text = path.read_text(encoding="utf-8")
    except InputError as error:
        named = str(error) if str(path) in str(error) else f"{path}: {error}"
        raise config.error("model", named) from None
    return _driven(config, replace(builtin, text=text))


def _driven(config: ScreenConfig, pathway: "Pathway") -> "Pathway":
    """The pathway whose model follows the curves of the drugs that have one; itself where none has."""
    curved = [schedule for schedule in config.schedules if schedule.curved]
    if not curved:
        return pathway
    from screen.kinetics.driven import with_driven
    from screen.runner.combine import layers_of

    layers, _, exposures = layers_of(config, pathway)
    drugs = {
        drug
        for layer in layers
        for together in layer.combinations
        for rows in together.given
        for drug, row in zip(together.drugs, rows, strict=True)
        if exposures[row].curved
    }
    names = sorted(pathway.dose_parameter(drug) for drug in drugs)
    try:
        return replace(pathway, text=with_driven(model_sbml(pathway), names))
    except InputError as error:
        raise config.error("schedules", error) from None


def model_sha256(pathway: "Pathway") -> str:
    """SHA-256 of the model's source text, which decides its numbers; quick, nothing is compiled."""
    return hashlib.sha256(pathway.source.encode()).hexdigest()


def model_sbml(pathway: "Pathway") -> str:
    """The model in SBML."""
    from screen.kinetics.source import sbml_text

    return sbml_text(pathway.source)


def compile_assay(config: ScreenConfig, plan: "Plan", pathway: "Pathway") -> "Assay":
    """The compiled assay of a plan. Raises `InputError` for an edited model that lacks what the screen
    needs.
    """
    from screen.pathway import Assay
    from screen.pathway.names import factor_id

    try:
        assay = Assay.compile(pathway, plan.markers, rtol=plan.rtol, atol=plan.atol)
    except InputError as error:
        if config.model is None:
            raise
        raise config.error("model", f"{config.model}: {error}") from None
    if config.model is not None:
        quantities = {name for line in plan.lines for name in line.values}
        quantities |= {name for change in plan.perturbations for name in change}
        needed = {pathway.dose_parameter(drug) for drug in plan.drugs}
        needed |= {factor_id(name) if name in plan.entities else name for name in quantities}
        missing = sorted(needed - set(assay.engine.parameters))
        if missing:
            listed = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
            raise config.error(
                "model", f"{config.model}: the model has no parameter {listed}, which this screen sets"
            )
    return assay
