"""A cube read: the one way in which report, analysis, synergy, runner and commands look into a cube. Names,
dimensions and attributes are known at once, values are read when asked for.

    with CubeReader.open("results/quickstart.h5") as cube:
        viability = cube.root["viability"].array("cell_line", "combination", "dose_1", "dose_2", time=-1)
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from screen.arrays import Array
from screen.cube.digests import DAMAGE, LONGEST_WORDS, digests_of
from screen.cube.schema import ENDS
from screen.cube.stored import StoredGroup, StoredVariable, of_dataset, of_file, open_file
from screen.cube.tree import TRIPLES, triples_of
from screen.errors import InputError
from screen.html_table import html_table, some

if TYPE_CHECKING:
    import xarray as xr

READOUT = ("cell_line", "combination", "dose_1", "dose_2", "time")


def of_draws(name: str, known: Collection[str]) -> bool:
    """Whether a variable only says how another of the `known` ones varies over parameter draws."""
    base, _, end = name.rpartition("_")
    return end in ENDS and base in known


@dataclass(frozen=True)
class Check:
    """One control's verdict: `value` against `limit`, and a sentence for people."""

    name: str
    passed: bool
    value: float
    limit: float
    sentence: str


@dataclass(frozen=True)
class CubeReader:
    """An open cube. `group` gives the group of a path, `""` the root; a missing one is None."""

    name: str
    group: Callable[[str], StoredGroup | None]
    close: Callable[[], None] = field(default=lambda: None)

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """The cube at `path`; `InputError` where there is none. It is closed by `with`, or once forgotten."""
        file, known = open_file(path), dict[str, StoredGroup | None]()
        digests = digests_of(file, path)

        def group(where: str) -> StoredGroup | None:
            if where not in known:
                name = f"{path}{f', /{where}' * bool(where)}"
                try:
                    found = file[where or "/"] if not where or where in file else None
                    if found is None and digests is not None and digests.has(f"{where}/"):
                        raise InputError(f"{path}: a part of the cube is not there: found no group /{where}")
                    known[where] = None if found is None else of_file(found, name, digests, where)
                except InputError:
                    raise
                except DAMAGE as error:
                    words = " ".join(str(error).split())[:LONGEST_WORDS]
                    raise InputError(f"{path}: the group /{where} cannot be read ({words})") from None
            return known[where]

        return cls(str(path), group, file.close)

    @classmethod
    def of_tree(cls, tree: "xr.DataTree") -> Self:
        """The cube in a tree such as `screen.open_cube` gives, file or none behind it."""

        def group(where: str) -> StoredGroup | None:
            first, _, rest = where.partition("/")
            if first == TRIPLES:
                data = triples_of(tree, rest)
            elif not where:
                data = tree.to_dataset()
            else:
                data = tree.children[where].to_dataset() if where in tree.children else None
            return None if data is None else of_dataset(data, f"the cube{f', /{where}' * bool(where)}")

        return cls("the cube", group)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _repr_html_(self) -> str:
        """What a notebook shows: how large the screen is, and what its controls say."""
        viability = self.root["viability"]
        shape = " x ".join(
            f"{size:,} {dim}" for dim, size in zip(viability.dims, viability.shape, strict=True)
        )
        rows = [
            ("responses", shape),
            ("cell lines", some(self.cell_lines)),
            ("combinations", some(self.combinations)),
            ("times", some([f"{hours:g} h" for hours in self.times_h.tolist()])),
            ("readouts", some(self.readouts)),
            ("scores", some(self.models)),
            *((f"control {'passed' if check.passed else 'FAILED'}", check.sentence) for check in self.checks),
        ]
        return html_table(f"Cube {self.name}", rows)

    def part(self, where: str) -> StoredGroup:
        """The group of a path; `InputError` where it is missing."""
        found = self.group(where)
        if found is None:
            raise InputError(
                f"{self.name}: not a cube of this version, a part of the cube is not there: found no group "
                f"/{where}"
            )
        return found

    def get(self, where: str, name: str) -> StoredVariable | None:
        """A variable of a group; None where either is missing."""
        found = self.group(where)
        return None if found is None else found.get(name)

    @cached_property
    def root(self) -> StoredGroup:
        return self.part("")

    @cached_property
    def cell_lines(self) -> tuple[str, ...]:
        return self.root["cell_line"].texts

    @cached_property
    def combinations(self) -> tuple[str, ...]:
        return self.root["combination"].texts

    def drugs(self, number: int) -> tuple[str, ...]:
        """The first, 1, or second drug, 2, of every combination."""
        return self.root[f"drug_{number}"].texts

    @cached_property
    def times_h(self) -> Array:
        """The assay times in hours, (time,)."""
        return np.asarray(self.root["time"].values, float)

    @cached_property
    def schedules(self) -> tuple[str, ...]:
        """The schedules; none where every drug is given throughout."""
        found = self.root.get("schedule")
        return () if found is None else found.texts

    def concentrations(self, number: int) -> Array:
        """Doses of the first, 1, or second drug, 2, in nM: (cell_line or 1, combination, dose), index 0 is 0,
        padded with NaN.
        """
        found, dim = self.root[f"concentration_{number}"], f"dose_{number}"
        if "cell_line" in found.dims:
            return np.asarray(found.array("cell_line", "combination", dim), float)
        return np.asarray(found.array("combination", dim), float)[None]

    def doses(self, line: int, combination: int) -> tuple[Array, Array]:
        """The doses of both drugs in nM at a line and a combination, without padding."""
        at = {"cell_line": line, "combination": combination}
        one, two = (
            np.asarray(self.root[f"concentration_{k}"].array(f"dose_{k}", **at), float) for k in (1, 2)
        )
        return one[np.isfinite(one)], two[np.isfinite(two)]

    @cached_property
    def readouts(self) -> tuple[str, ...]:
        """What was simulated, without the means and the ends of intervals over draws that go with it."""
        known = [name for name in self.root if not of_draws(name, self.root.names)]
        return tuple(name for name in known if set(READOUT) <= set(self.root[name].dims))

    @cached_property
    def models(self) -> tuple[str, ...]:
        """The reference models of `/scores`, in the order of the file."""
        scores = self.group("scores")
        if scores is None:
            return ()
        names = [name.removesuffix("_excess") for name in scores if name.endswith("_excess")]
        return tuple(name for name in names if name in scores)

    def text(self, name: str) -> str:
        """A scalar text of `/provenance`."""
        return str(self.part("provenance")[name][()])

    @cached_property
    def config(self) -> dict[str, Any]:
        """The resolved configuration."""
        return self._mapping("config")

    @cached_property
    def solver(self) -> dict[str, float]:
        """The tolerances `rtol` and `atol`."""
        return self._mapping("solver")

    @cached_property
    def skill(self) -> dict[str, Any]:
        """What predictions of such classes were worth on measured cells: `combinations`, the class of each by name, and
        `classes`, each one's `measure`, `n`, `value`, `low`, `high`, `verdict` and `source`; and `calibrated`, the
        `lines` and `drugs` on which the model was. Empty for a model of one's own and in cubes of before.
        """
        if self.get("provenance", "skill") is None or self.text("skill") == "null":
            return {}
        return self._mapping("skill")

    def _mapping(self, name: str) -> dict[str, Any]:
        """A mapping that is kept as JSON; `InputError` where it is damaged."""
        try:
            found = json.loads(self.text(name))
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise InputError(f"{self.name}: /provenance/{name} is damaged, expected a mapping in JSON")
        return found

    @cached_property
    def identity(self) -> dict[str, str]:
        """What the cube says of its run: what `/provenance` has as attributes."""
        return {name: str(value) for name, value in self.part("provenance").attributes.items()}

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """The verdicts of the run's controls; none for a cube without controls."""
        group = self.group("controls")
        if group is None or "check" not in group:
            return ()
        numbers = (group[name].values.tolist() for name in ("passed", "value", "limit"))
        rows = zip(group["check"].texts, *numbers, group["sentence"].texts, strict=True)
        return tuple(Check(name, bool(passed), *values) for name, passed, *values in rows)
