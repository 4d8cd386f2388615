"""Edges of the network that can be clamped: each a symbol of the model and the rules and reactions in which
it is replaced by a switch between itself and a clamped value. One model then holds every counterfactual: with
`clamp_<id>` at 0 it is the model itself, at 1 the edge carries `held_<id>` whatever the cell does.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from screen.errors import InputError
from screen.pathway.tables.drugs import Drug, potency_id
from screen.pathway.tables.tsv import FOLDER, read_table

COLUMNS = ["id", "source", "target", "symbol", "where", "words"]


@dataclass(frozen=True)
class Clamp:
    """An edge `source` -> `target` that reads `symbol` (an expression of the model) in the rules and
    reactions `where`.
    """

    id: str
    source: str
    target: str
    symbol: str
    where: tuple[str, ...]
    words: str

    @property
    def switch(self) -> str:
        return f"clamp_{self.id}"

    @property
    def clamped(self) -> str:
        return f"held_{self.id}"

    @property
    def value(self) -> str:
        """The model's symbol for what the edge carries unclamped."""
        return f"edge_{self.id}"


def load_clamps(path: Path = FOLDER / "clamps.tsv") -> tuple[Clamp, ...]:
    """The edges of the table."""
    rows = read_table(path, COLUMNS)
    return tuple(
        Clamp(
            row["id"],
            row["source"],
            row["target"],
            row["symbol"],
            tuple(row["where"].split(";")),
            row["words"],
        )
        for row in rows
    )


def drug_clamps(drugs: Iterable[Drug]) -> tuple[Clamp, ...]:
    """A clamp for every target of each drug: what it holds is the target without that drug."""
    return tuple(
        Clamp(
            id=f"{drug.parameter}_{target}",
            source=drug.name,
            target=target,
            symbol=f"{drug.parameter}/{potency_id(drug, target)}",
            where=(f"u_{target}",),
            words=f"{drug.name} acts on {target.replace('_', ' ')}",
        )
        for drug in drugs
        for target in drug.targets
    )


def with_clamps(source: str, clamps: Sequence[Clamp]) -> str:
    """The Antimony text of a model with switches on these edges, all open.

    Raises `InputError` for a rule or reaction that is not there or does not read the edge's symbol.
    """
    head, end, _ = source.rpartition("\nend")
    if not end:
        raise InputError("the model's text has no line 'end'")
    lines = head.split("\n")
    added = []
    for clamp in clamps:
        flow = f"flow_{clamp.id}"
        for name in clamp.where:
            number = _statement(lines, name, clamp)
            lines[number] = _replaced(lines[number], flow, clamp)
        added += [
            f"{clamp.switch} = 0;",
            f"{clamp.clamped} = 0;",
            f"{clamp.value} := {clamp.symbol};",
            f"{flow} := {clamp.value} + {clamp.switch}*({clamp.clamped} - {clamp.value});",
        ]
    return "\n".join([*lines, "// ---- Clamps", *added, "end", ""])


def _statement(lines: Sequence[str], name: str, clamp: Clamp) -> int:
    """The line of the rule or reaction `name`."""
    begins = re.compile(rf"{re.escape(name)}\s*(:=|:(?!=))")
    for number, line in enumerate(lines):
        if begins.match(line.strip()):
            return number
    raise InputError(f"clamp {clamp.id}: the model has no rule or reaction '{name}'")


def _replaced(line: str, flow: str, clamp: Clamp) -> str:
    """A statement that reads `flow` where its formula read the clamp's symbol."""
    start = line.index(":=") + 2 if ":=" in line else line.index(";", line.index("->")) + 1
    formula, count = re.subn(rf"(?<![\w.]){re.escape(clamp.symbol)}(?!\w)", flow, line[start:])
    if not count:
        found = line.strip()
        raise InputError(f"clamp {clamp.id}: expected '{clamp.symbol}' in '{found[:120]}'")
    return line[:start] + formula
