"""The pathway model as an exchange file: Antimony, and SBML Level 3 Version 2 that other simulators run."""

import re
from collections.abc import Sequence
from typing import Any

from screen.errors import InputError
from screen.kinetics.sbml import libsbml
from screen.kinetics.sbml.files.text import sbml_of_antimony
from screen.pathway.model.declared_units import DEFINED, IDENTIFIERS, declare_units
from screen.pathway.names import factor_id
from screen.pathway.pathway import Pathway
from screen.pathway.tables.cell_lines import CellLine
from screen.pathway.tables.drugs import potency_id
from screen.pathway.tables.tsv import FOLDER, read_table

UNIT_LINES = (
    *(f"unit {name} = {definition};" for name, definition in DEFINED.items()),
    "unit substance = 1e-9 mole;",
    "unit extent = 1e-9 mole;",
    "unit volume = 1 litre;",
    "unit time_unit = 3600 second;",
)
FOUNDING_STUDY = (
    "https://identifiers.org/pubmed:33976188",
    "https://identifiers.org/doi:10.1038/s41467-021-23052-9",
)
"""The study whose mechanism the model is built around (Luo 2021)."""
DOI = re.compile(r"10\.\d{4,9}/[^\s,;]+")
RATE = re.compile(r"^(\w+: .*->[^;]*; )(.+);$", re.MULTILINE)


def antimony_text(pathway: Pathway, line: CellLine | None = None) -> str:
    """The assembled model; with a line, that line's values in place of the reference line's."""
    if line is None:
        return pathway.source
    values = {
        factor_id(name) if name in pathway.entities else name: value for name, value in line.values.items()
    }
    return pathway.with_values(values).source


def antimony_with_units(pathway: Pathway, line: CellLine | None = None) -> str:
    """The same model with its units written out: rates become nmole/h by the cell's volume of one litre."""
    text = RATE.sub(r"\1cell*(\2);", antimony_text(pathway, line))
    species = {row["id"] for row in read_table(FOLDER / "annotations.tsv", ["id"])}
    has = [
        f"{name} has {IDENTIFIERS[parameter.unit]};"
        for name, parameter in pathway.parameters.items()
        if name not in species
    ]
    for drug in pathway.drugs.values():
        has.append(f"{drug.parameter} has nM;")
        has += [f"{potency_id(drug, target)} has nM;" for target in drug.targets]
    head, start, rest = text.partition("\ncompartment")
    body, end, _ = rest.rpartition("\nend")
    return "\n".join([head, *UNIT_LINES]) + start + body + "\n" + "\n".join(has) + end + "\n"


def sbml_text(pathway: Pathway, line: CellLine | None = None) -> str:
    """The assembled model as SBML L3V2, with units, names and annotations (identifiers.org).

    Raises InputError with libSBML's or libAntimony's own words where the model is not consistent.
    """
    document = libsbml.readSBMLFromString(sbml_of_antimony(antimony_with_units(pathway, line)))
    if not document.setLevelAndVersion(3, 2, False):
        raise InputError("the model cannot be written as SBML Level 3 Version 2")
    annotate(document.getModel(), pathway)
    declare_units(document.getModel())
    problems = consistency_errors(document)
    if problems:
        raise InputError(f"the model is not consistent SBML: {problems[0]}")
    return str(libsbml.writeSBMLToString(document))


def annotate(model: Any, pathway: Pathway) -> None:
    """Name the model's species and drugs, and say which protein, RNA or compound each one is."""
    model.setName(
        "HER2 and IGF-1R signalling, the FOXO3a-miRNA loop and growth in HER2-positive breast cancer"
    )
    for row in read_table(FOLDER / "annotations.tsv", ["id", "name", "uris"]):
        element = model.getElementBySId(row["id"])
        if element is None:
            raise InputError(f"annotations.tsv: the model holds no '{row['id']}'")
        element.setName(row["name"])
        _identify(element, row["uris"].split())
    for drug in pathway.drugs.values():
        element = model.getElementBySId(drug.parameter)
        element.setName(f"{drug.name}, nM")
        _identify(element, [f"https://identifiers.org/chembl:{drug.chembl_id}"] if drug.chembl_id else [])
    model.setMetaId("meta_model")
    _described(model, FOUNDING_STUDY)
    for parameter in pathway.parameters.values():
        element = model.getElementBySId(parameter.id)
        if not element.isSetMetaId():
            element.setMetaId(f"meta_{parameter.id}")
        _described(element, [f"https://identifiers.org/doi:{doi}" for doi in DOI.findall(parameter.source)])
        if parameter.note and not element.isSetName():
            element.setName(parameter.note)


def _identify(element: Any, uris: list[str]) -> None:
    if not uris:
        return
    element.setMetaId(f"meta_{element.getId()}")
    term = libsbml.CVTerm(libsbml.BIOLOGICAL_QUALIFIER)
    term.setBiologicalQualifierType(libsbml.BQB_IS if len(uris) == 1 else libsbml.BQB_HAS_VERSION)
    for uri in uris:
        term.addResource(uri)
    element.addCVTerm(term)


def _described(element: Any, uris: Sequence[str]) -> None:
    """Say which publications describe an element."""
    term = libsbml.CVTerm(libsbml.BIOLOGICAL_QUALIFIER)
    term.setBiologicalQualifierType(libsbml.BQB_IS_DESCRIBED_BY)
    for uri in uris:
        term.addResource(uri)
    if uris:
        element.addCVTerm(term)


def consistency_errors(document: Any) -> list[str]:
    """libSBML's errors (not its warnings) about a document."""
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
