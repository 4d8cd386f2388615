"""What the schema says of a variable and of a group, and how a writer makes variables of it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from screen.cube.netcdf import Variable

NOTHING: Mapping[str, Any] = {}
PLACE = re.compile(r"\{(\w+)\}")
OPTIONAL = re.compile(r"\[(.+)\]")


@dataclass(frozen=True)
class VariableSpec:
    """One row of the schema. `name`, `units` and `long_name` may have places such as `{readout}` that a writer
    fills; `dims` are in order, those in brackets only when asked for; texts and codes have no units.
    """

    name: str
    dims: str
    units: str
    long_name: str
    sign: str = ""

    def dims_of(self, present: Collection[str], **words: object) -> tuple[str, ...]:
        """The dimensions, with those in brackets that are `present`."""
        known = ((OPTIONAL.sub(r"\1", dim), dim[0] != "[") for dim in self.dims.format(**words).split())
        return tuple(dim for dim, always in known if always or dim in present)

    def allows(self, dims: Sequence[str], **words: object) -> bool:
        """Whether a variable may have these dimensions in this order."""
        return self.dims_of(dims, **words) == tuple(dims)

    def attributes(self, **words: object) -> dict[str, str]:
        """`units`, `long_name` and `sign`, as far as it has them."""
        found = {"units": self.units, "long_name": self.long_name, "sign": self.sign}
        return {key: text.format(**words) for key, text in found.items() if text}


@dataclass(frozen=True)
class GroupSpec:
    """A group of the cube: its path, what it is for, and its rows, the more special before the more general."""

    path: str
    about: str
    rows: tuple[VariableSpec, ...]

    @cached_property
    def _by_name(self) -> dict[str, VariableSpec]:
        return {row.name: row for row in self.rows}

    def attributes(self, name: str, /, **words: object) -> dict[str, str]:
        """The attributes of the row `name`, for a variable whose dimensions are the writer's."""
        return self._by_name[name].attributes(**words)

    def variables(
        self,
        values: Mapping[str, Any],
        present: Collection[str] = (),
        more: Mapping[str, Any] = NOTHING,
        **words: object,
    ) -> dict[str, Variable]:
        """Variables of this group by name: `values` are by their rows' names, `present` are the optional
        dimensions that they have, `more` are further attributes, `words` fill the places.
        """
        found = {}
        for name, array in values.items():
            row = self._by_name[name]
            attributes = {**row.attributes(**words), **more}
            found[name.format(**words)] = Variable(row.dims_of(present, **words), array, attributes)
        return found

    def row_of(
        self, name: str, known: Mapping[str, Collection[str]] = NOTHING
    ) -> tuple[VariableSpec, dict[str, str]] | None:
        """The row that the variable `name` is of and what fills its places, of which `known` lists what there
        is; None where the schema has no such variable.
        """
        for row in self.rows:
            pattern = PLACE.sub(lambda place: f"(?P<{place[1]}>{_one_of(known.get(place[1]))})", row.name)
            if found := re.fullmatch(pattern, name):
                return row, found.groupdict()
        return None


def _one_of(names: Collection[str] | None) -> str:
    return (
        r"\w+" if names is None else "|".join(map(re.escape, sorted(names, key=len, reverse=True))) or r"(?!)"
    )
