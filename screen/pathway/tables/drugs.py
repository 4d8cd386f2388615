"""Drugs as data: what each binds, how tightly, and over which doses it is tested.

A drug acts through pressures: the target's pressure `u_<target>` is the sum over drugs of (concentration /
potency) ** hill; the model turns a pressure into what remains, 1 / (1 + u) unless its text says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from screen.errors import InputError, plain
from screen.pathway.tables.tsv import FOLDER, assignments, number, read_table

COLUMNS = [
    "name",
    "aliases",
    "parameter",
    "drug_class",
    "action",
    "potency_nM",
    "measured_nM",
    "hill",
    "peak_nM",
    "molar_mass_kDa",
    "antibody",
    "low_nM",
    "high_nM",
    "chembl_id",
    "source",
    "peak_source",
    "note",
]


@dataclass(frozen=True)
class Drug:
    """A compound or antibody. Concentrations and potencies in nM, molar mass in kDa."""

    name: str
    parameter: str
    drug_class: str
    targets: tuple[str, ...]
    action: str
    peak_nM: float | None
    molar_mass_kDa: float | None
    antibody: bool
    range_nM: tuple[float, float]
    source: str
    note: str
    chembl_id: str
    aliases: tuple[str, ...]
    potency_nM: Mapping[str, float]
    measured_nM: Mapping[str, float]
    hill: float
    peak_source: str


def load_drugs(path: Path = FOLDER / "drugs.tsv") -> dict[str, Drug]:
    """Drugs by canonical name, in the table's order."""
    drugs: dict[str, Drug] = {}
    for row in read_table(path, COLUMNS):
        where = f"{path.name}: {row['name']}"
        potency = assignments(row["potency_nM"], where)
        measured = assignments(row["measured_nM"], where)
        low, high = number(row, "low_nM", where), number(row, "high_nM", where)
        if set(potency) != set(measured):
            raise InputError(f"{where}: potency_nM and measured_nM name different targets")
        if not row["source"]:
            raise InputError(f"{where}: no source")
        for target, value in potency.items():
            if not measured[target] / 10 <= value <= measured[target] * 10:
                raise InputError(
                    f"{where}: {target} {value:g} nM is over 10-fold off its measured {measured[target]:g} nM"
                )
        if not 0 < low < high:
            raise InputError(f"{where}: standard range {low:g} to {high:g} nM, expected 0 < low < high")
        drugs[row["name"]] = Drug(
            name=row["name"],
            parameter=row["parameter"],
            drug_class=row["drug_class"],
            targets=tuple(potency),
            action=row["action"],
            peak_nM=number(row, "peak_nM", where) if row["peak_nM"] else None,
            molar_mass_kDa=number(row, "molar_mass_kDa", where),
            antibody=row["antibody"] == "yes",
            range_nM=(low, high),
            source=row["source"],
            note=row["note"],
            chembl_id=row["chembl_id"],
            aliases=tuple(filter(None, row["aliases"].split(";"))),
            potency_nM=potency,
            measured_nM=measured,
            hill=number(row, "hill", where) if row["hill"] else 1.0,
            peak_source=row["peak_source"],
        )
    return drugs


def known_drug(name: str) -> str:
    """The name that the table has for a drug, its brand or an alias (`Herceptin`); its own where it has none."""
    return _spellings().get(plain(name), name)


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    """Names and aliases, as they are compared, to the drug's name."""
    return {plain(text): drug.name for drug in load_drugs().values() for text in (*drug.aliases, drug.name)}


def pressure_rules(drugs: Mapping[str, Drug], targets: set[str]) -> list[str]:
    """Antimony lines: each drug's concentration as a parameter, and `u_<target>` of each target."""
    lines = []
    terms: dict[str, list[str]] = {target: [] for target in sorted(targets)}
    for drug in drugs.values():
        lines.append(f"{drug.parameter} = 0;")
        for target, potency in drug.potency_nM.items():
            lines.append(f"{potency_id(drug, target)} = {potency!r};")
            ratio = f"{drug.parameter}/{potency_id(drug, target)}"
            terms[target].append(ratio if drug.hill == 1 else f"({ratio})^{drug.hill:g}")
    lines.extend(f"u_{target} := {' + '.join(parts) or '0'};" for target, parts in terms.items())
    return lines


def potency_id(drug: Drug, target: str) -> str:
    """The model parameter that holds a drug's potency (nM) on a target."""
    return f"K_{drug.parameter}_{target}"
