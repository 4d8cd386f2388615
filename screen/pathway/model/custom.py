"""A custom model as a pathway: its drugs, cell lines and readouts, as a mapping names them."""

import re
from collections.abc import Iterable, Mapping, Sequence

from screen.config.custom_model import PER_HOUR, Action, CustomDrug, CustomModel
from screen.errors import InputError, nearest
from screen.pathway.dosing.protocol import AssayProtocol
from screen.pathway.names import RESPONSES
from screen.pathway.pathway import Pathway
from screen.pathway.tables.cell_lines import CellLine
from screen.pathway.tables.drugs import Drug
from screen.units import Concentration, molar_mass

SWITCH = "stimulated"
DIRECT = re.compile(r"[A-Za-z_]\w*|(amount|concentration)\([A-Za-z_]\w*\)")
RESERVED = {*RESPONSES, "all", "status", "time", "cell_line", "combination", "draw", "schedule"}
TAKEN = re.compile(r"(drug|dose|concentration)_\d")


class BadMapping(InputError):
    """A mapping that does not fit its model; `key` is the dotted place in the mapping."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def symbol_id(name: str) -> str:
    """The identifier of a symbol in the rewritten model, where `reaction.parameter` is a global one."""
    return name.strip().replace(".", "_")


def slug(name: str) -> str:
    """A name as part of an identifier."""
    return re.sub(r"\W", "_", name.strip())


def dose_id(drug: str) -> str:
    return f"dose_{slug(drug)}"


def factor_id(entity: str) -> str:
    return f"f_{slug(entity)}"


def base_id(symbol: str) -> str:
    return f"base_{symbol_id(symbol)}"


def readout_id(name: str, formula: str) -> str:
    """The symbol to read: the formula itself where the engine knows it, else the rule that holds it."""
    return formula.strip() if DIRECT.fullmatch(formula.strip()) else f"readout_{slug(name)}"


def counted_formula(mapping: CustomModel) -> str:
    """The formula whose share of the untreated well's is the viability."""
    named = mapping.readouts.get(mapping.viability)
    return mapping.viability if named is None else named.formula


def actions(drug: CustomDrug) -> tuple[tuple[str, Action], ...]:
    """Every action of a drug, with the place in the mapping where it stands, relative to the drug."""
    return (("", drug), *((f".also.{index}", action) for index, action in enumerate(drug.also)))


def targets(mapping: CustomModel) -> dict[str, str]:
    """Every symbol whose value follows from lines, stimulus or drugs, and the place that names it first."""
    found: dict[str, str] = {}
    for entity, symbols in mapping.varies.items():
        for index, symbol in enumerate(symbols):
            found.setdefault(symbol_id(symbol), f"varies.{entity}.{index}")
    for symbol in mapping.stimulus:
        found.setdefault(symbol_id(symbol), f"stimulus.{symbol}")
    for name, drug in mapping.drugs.items():
        for place, action in actions(drug):
            found.setdefault(symbol_id(action.target), f"drugs.{name}{place}.target")
    return found


