"""A cell line of a configuration that is a mixture of clones."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from screen.config.cell_lines import LineSpec
from screen.config.screen import ScreenConfig
from screen.errors import nearest, plain
from screen.pathway import CellLine, Clone

if TYPE_CHECKING:
    from screen.pathway import CellLine, Clone, Pathway

Lines = Mapping[str, tuple["CellLine", Mapping[str, float]]]


def mixture_of(
    config: ScreenConfig, key: str, spec: LineSpec, pathway: "Pathway", above: Lines
) -> "CellLine":
    """The population that an entry of `cell_lines` stands for. A clone is a line of an entry `above` it, with
    that one's perturbation, or else a named line. Raises `InputError` that names the place.
    """
    assert spec.name is not None
    if plain(spec.name) in {plain(name) for name in pathway.cell_lines}:
        raise config.error(key, f"found a mixture called '{spec.name}', expected a name of its own")
    known: dict[str, tuple[CellLine, Mapping[str, float]]] = {
        plain(line.name): (line, {}) for line in pathway.cell_lines.values()
    }
    known |= above
    total = sum(spec.mixture.values())
    clones: list[Clone] = []
    for name, share in spec.mixture.items():
        where = f"{key}.mixture.{name}"
        if plain(name) not in known:
            names = [line.name for line, _ in known.values()]
            expected = "expected a named line or a line above this one"
            raise config.error(where, f"unknown clone '{name}'{nearest(name, names)}; {expected}")
        line, perturbation = known[plain(name)]
        if line.clones:
            raise config.error(where, f"'{line.name}' is a mixture itself, expected its clones one by one")
        if line.name in {clone.line.name for clone in clones}:
            raise config.error(where, f"duplicate clone '{line.name}', expected it once")
        clones.append(Clone(line, share / total, dict(perturbation)))
    return CellLine(name=spec.name, values=mean_values(pathway, clones), clones=tuple(clones))


def mean_values(pathway: "Pathway", clones: "list[Clone]") -> dict[str, float]:
    """The mean over the cells of every quantity in which a clone differs from the reference line; parameters
    that not every clone states are left out.
    """
    stated = [dict(values_of(pathway, clone)) for clone in clones]
    found = {}
    for name in dict.fromkeys(name for values in stated for name in values):
        own = [values.get(name, pathway.unstated.get(name)) for values in stated]
        known = [value for value in own if value is not None]
        if len(known) == len(clones):
            found[name] = sum(clone.fraction * value for clone, value in zip(clones, known, strict=True))
    return found


def values_of(pathway: "Pathway", clone: "Clone") -> dict[str, float]:
    """A clone's values under its perturbation."""
    values = dict(clone.line.values)
    for name, factor in clone.perturbation.items():
        values[name] = (
            factor if name in pathway.amounts else values.get(name, pathway.unstated[name]) * factor
        )
    return values
