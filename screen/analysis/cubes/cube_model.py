"""A cube's lines with their values and its model, as the pathway knows them, from nothing else than the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from screen.arrays import Array
from screen.config.custom_model import CustomModel
from screen.config.screen import parse_config
from screen.config.yaml_files.told_paths import found as resolved
from screen.cube.reader import CubeReader
from screen.errors import InputError
from screen.pathway import Assay, CellLine, Clone, Exposure, Pathway, load_pathway
from screen.pathway.dosing.exposure import Piece
from screen.pathway.model.custom import custom_pathway
from screen.runner.readouts.expressions import parse_expression
from screen.runner.readouts.readouts import Composed
from screen.runner.simulate.model import model_sha256, pathway_of

PIECE = ("begin", "level", "decay", "slope")


@contextmanager
def opened(cube: str | Path | CubeReader) -> "Iterator[CubeModel]":
    """The cube at a path, open for reading, or one that is open already and stays so; `InputError` where no cube of
    this version stands there.
    """
    if isinstance(cube, CubeReader):
        yield CubeModel(cube)
        return
    with CubeReader.open(cube) as reader:
        yield CubeModel(reader)


@dataclass(frozen=True)
class CubeModel:
    """What an open cube says of its lines, doses and model, as values of the pathway."""

    reader: CubeReader

    @cached_property
    def lines(self) -> list[CellLine]:
        """The lines with every value that the panel states."""
        panel = self.reader.part("panel")
        factor = panel["factor"].values
        clones: dict[str, list[Clone]] = {}
        if "clone" in panel:
            rows = zip(
                panel["clone_of"].texts,
                panel["clone"].texts,
                panel["clone_fraction"].values,
                panel["clone_factor"].values,
                strict=True,
            )
            for line, name, fraction, own in rows:
                clones.setdefault(line, []).append(Clone(self._line(name, own), float(fraction)))
        return [
            replace(self._line(name, row), clones=tuple(clones.get(name, ())))
            for name, row in zip(panel["cell_line"].texts, factor, strict=True)
        ]

    def _line(self, name: str, row: Array) -> CellLine:
        """A line with the values of a row of the panel."""
        known = zip(self._quantities, row, strict=True)
        return CellLine(name=name, values={key: float(value) for key, value in known if np.isfinite(value)})

    @cached_property
    def _quantities(self) -> tuple[str, ...]:
        return self.reader.part("panel")["quantity"].texts

    @cached_property
    def composed(self) -> Composed:
        """How readouts are made that the model does not report itself."""
        expressions, shares = {}, {}
        for name in self.reader.readouts:
            said = self.reader.root[name].attributes
            if "expression" in said:
                units = dict.fromkeys(str(said["expression_of"]).split(), "1")
                expressions[name] = parse_expression(str(said["expression"]), units)
            if "clone" in said:
                shares[name] = str(said["clone"])
        return Composed(expressions, shares)

    @cached_property
    def exposures(self) -> tuple[Exposure, ...]:
        """How drugs are given, by number; only the constant dose in a cube without schedules."""
        schedules = self.reader.group("schedules")
        if schedules is None:
            return (Exposure(),)
        table = np.stack([schedules[name].values for name in PIECE], axis=-1)
        return tuple(
            Exposure(tuple(Piece(*map(float, piece)) for piece in rows if np.isfinite(piece[0])))
            for rows in table
        )

    def pathway(self) -> Pathway:
        """The pathway at hand, when it is the one of the cube; `InputError` otherwise."""
        found = pathway_of(parse_config(resolved(self.reader.config, Path(self.reader.name).parent)))
        if model_sha256(found) != self.reader.identity["model_source_sha256"]:
            raise InputError(f"{self.reader.name}: made with another model than the one that is here")
        return found

    def builtin(self, question: str) -> Pathway:
        """The same where a `question` rests on the built-in tables; `InputError` for a custom model."""
        found = self.pathway()
        if found.is_custom:
            raise InputError(
                f"{self.reader.name}: a screen of a custom model; {question}, expected a screen of "
                "the built-in one"
            )
        return found

    def assay(self) -> Assay:
        """The model of the file, compiled."""
        text, provenance = self.reader.text("model_sbml"), self.reader.part("provenance")
        signals = self.composed.signals(self.reader.readouts)
        mapping = parse_config(self.reader.config).model
        if isinstance(mapping, CustomModel):
            return Assay.compile(custom_pathway(mapping, text), signals, **self.reader.solver)
        entries = zip(provenance["drug"].texts, provenance["dose_parameter"].texts, strict=True)
        pathway = replace(load_pathway(), text=text, entries=dict(entries))
        return Assay.compile(pathway, signals, **self.reader.solver)
