"""SBML text to a libSBML model that this engine can read: parse, flatten, refuse what is not supported."""

import re
from typing import Any

from screen.kinetics.errors import InvalidModel, UnsupportedModel
from screen.kinetics.sbml import libsbml

DRAWINGS = frozenset({"layout", "render"})
MISPLACED = re.compile(r"The L3 package '(\w+)' cannot be used in this document|Package (\w+) Version \d+\.$")
HARMLESS_PACKAGES = DRAWINGS | frozenset({"groups", "annot", "l3v2extendedmath"})


def read_document(text: str) -> Any:
    """The libSBML document of SBML text, `comp` flattened. The caller must keep it as long as the model.

    Errors: `InvalidModel` for what libSBML cannot read, `UnsupportedModel` for packages and constructs
    refused.
    """
    document = libsbml.readSBMLFromString(text)
    _raise_errors(document)
    if document.getPlugin("comp") is not None:
        flatten(document)
    _refuse_packages(document)
    model = document.getModel()
    if model is None:
        raise InvalidModel("the SBML file holds no model")
    _refuse_constructs(model)
    return document


def _raise_errors(document: Any) -> None:
    for k in range(document.getNumErrors()):
        error = document.getError(k)
        if error.getSeverity() < libsbml.LIBSBML_SEV_ERROR or _of_drawings(error):
            continue
        message = " ".join(error.getShortMessage().split()) or " ".join(error.getMessage().split())
        if "package" in message.lower() and "required" in message.lower():
            raise UnsupportedModel(f"line {error.getLine()}: {message}")
        raise InvalidModel(f"line {error.getLine()}: {message}")


def _of_drawings(error: Any) -> bool:
    """Whether an error is about how a model is drawn, such as the layout of Level 3 in a file of Level 2, as some
    programs write it: no number depends on it.
    """
    about = MISPLACED.search(" ".join(error.getMessage().split()))
    return about is not None and (about[1] or about[2]).partition("_")[0] in DRAWINGS


def flatten(document: Any) -> None:
    """Makes one model of a hierarchical one (`comp`). Errors: `UnsupportedModel`, `InvalidModel`."""
    plugin = document.getPlugin("comp")
    if plugin.getNumExternalModelDefinitions():
        name = plugin.getExternalModelDefinition(0).getId()
        raise UnsupportedModel(f"externalModelDefinition '{name}': models in other files are not supported")
    options = libsbml.ConversionProperties()
    options.addOption("flatten comp", True)
    options.addOption("leavePorts", False)
    options.addOption("performValidation", False)
    options.addOption("abortIfUnflattenable", "none")
    if document.convert(options) != libsbml.LIBSBML_OPERATION_SUCCESS:
        raise InvalidModel("the hierarchical model (package comp) cannot be flattened")


def _refuse_packages(document: Any) -> None:
    for k in range(document.getNumPlugins()):
        package = document.getPlugin(k).getPackageName()
        if package in HARMLESS_PACKAGES or package == "comp":
            continue
        if package == "fbc" or document.getPackageRequired(package):
            raise UnsupportedModel(f"package '{package}' is not supported (element sbml)")
    for k in range(document.getNumUnknownPackages()):
        if document.getUnknownPackageURI(k) and document.getPackageRequired(
            document.getUnknownPackagePrefix(k)
        ):
            raise UnsupportedModel(
                f"package '{document.getUnknownPackageURI(k)}' is not supported (element sbml)"
            )


def _refuse_constructs(model: Any) -> None:
    for k in range(model.getNumReactions()):
        reaction = model.getReaction(k)
        if reaction.isSetFast() and reaction.getFast():
            raise UnsupportedModel(f"reaction '{reaction.getId()}': fast reactions are not supported")
        if not reaction.isSetKineticLaw() or reaction.getKineticLaw().getMath() is None:
            raise UnsupportedModel(
                f"reaction '{reaction.getId()}': a reaction without kinetic law is not supported"
            )
