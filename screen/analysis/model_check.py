"""The pathway model's health: symbols, sources, units, mass, and the untreated states of the named lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from screen.arrays import Floats
from screen.errors import InputError
from screen.kinetics import Status
from screen.kinetics.sbml import libsbml
from screen.kinetics.solvers.steady_state import SteadyStates
from screen.pathway import Assay, CellLine, Pathway
from screen.pathway.model.declared_units import unit_problems
from screen.pathway.model.sbml_export import sbml_text
from screen.pathway.tables.tsv import FOLDER, read_table

SYMBOL = re.compile(r"[A-Za-z_]\w*")
REACTION = re.compile(r"^(\w+):([^=;]*)->([^;]*);", re.MULTILINE)
WORDS = frozenset({"model", "compartment", "species", "in", "cell", "end", "her2_igf1r"})
APART = 0.02
HELD = "log_cells"
PARTS = {
    "pAKT_T308": "AKT",
    "pAKT_S473": "AKT",
    "TSC_active": "TSC",
    "mTORC1": "mTOR",
    "pS6K": "S6K",
    "RAS_GTP": "RAS",
    "RAF_active": "RAF",
    "pMEK": "MEK",
    "pERK": "ERK",
    "pSRC": "SRC",
    "pSTAT5": "STAT5",
}
"""Active forms, and the entity that each is a part of."""


@dataclass(frozen=True)
class Finding:
    """One thing found: `level` is error, warning or note."""

    level: str
    where: str
    text: str


def check_model(pathway: Pathway) -> list[Finding]:
    """All findings, errors first."""
    found = [*_symbols(pathway), *_sources(pathway), *_document(pathway), *_mass(pathway)]
    found += _untreated(pathway)
    return sorted(found, key=lambda finding: ("error", "warning", "note").index(finding.level))


def _symbols(pathway: Pathway) -> Iterator[Finding]:
    text = re.sub(r"//.*", "", pathway.network)
    defined = set(re.findall(r"^(\w+)\s*:=", text, re.MULTILINE))
    species = {
        name for line in text.splitlines() if line.startswith("species") for name in SYMBOL.findall(line)
    } - WORDS
    reactions = set(re.findall(r"^(\w+):", text, re.MULTILINE))
    used = SYMBOL.findall(text)
    pressures = {f"u_{target}" for drug in pathway.drugs.values() for target in drug.targets}
    known = defined | species | reactions | pressures | set(pathway.parameters) | WORDS | {"log_cells"}
    for name in sorted(set(used) - known):
        yield Finding("error", "her2_igf1r.ant", f"'{name}' is used but nowhere declared")
    for name in sorted(set(pathway.parameters) - set(used)):
        yield Finding("error", "parameters.tsv", f"'{name}' is declared but nowhere used")
    counts = {name: used.count(name) for name in defined}
    watched = {*pathway.observables, "growth"}
    for name in sorted(name for name, count in counts.items() if count == 1 and name not in watched):
        yield Finding("warning", "her2_igf1r.ant", f"rule '{name}' is read by nothing")


def _sources(pathway: Pathway) -> Iterator[Finding]:
    for parameter in pathway.parameters.values():
        if parameter.kind == "assumed" and not (parameter.source or parameter.note):
            yield Finding("note", "parameters.tsv", f"'{parameter.id}' is assumed and says nothing more")
        if parameter.kind == "calibrated" and parameter.lower > 0:
            edge = min(parameter.value / parameter.lower, parameter.upper / parameter.value)
            if edge < 1.02:
                yield Finding("warning", "parameters.tsv", f"'{parameter.id}' lies at the edge of its bounds")
    for drug in pathway.drugs.values():
        if not drug.chembl_id:
            yield Finding("note", "drugs.tsv", f"{drug.name} has no ChEMBL id")
        if drug.peak_source.startswith("assumed"):
            yield Finding("note", "drugs.tsv", f"the Cmax of {drug.name} is assumed")


def _document(pathway: Pathway) -> Iterator[Finding]:
    """Consistency and units, as libSBML sees the exported model; every rule and number has units there."""
    try:
        document = libsbml.readSBMLFromString(sbml_text(pathway))
    except InputError as problem:
        yield Finding("error", "SBML", str(problem))
        return
    for text in unit_problems(document):
        yield Finding("error", "units", " ".join(text.split()))


def _mass(pathway: Pathway) -> Iterator[Finding]:
    """Reactions neither create nor destroy molecules unawares: what turns one species into another keeps the
    molecule and its number; a species that is lost is also made, and one that is made is also lost.
    """
    rows = {row["id"]: row["uris"] for row in read_table(FOLDER / "annotations.tsv", ["id", "uris"])}
    made: set[str] = set()
    lost: set[str] = set()
    for name, left, right in REACTION.findall(re.sub(r"//.*", "", pathway.network)):
        before, after = ([part for part in re.split(r"[\s+]+", side) if part] for side in (left, right))
        made |= set(after)
        lost |= set(before)
        if (
            before
            and after
            and sorted(rows.get(x, x) for x in before) != sorted(rows.get(x, x) for x in after)
        ):
            yield Finding("error", name, "turns one molecule into another, or changes their number")
    for name in sorted(made ^ lost):
        yield Finding("error", name, "is made and never lost" if name in made else "is lost and never made")


def _untreated(pathway: Pathway) -> Iterator[Finding]:
    """Existence, stability, growth of each line's untreated state; whether other starts lead elsewhere."""
    try:
        assay = Assay.compile(pathway, ["nFOXO3A"])
    except InputError as problem:
        yield Finding("error", "model", str(problem))
        return
    lines = list(pathway.cell_lines.values())
    parameters = assay.parameters(lines)
    steady = assay.engine.steady_state(parameters, fixed=(HELD,))
    growth = assay.engine.readout(parameters, steady.state)[:, -1]
    for line, status, stable, rate in zip(lines, steady.status, steady.stable, growth):
        if status > Status.reference:
            yield Finding("error", line.name, "no untreated steady state is reached")
        elif not stable:
            yield Finding("error", line.name, "the untreated steady state is not stable")
        elif line.doubling_h and not np.isclose(rate, np.log(2) / line.doubling_h, rtol=0.05):
            yield Finding(
                "warning",
                line.name,
                f"doubles in {np.log(2) / rate:.0f} h untreated, the line in {line.doubling_h:g} h",
            )
    yield from _totals(assay, lines, parameters, steady.state)
    yield from _branches(assay, lines, parameters, steady)


