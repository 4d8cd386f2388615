"""The pathway model's health: symbols, sources, units, and the untreated states of the named lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from screen.errors import InputError
from screen.pathway import Assay, Pathway
from screen.pathway.exchange import sbml_text

SYMBOL = re.compile(r"[A-Za-z_]\w*")
WORDS = frozenset({"model", "compartment", "species", "in", "cell", "end", "her2_igf1r"})
SLOWEST_H = 24 * 60.0
APART = 0.02


@dataclass(frozen=True)
class Finding:
    """One thing found: `level` is error, warning or note."""

    level: str
    where: str
    text: str


def check_model(pathway: Pathway) -> list[Finding]:
    """All findings, errors first."""
    found = [*_symbols(pathway), *_sources(pathway), *_document(pathway), *_untreated(pathway)]
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
                yield Finding(
                    "warning", "parameters.tsv", f"'{parameter.id}' stands at the edge of its bounds"
                )
    for drug in pathway.drugs.values():
        if not drug.chembl_id:
            yield Finding("note", "drugs.tsv", f"{drug.name} has no ChEMBL id")
        if drug.peak_source == "assumed":
            yield Finding("note", "drugs.tsv", f"the clinical peak of {drug.name} is assumed")


def _document(pathway: Pathway) -> Iterator[Finding]:
    try:
        sbml_text(pathway)
    except InputError as problem:
        yield Finding("error", "SBML", str(problem))


def _untreated(pathway: Pathway) -> Iterator[Finding]:
    """Existence, stability, growth of each line's untreated state; whether other starts lead elsewhere."""
    try:
        assay = Assay.compile(pathway, ["nFOXO3A"])
    except InputError as problem:
        yield Finding("error", "model", str(problem))
        return
    lines = list(pathway.cell_lines.values())
    parameters = assay.parameters(lines)
    steady = assay.engine.steady_state(parameters, held=("log_cells",))
    growth = assay.engine.readout(parameters, steady.state)[:, -1]
    for line, status, stable, rate in zip(lines, steady.status, steady.stable, growth):
        if status > 2:
            yield Finding("error", line.name, "no untreated steady state is reached")
        elif not stable:
            yield Finding("error", line.name, "the untreated steady state is not stable")
        elif line.doubling_h and not np.isclose(rate, np.log(2) / line.doubling_h, rtol=0.05):
            yield Finding(
                "warning",
                line.name,
                f"doubles in {np.log(2) / rate:.0f} h untreated, the line in {line.doubling_h:g} h",
            )
    cells = assay.engine.states.index("log_cells")
    for factor, start in (("high", 5.0), ("low", 0.2)):
        shifted = steady.state * start
        shifted[:, cells] = 0.0
        other = assay.engine.steady_state(parameters, start=shifted, held=("log_cells",))
        scale = np.maximum(np.abs(steady.state), 1e-9)
        distance = np.max(np.abs(other.state - steady.state) / scale, axis=1)
        for line, far, status in zip(lines, distance, other.status):
            if status <= 2 and far > APART:
                yield Finding(
                    "note", line.name, f"bistable: a {factor} start leads to another untreated state"
                )
