"""The pathway that a configuration screens: the built-in one, the built-in one with an edited network's file,
or a custom model.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from screen.config.custom_model import CustomModel, PetabModel
from screen.config.screen import ScreenConfig
from screen.errors import InputError
from screen.kinetics import Status, load_model
from screen.kinetics.sbml.files.text import model_text, sbml_text
from screen.kinetics.sbml.forcing import LEVEL, with_driven
from screen.pathway import Assay, Dosing, load_pathway
from screen.pathway.dosing.protocol import refuse_schedules
from screen.pathway.model.custom import BadMapping, custom_pathway
from screen.pathway.model.custom_sbml import rewritten
from screen.pathway.model.petab_mapping import mapping_of_problem
from screen.pathway.panels.learnt_pathway import with_nominal
from screen.pathway.tables.learnt_draws import read_learnt
from screen.pathway.tables.line_table import values_of
from screen.runner.plan.combinations import layers_of
from screen.runner.plan.layers import Layer
from screen.runner.plan.plan import model_path

if TYPE_CHECKING:
    from screen.pathway import Assay, Exposure, Pathway
    from screen.runner.plan.plan import Design, Plan

FEW_LINES = 8  # of a custom model, looked at before a run for a steady state


def with_mapping(config: ScreenConfig) -> ScreenConfig:
    """The configuration with the mapping of its PEtab problem, where it has one: from there on its model is a custom
    one, in the plan and in the cube.
    """
    if not isinstance(config.model, PetabModel):
        return config
    try:
        return config.model_copy(update={"model": mapping_of_problem(config.model)})
    except InputError as error:
        raise config.error("model.petab", error) from None


def named_pathway(config: ScreenConfig) -> "Pathway":
    """The pathway that a configuration's names are resolved against. Raises `InputError` for a model file that
    is malformed or cannot be read. What was learnt from plates stands in for the shipped numbers.
    """
    builtin = load_pathway()
    if config.ensemble is not None and config.ensemble.source is not None:
        return _learnt(config, builtin, config.ensemble.source)
    if config.model is None:
        return builtin
    if isinstance(config.model, CustomModel):
        return _own(config, config.model)
    assert not isinstance(config.model, PetabModel), "with_mapping comes first"
    path = Path(model_path(config) or "")
    try:
        network = load_model(path).network
        text = model_text(path)
    except InputError as error:
        named = str(error) if str(path) in str(error) else f"{path}: {error}"
        raise config.error("model", named) from None
    own = dict(zip(network.parameters, network.defaults.tolist(), strict=True))
    parameters = {
        name: replace(one, value=own.get(name, one.value)) for name, one in builtin.parameters.items()
    }
    return replace(builtin, text=text, parameters=parameters)


def _learnt(config: ScreenConfig, builtin: "Pathway", file: str) -> "Pathway":
    if config.model is not None:
        raise config.error(
            "ensemble.from", "found with `model:`, expected the built-in model, which was learnt"
        )
    try:
        return with_nominal(builtin, read_learnt(Path(file)).nominal)
    except InputError as error:
        raise config.error("ensemble.from", error) from None


def following_curves(
    config: ScreenConfig, pathway: "Pathway", layers: Iterable[Layer], exposures: Sequence["Exposure"]
) -> "Pathway":
    """The pathway whose model follows the curves of the drugs that have one; itself where none has."""
    drugs = {
        drug
        for layer in layers
        for together in layer.combinations
        for rows in together.given
        for drug, row in zip(together.drugs, rows, strict=True)
        if exposures[row].curved
    }
    if not drugs:
        return pathway
    names = sorted(pathway.dose_parameter(drug) for drug in drugs)
    try:
        return replace(pathway, text=with_driven(model_sbml(pathway), names))
    except InputError as error:
        raise config.error("schedules", error) from None


def pathway_of(config: ScreenConfig) -> "Pathway":
    """The pathway that a configuration screens, where no plan is wanted: a run makes its plan first."""
    pathway = named_pathway(config)
    if not any(schedule.curved for schedule in config.schedules):
        return pathway
    layers, _, exposures, _ = layers_of(config, pathway)
    return following_curves(config, pathway, layers, exposures)


def _own(config: ScreenConfig, mapping: CustomModel) -> "Pathway":
    try:
        return custom_pathway(mapping, *rewritten(mapping))
    except BadMapping as error:
        raise config.error(f"model.{error.key}", error) from None


def model_sha256(pathway: "Pathway") -> str:
    """SHA-256 of the model's source text, which decides its numbers; quick, nothing is compiled."""
    return hashlib.sha256(pathway.source.encode()).hexdigest()


def model_sbml(pathway: "Pathway") -> str:
    """The model in SBML."""
    return sbml_text(pathway.source)


def compile_assay(config: ScreenConfig, plan: "Plan", pathway: "Pathway") -> "Assay":
    """The compiled assay of a plan. Raises `InputError` for an edited model that lacks what the screen
    needs.
    """
    file = model_path(config)
    try:
        assay = Assay.compile(pathway, plan.outputs.markers, rtol=plan.settings.rtol, atol=plan.settings.atol)
    except InputError as error:
        if config.model is None:
            raise
        raise config.error("model", f"{file}: {error}") from None
    if config.model is not None:
        quantities = set(values_of(plan.design.lines)[0])
        quantities |= {name for change in plan.design.perturbations for name in change}
        needed = {pathway.dose_parameter(drug) for drug in plan.design.drugs}
        needed |= {pathway.column(name) for name in quantities}
        there = {name.removesuffix(LEVEL) for name in assay.engine.parameters}
        missing = sorted(needed - there)
        if missing:
            listed = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
            raise config.error(
                "model", f"{file}: the model has no parameter {listed}, which this screen sets"
            )
    if pathway.is_custom:
        _check_own(config, plan.design, pathway, assay)
    return assay


def _check_own(config: ScreenConfig, design: "Design", pathway: "Pathway", assay: "Assay") -> None:
    """Raise `InputError` where a custom model cannot be given drugs as asked, or has no steady
    state to start from.
    """
    ways: dict[str, list[int]] = {}
    for together in (one for layer in design.layers for one in layer.combinations):
        for drug, *rows in zip(together.drugs, *together.given, strict=True):
            ways.setdefault(drug, []).extend(rows)
    dosing = Dosing(design.exposures, {drug: np.array(rows) for drug, rows in ways.items()})
    try:
        refuse_schedules(pathway.protocol, pathway.drugs, assay.engine, dosing)
    except InputError as error:
        raise config.error("schedules", error) from None
    if not pathway.protocol.steady:
        return
    some = slice(0, FEW_LINES)
    if (assay.untreated(design.lines[some], design.perturbations[some]).status > Status.reference).all():
        raise config.error(
            "model.start",
            f"found 'steady state', which {design.lines[0].name} does not reach; expected a model that settles "
            "without drugs and stimulus, or `start: initial`",
        )