def _totals(assay: Assay, lines: list[CellLine], parameters: Floats, state: Floats) -> Iterator[Finding]:
    """No amount is below zero, and no active form exceeds the total that it is a part of."""
    names = assay.engine.states
    for line, row, at in zip(lines, parameters, state):
        for name in names:
            if at[names.index(name)] < -1e-9 and name != HELD:
                yield Finding("error", line.name, f"{name} is below 0 untreated")
        for name, entity in PARTS.items():
            value = {p: row[assay.engine.parameters.index(p)] for p in (f"{entity}_amount", f"f_{entity}")}
            total = value[f"{entity}_amount"] * value[f"f_{entity}"]
            if at[names.index(name)] > total * (1 + 1e-6):
                yield Finding("error", line.name, f"{name} exceeds all {entity} there is, {total:g} nM")


def _branches(
    assay: Assay, lines: list[CellLine], parameters: Floats, steady: SteadyStates
) -> Iterator[Finding]:
    """Whether a line has another untreated state: from a fifth and five times its own, and from those of all
    other lines.
    """
    cells = assay.engine.states.index(HELD)
    starts = {"a high start": steady.state * 5.0, "a low start": steady.state * 0.2}
    for line, state in zip(lines, steady.state):
        starts[f"a start from {line.name}"] = np.tile(state, (len(lines), 1))
    for words, start in starts.items():
        start[:, cells] = 0.0
        other = assay.engine.steady_state(parameters, start=np.nan_to_num(start), fixed=(HELD,))
        distance = np.max(np.abs(other.state - steady.state) / np.maximum(np.abs(steady.state), 1e-9), axis=1)
        for line, far, status in zip(lines, distance, other.status):
            if status <= Status.reference and far > APART:
                yield Finding("note", line.name, f"bistable: {words} leads to another untreated state")
