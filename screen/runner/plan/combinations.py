"""The combinations of a configuration: an anchor with its partners, all pairs of a list, listed pairs, and
triples with the pairs within them, which the excess beyond pairs is read against; less what is excluded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from screen.config.screen import ScreenConfig
from screen.errors import nearest
from screen.runner.plan.designs import designed
from screen.runner.plan.dose_grids import grid_nM, is_centred, multiples_of_peak
from screen.runner.plan.layers import Combination, Layer
from screen.runner.plan.resolve import resolve
from screen.runner.plan.schedules import plasma_curves, schedules_of

if TYPE_CHECKING:
    from screen.pathway import Drug, Exposure, Pathway

Drugs = tuple["Drug", ...]
Asked = tuple[str, Drugs]
"""A key of the configuration, and the drugs that it asks for together."""


def layers_of(
    config: ScreenConfig, pathway: "Pathway"
) -> tuple[tuple[Layer, ...], dict[str, "Drug"], tuple["Exposure", ...], tuple[str, ...]]:
    """The pairs in the order asked for (partners of the anchor, all pairs, pairs), those within a triple that
    are not asked for last; then the triples; every drug in them; the table of exposures; and the drugs whose
    doses are multiples of each line's own GR50.
    """
    pairs = _once(config, _pairs(config, pathway))
    triples = _once(config, _triples(config, pathway))
    _exclude(config, pathway, pairs, triples)
    for triple in triples.values():
        for pair in combinations(triple, 2):
            pairs.setdefault(_key(pair), pair)
    drugs = {drug.name: drug for drugs in (*pairs.values(), *triples.values()) for drug in drugs}
    curves = plasma_curves(config, pathway, drugs)
    drugs |= {
        name: replace(drugs[name], peak_nM=curve.peak_nM, peak_source=curve.words)
        for name, (_, curve) in curves.items()
    }
    doses, centred = _doses(config, pathway, drugs, {name: written for name, (written, _) in curves.items()})
    schedules = schedules_of(config, pathway, drugs, curves)

    def layer(asked: dict[frozenset[str], Drugs]) -> Layer:
        named = [tuple(drug.name for drug in drugs) for drugs in asked.values()]
        made = [
            Combination(names, tuple(doses[name] for name in names), schedules.of(names)) for names in named
        ]
        return Layer(tuple(designed(config, whole) for whole in made), schedules.names)

    return tuple(layer(asked) for asked in (pairs, triples) if asked), drugs, schedules.table, centred


def _key(drugs: Drugs) -> frozenset[str]:
    return frozenset(drug.name for drug in drugs)


def _pairs(config: ScreenConfig, pathway: "Pathway") -> Iterator[Asked]:
    asked = config.combinations
    if asked.anchor is not None:
        anchor = resolve(config, "combinations.anchor", pathway.drug, asked.anchor)
        for index, partner in enumerate(asked.partners):
            key = f"combinations.partners.{index}"
            yield key, (anchor, resolve(config, key, pathway.drug, partner))
    listed = [
        resolve(config, f"combinations.all_pairs.{index}", pathway.drug, name)
        for index, name in enumerate(asked.all_pairs)
    ]
    for pair in combinations(listed, 2):
        yield "combinations.all_pairs", pair
    for index, names in enumerate(asked.pairs):
        key = f"combinations.pairs.{index}"
        yield key, tuple(resolve(config, key, pathway.drug, name) for name in names)


def _triples(config: ScreenConfig, pathway: "Pathway") -> Iterator[Asked]:
    asked = config.combinations
    anchor = [] if asked.anchor is None else [asked.anchor]
    listed = asked.triples
    if listed == "all":
        listed = [list(two) for two in combinations(asked.partners, 2)]
    for index, names in enumerate(listed):
        key = "combinations.triples" if asked.triples == "all" else f"combinations.triples.{index}"
        if len(names) == 2 and not anchor:
            raise config.error(key, f"found [{', '.join(names)}] without an anchor, expected three drugs")
        together = names if len(names) == 3 else [*anchor, *names]
        yield key, tuple(resolve(config, key, pathway.drug, name) for name in together)


def _once(config: ScreenConfig, asked: Iterator[Asked]) -> dict[frozenset[str], Drugs]:
    """The combinations asked for; each of different drugs, and listed once. What `all_pairs` repeats is
    left out.
    """
    found: dict[frozenset[str], Drugs] = {}
    for key, drugs in asked:
        names = [drug.name for drug in drugs]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise config.error(
                key,
                f"found '{twice}' with itself, expected {('two', 'three')[len(names) - 2]} different drugs",
            )
        if _key(drugs) not in found:
            found[_key(drugs)] = drugs
        elif key != "combinations.all_pairs":
            raise config.error(key, f"duplicate combination '{'+'.join(names)}', expected it once")
    return found


def _exclude(
    config: ScreenConfig,
    pathway: "Pathway",
    pairs: dict[frozenset[str], Drugs],
    triples: dict[frozenset[str], Drugs],
) -> None:
    """Take out the combinations that hold all drugs of an entry of `exclude`."""
    asked = [*pairs, *triples]
    gone: set[frozenset[str]] = set()
    for index, names in enumerate(config.combinations.exclude):
        key = f"combinations.exclude.{index}"
        without = _key(tuple(resolve(config, key, pathway.drug, name) for name in names))
        matched = {drugs for drugs in asked if without <= drugs}
        if not matched:
            raise config.error(
                key, f"found [{', '.join(names)}], expected drugs of a combination that is there"
            )
        gone |= matched
    for drugs in gone:
        pairs.pop(drugs, None)
        triples.pop(drugs, None)
    if not pairs and not triples:
        raise config.error("combinations.exclude", "every combination is excluded, expected one that is not")


def _doses(
    config: ScreenConfig, pathway: "Pathway", drugs: dict[str, "Drug"], exposed: Mapping[str, str]
) -> tuple[dict[str, tuple[float, ...]], tuple[str, ...]]:
    """The doses of every drug in nM or multiples, and the drugs that have multiples of a GR50; `exposed` is how drugs
    whose exposure is stated are spelled, whose doses are multiples of its peak.
    """
    spelled: dict[str, str] = {}
    for written in config.doses.drugs:
        key = f"doses.drugs.{written}"
        drug = resolve(config, key, pathway.drug, written)
        if drug.name in spelled:
            raise config.error(key, f"duplicate drug '{drug.name}', expected it once")
        if drug.name not in drugs:
            raise config.error(key, f"'{drug.name}' is in no combination{nearest(written, drugs)}")
        if drug.name in exposed:
            raise config.error(
                key, f"found doses of {drug.name}, whose exposure is stated; expected `multiples` there"
            )
        spelled[drug.name] = written
    doses = {
        name: multiples_of_peak(config.exposure[exposed[name]].multiples, drug)
        if name in exposed
        else grid_nM(config, drug, spelled.get(name))
        for name, drug in drugs.items()
    }
    centred = tuple(name for name in drugs if name not in exposed and is_centred(config, spelled.get(name)))
    if centred and pathway.is_custom:
        key = f"doses.drugs.{spelled[centred[0]]}.gr50" if centred[0] in spelled else "doses.gr50"
        raise config.error(
            key, "found with a model of your own, which counts no cells and has no GR50; expected doses"
        )
    return doses, centred
