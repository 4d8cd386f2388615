"""The pathway as one frozen value: drugs, cell lines, names and the network's text, found by any spelling."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from screen.errors import plain
from screen.pathway.dosing.protocol import BUILT_IN, AssayProtocol
from screen.pathway.names import AMOUNTS, ENTITIES, LIGANDS, OBSERVABLES, UnknownName, factor_id, find
from screen.pathway.tables.absent_drugs import absent_drugs
from screen.pathway.tables.assemble import assemble, assemble_under_pressure
from screen.pathway.tables.cell_lines import CellLine, load_cell_lines
from screen.pathway.tables.drugs import Drug, load_drugs
from screen.pathway.tables.parameters import Parameter, load_parameters
from screen.pathway.tables.tsv import FOLDER


@dataclass(frozen=True)
class Pathway:
    """Biology as data. `text` is the whole model where a file of the user's stands in for what is assembled
    from the network, the parameters and the drugs.

    Where names are not the model's own: `symbols` of observables, `columns` (parameters) of what differs
    between lines, `entries` (parameters) of drugs; `units` of observables; `amounts` are the entities whose
    number is no factor. `start` are the sizes at which states of a custom model begin, in its own units.
    """

    network: str
    parameters: Mapping[str, Parameter]
    drugs: Mapping[str, Drug]
    cell_lines: Mapping[str, CellLine]
    observables: tuple[str, ...] = OBSERVABLES
    entities: tuple[str, ...] = ENTITIES
    ligands: tuple[str, ...] = LIGANDS
    text: str | None = None
    amounts: frozenset[str] = AMOUNTS
    symbols: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    entries: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    protocol: AssayProtocol = BUILT_IN
    start: tuple[float, ...] = ()

    @cached_property
    def source(self) -> str:
        """The model with every value and drug in it: assembled Antimony, or the user's text."""
        if self.text is not None:
            return self.text
        return assemble(self.network, self.parameters.values(), self.drugs)

    @property
    def source_under_pressure(self) -> str:
        """The built-in model with the pressure on each target as a parameter in place of drugs."""
        return assemble_under_pressure(self.network, self.parameters.values())

    @cached_property
    def unstated(self) -> dict[str, float]:
        """An entity's factor or amount in a line that does not state it: its parameter's value, 1 where the model has
        none of its own (custom models).
        """
        own = {name: self.parameters.get(factor_id(name)) for name in self.entities}
        return {name: 1.0 if one is None else one.value for name, one in own.items()}

    @cached_property
    def totals(self) -> dict[str, str]:
        """The symbol of an entity's total amount, of those whose total is in the model and no observable."""
        found = {name: f"{name}_total" for name in self.entities if name not in self.observables}
        return {name: symbol for name, symbol in found.items() if re.search(rf"\b{symbol}\b", self.source)}

    @cached_property
    def _drug_names(self) -> dict[str, str]:
        spelled = {name: name for name in self.drugs}
        for drug in self.drugs.values():
            spelled.update(dict.fromkeys(drug.aliases, drug.name))
        return spelled

    def drug(self, name: str) -> Drug:
        """The drug of that name or alias (`Herceptin`); UnknownName otherwise."""
        return self.drugs[self._drug_names[self._found(name, self._drug_names, "drug")]]

    def _found(self, name: str, known: Mapping[str, str], what: str, where: str = "") -> str:
        """`find`, which says why of a drug that the built-in model has no place for."""
        try:
            return find(name, known, what, where)
        except UnknownName:
            absent = None if self.is_custom else absent_drugs().get(plain(name))
            if absent is None:
                raise
            raise UnknownName(f"{where}: {absent.words}" if where else absent.words) from None

    def cell_line(self, name: str) -> CellLine:
        """The named line; UnknownName otherwise."""
        return self.cell_lines[find(name, self.cell_lines, "cell line")]

    def observable(self, name: str) -> str:
        """The canonical name of an observable; UnknownName otherwise."""
        return find(name, self.observables, "observable")

    def entity(self, name: str) -> str:
        """The canonical name of an entity; UnknownName otherwise."""
        return find(name, self.entities, "entity")

    def agent(self, name: str, where: str = "") -> str:
        """The canonical name of what can be dosed, a drug or a ligand; UnknownName otherwise."""
        known = {**self._drug_names, **{ligand: ligand for ligand in self.ligands}}
        return known[self._found(name, known, "drug or ligand", where)]

    def dose_parameter(self, name: str) -> str:
        """The model parameter, in nM, that doses a drug or a ligand; UnknownName otherwise."""
        if name in self.entries:
            return self.entries[name]
        agent = self.agent(name)
        return self.drugs[agent].parameter if agent in self.drugs else f"dose_{agent}"

    def symbol(self, observable: str) -> str:
        """The symbol of the model that an observable reads."""
        return self.symbols.get(observable, observable)

    def column(self, name: str) -> str:
        """The model parameter that holds an entity's factor or amount, or a value of the model."""
        return self.columns.get(name, factor_id(name) if name in self.entities else name)

    @property
    def is_custom(self) -> bool:
        """Whether the model is a custom one, to which nothing of the built-in tables applies."""
        return not self.protocol.logarithmic

    def with_values(self, values: Mapping[str, float]) -> "Pathway":
        """The same pathway with other parameter values (bounds are widened to hold them)."""
        changed = dict(self.parameters)
        for name, value in values.items():
            known = changed[find(name, changed, "parameter")]
            changed[known.id] = replace(
                known, value=value, lower=min(known.lower, value), upper=max(known.upper, value)
            )
        return replace(self, parameters=changed)


def load_pathway() -> Pathway:
    """The built-in pathway of HER2-positive breast cancer; reads its tables only, in milliseconds."""
    parameters = load_parameters()
    return Pathway(
        network=(FOLDER / "her2_igf1r.ant").read_text(encoding="utf-8"),
        parameters=parameters,
        drugs=load_drugs(),
        cell_lines=load_cell_lines(frozenset(ENTITIES) | frozenset(parameters)),
    )