def custom_pathway(mapping: CustomModel, text: str, start: Sequence[float] = ()) -> Pathway:
    """The pathway of a mapping whose model, rewritten by `screen.pathway.model.custom_sbml`, is `text`, and whose
    states begin at `start` (S,).

    Raises `BadMapping` for names that the mapping itself does not hold.
    """
    drugs = {name: _drug(name, drug) for name, drug in mapping.drugs.items()}
    for what, ids in (("drugs", map(dose_id, mapping.drugs)), ("varies", map(factor_id, mapping.varies))):
        _distinct(what, ids)
    for name in mapping.readouts:
        if name in RESERVED or TAKEN.fullmatch(name) or not re.fullmatch(r"[^\W\d][^/]*", name):
            raise BadMapping(
                f"readouts.{name}",
                f"found a readout called '{name}', expected a name of its own that begins with a letter and "
                "has no slash, like `ratio: pAkt / Akt`",
            )
    rewritten = {symbol: base_id(symbol) for symbol in targets(mapping)}
    sets = [
        symbol_id(action.target)
        for drug in mapping.drugs.values()
        for _, action in actions(drug)
        if action.action == "sets concentration of"
    ]
    return Pathway(
        network="",
        parameters={},
        drugs=drugs,
        cell_lines=_cell_lines(mapping),
        observables=tuple(mapping.readouts),
        entities=tuple(mapping.varies),
        ligands=(),
        amounts=frozenset(),
        text=text,
        symbols={name: readout_id(name, one.formula) for name, one in mapping.readouts.items()},
        columns=rewritten | {entity: factor_id(entity) for entity in mapping.varies},
        units={name: one.units for name, one in mapping.readouts.items()},
        protocol=AssayProtocol(
            counted=readout_id("viability", counted_formula(mapping)),
            growth=None,
            logarithmic=False,
            per_hour=PER_HOUR[mapping.time_unit],
            steady=mapping.start == "steady state",
            switch=SWITCH if mapping.stimulus or mapping.doses else None,
            set_at_dosing=tuple(map(symbol_id, mapping.stimulus)),
            added_at_dosing=tuple(dict.fromkeys(sets)),
        ),
        start=tuple(start),
    )


def _distinct(what: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise BadMapping(what, f"two names become the identifier '{one}', expected names that differ")
        seen.add(one)


def _cell_lines(mapping: CustomModel) -> dict[str, CellLine]:
    reference = mapping.reference or next(iter(mapping.cell_lines))
    lines = {}
    for name, line in mapping.cell_lines.items():
        for entity in line.factors:
            if entity not in mapping.varies:
                known = ", ".join(mapping.varies) or "nothing"
                raise BadMapping(
                    f"cell_lines.{name}.factors.{entity}",
                    f"found a factor on '{entity}', expected one that `varies` names "
                    f"({known}){nearest(entity, mapping.varies)}",
                )
        values = {symbol_id(symbol): value for symbol, value in line.values.items()}
        lines[name] = CellLine(
            name=name,
            values={**line.factors, **values},
            parent=None if name == reference else reference,
            source=line.source or "the configuration",
        )
    return lines


def _drug(name: str, drug: CustomDrug) -> Drug:
    mass = molar_mass(drug)

    def nM(key: str, concentration: Concentration) -> float:
        try:
            return concentration.to_nM(mass)
        except InputError as error:
            raise BadMapping(f"drugs.{name}.{key}", f"{error}; molar_mass_kDa says it") from None

    low, high = nM("low", drug.low), nM("high", drug.high)
    if not 0 < low < high:
        raise BadMapping(f"drugs.{name}", f"found doses from {low:g} to {high:g} nM, expected 0 < low < high")
    return Drug(
        name=name,
        parameter=dose_id(name),
        drug_class="",
        targets=tuple(symbol_id(action.target) for _, action in actions(drug)),
        action="; ".join(f"{action.action} {action.target}" for _, action in actions(drug)),
        peak_nM=None if drug.peak is None else nM("peak", drug.peak),
        molar_mass_kDa=drug.molar_mass_kDa,
        antibody=drug.antibody,
        range_nM=(low, high),
        source=drug.source,
        note="",
        chembl_id="",
        aliases=(),
        potency_nM=potencies(name, drug, mass),
        measured_nM={},
        hill=drug.hill or 1.0,
        peak_source="",
    )


def potencies(name: str, drug: CustomDrug, mass: float | None) -> Mapping[str, float]:
    """IC50 or EC50 in nM of every action that has one, by target."""
    found, seen = {}, set[str]()
    for place, action in actions(drug):
        potency = action.IC50 or action.EC50
        if symbol_id(action.target) in seen:
            raise BadMapping(
                f"drugs.{name}{place}", f"{name} acts on '{action.target}' twice, expected it once"
            )
        seen.add(symbol_id(action.target))
        if potency is not None:
            try:
                found[symbol_id(action.target)] = potency.to_nM(mass)
            except InputError as error:
                key = "IC50" if action.IC50 else "EC50"
                raise BadMapping(f"drugs.{name}{place}.{key}", f"{error}; molar_mass_kDa says it") from None
    return found
