"""The pathway model as an exchange file: Antimony, and SBML Level 3 Version 2 that other simulators run."""

from screen.errors import InputError
from screen.pathway.cell_lines import CellLine
from screen.pathway.names import factor_id
from screen.pathway.pathway import Pathway


def antimony_text(pathway: Pathway, line: CellLine | None = None) -> str:
    """The assembled model; with a line, that line's values in place of the reference line's."""
    if line is None:
        return pathway.source
    values = {
        factor_id(name) if name in pathway.entities else name: value for name, value in line.values.items()
    }
    return pathway.with_values(values).source


def sbml_text(pathway: Pathway, line: CellLine | None = None) -> str:
    """The assembled model as SBML L3V2.

    Raises InputError with libSBML's or libAntimony's own words where the model is not consistent.
    """
    import antimony
    import libsbml

    antimony.clearPreviousLoads()
    antimony.freeAll()
    if antimony.loadAntimonyString(antimony_text(pathway, line)) < 0:
        raise InputError(f"the model's text: {antimony.getLastError().strip()}")
    document = libsbml.readSBMLFromString(antimony.getSBMLString(antimony.getMainModuleName()))
    if not document.setLevelAndVersion(3, 2, False):
        raise InputError("the model cannot be written as SBML Level 3 Version 2")
    problems = consistency_errors(document)
    if problems:
        raise InputError(f"the model is not consistent SBML: {problems[0]}")
    return str(libsbml.writeSBMLToString(document))


def consistency_errors(document: object) -> list[str]:
    """libSBML's errors (not its warnings) about a document."""
    import libsbml

    assert isinstance(document, libsbml.SBMLDocument)
    document.checkConsistency()
    found = (document.getError(index) for index in range(document.getNumErrors()))
    return [error.getMessage().strip() for error in found if error.getSeverity() >= libsbml.LIBSBML_SEV_ERROR]


def outline(pathway: Pathway) -> dict[str, int]:
    """How much of what the pathway holds."""
    states = sum(len(text.split(",")) for text in pathway.network.splitlines() if text.startswith("species "))
    kinds = [parameter.kind for parameter in pathway.parameters.values()]
    return {
        "states": states + 1,
        "parameters": len(pathway.parameters),
        **{f"parameters {kind}": kinds.count(kind) for kind in dict.fromkeys(kinds)},
        "drugs": len(pathway.drugs),
        "potencies": sum(len(drug.targets) for drug in pathway.drugs.values()),
        "cell lines": len(pathway.cell_lines),
    }
