"""A cube's file as the questions of this room read it: the lines with their values, the doses and the model,
from nothing else than the file.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.arrays import Array
from screen.config.custom_model import OwnModel
from screen.config.screen import parse_config
from screen.errors import InputError
from screen.pathway import Assay, CellLine, Clone, Exposure, Pathway, load_pathway
from screen.pathway.dosing.exposure import Piece
from screen.pathway.model.custom import own_pathway
from screen.runner.plan.cube_variables import ENDS
from screen.runner.readouts.expressions import parse_expression
from screen.runner.readouts.readouts import Composed
from screen.runner.simulate.model import model_sha256, pathway_of

if TYPE_CHECKING:
    import h5py


PIECE = ("begin", "level", "decay", "slope")


@contextmanager
def opened(path: str | Path) -> "Iterator[CubeFile]":
    """The cube at `path`, open for reading; `InputError` where no cube of this version stands there."""
    import h5py

    if not Path(path).is_file():
        raise InputError(f"{path}: no such file, expected a cube made by `herscreen run`")
    try:
        try:
            file = h5py.File(path, "r", locking=False)
        except OSError as error:
            if "flag" not in str(error):
                raise
            file = h5py.File(path, "r")  # open in this process already, and locked as by default
        with file:
            yield CubeFile(file)
    except (OSError, KeyError) as error:
        words = " ".join(str(error).strip("'\"").split())
        raise InputError(
            f"{path}: not a cube of this version, a part of the cube is not there ({words})"
        ) from None


class CubeFile:
    """An open cube."""

    def __init__(self, file: "h5py.File") -> None:
        self.file = file

    def texts(self, name: str) -> list[str]:
        return self.texts_of(self.file, name)

    def texts_of(self, group: "h5py.Group", name: str) -> list[str]:
        """A variable of texts of a group."""
        return [str(text) for text in group[name].asstr()[...]]

    @cached_property
    def config(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.file["provenance/config"].asstr()[()])
        return found

    @cached_property
    def solver(self) -> dict[str, float]:
        found: dict[str, float] = json.loads(self.file["provenance/solver"].asstr()[()])
        return found

    @cached_property
    def lines(self) -> list[CellLine]:
        """The lines with every value that the panel states."""
        factor = self.file["panel/factor"][...]
        clones: dict[str, list[Clone]] = {}
        if "clone" in self.file["panel"]:
            rows = zip(
                self.texts("panel/clone_of"),
                self.texts("panel/clone"),
                self.file["panel/clone_fraction"][...],
                self.file["panel/clone_factor"][...],
                strict=True,
            )
            for line, name, fraction, own in rows:
                clones.setdefault(line, []).append(Clone(self._line(name, own), float(fraction)))
        return [
            replace(self._line(name, row), clones=tuple(clones.get(name, ())))
            for name, row in zip(self.texts("panel/cell_line"), factor, strict=True)
        ]

    def _line(self, name: str, row: Array) -> CellLine:
        """A line with the values of a row of the panel."""
        known = zip(self._quantities, row, strict=True)
        return CellLine(name=name, values={key: float(value) for key, value in known if np.isfinite(value)})

    @cached_property
    def _quantities(self) -> list[str]:
        return self.texts("panel/quantity")

    @cached_property
    def readouts(self) -> tuple[str, ...]:
        """What was simulated, without the means and the ends of intervals over draws that stand beside it."""
        dims = len(self.file["viability"].shape)
        found = [name for name in self.file if getattr(self.file[name], "ndim", 0) == dims]
        ends = {f"{name}_{end}" for name in found for end in ENDS}
        return tuple(name for name in found if name not in ends)

    def doses(self, row: int, column: int) -> tuple[Array, Array]:
        """The doses of drug 1 and drug 2 in nM of one line and combination, without padding."""
        found = []
        for name in ("concentration_1", "concentration_2"):
            grid = self.file[name]
            levels = np.asarray(grid[row, column] if grid.ndim == 3 else grid[column], float)
            found.append(levels[np.isfinite(levels)])
        return found[0], found[1]

    @cached_property
    def composed(self) -> Composed:
        """How readouts are made that the model does not report itself."""
        expressions, shares = {}, {}
        for name in self.readouts:
            said = self.file[name].attrs
            if "expression" in said:
                units = dict.fromkeys(str(said["expression_of"]).split(), "1")
                expressions[name] = parse_expression(str(said["expression"]), units)
            if "clone" in said:
                shares[name] = str(said["clone"])
        return Composed(expressions, shares)

    @cached_property
    def exposures(self) -> tuple[Exposure, ...]:
        """How drugs are given, by number; only the constant dose in a cube without schedules."""
        if "schedules" not in self.file:
            return (Exposure(),)
        table = np.stack([self.file[f"schedules/{name}"][...] for name in PIECE], axis=-1)
        return tuple(
            Exposure(tuple(Piece(*map(float, piece)) for piece in rows if np.isfinite(piece[0])))
            for rows in table
        )

    def pathway(self) -> Pathway:
        """The pathway at hand, when it is the one of the cube; `InputError` otherwise."""
        found = pathway_of(parse_config(self.config))
        if model_sha256(found) != self.file["provenance"].attrs["model_source_sha256"]:
            raise InputError(f"{self.file.filename}: made with another model than the one that is here")
        return found

    def builtin(self, question: str) -> Pathway:
        """The same where a `question` rests on the built-in tables; `InputError` for a model of the user's
        own.
        """
        found = self.pathway()
        if found.is_own:
            raise InputError(
                f"{self.file.filename}: a screen of a model of your own; {question}, expected a screen of "
                "the built-in one"
            )
        return found

    def assay(self) -> Assay:
        """The model of the file, compiled."""
        text = self.file["provenance/model_sbml"].asstr()[()]
        signals = self.composed.signals(self.readouts)
        mapping = parse_config(self.config).model
        if isinstance(mapping, OwnModel):
            return Assay.compile(own_pathway(mapping, text), signals, **self.solver)
        entries = zip(self.texts("provenance/drug"), self.texts("provenance/dose_parameter"), strict=True)
        pathway = replace(load_pathway(), text=text, entries=dict(entries))
        return Assay.compile(pathway, signals, **self.solver)
