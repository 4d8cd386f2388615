"""Markers as a reader knows them; what only the user knows stays as the user wrote it."""

import pytest

from screen.pathway.names import ENTITIES, OBSERVABLES
from screen.report.cube_view.marker_names import marker_words, readout_label


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("miR193a", "miR-193a"),
        ("pAKT_S473", "pAKT (S473)"),
        ("IGF2 = IGF2_mRNA", "IGF2 = IGF2 mRNA"),
        ("BIM (factor)", "BIM expression"),
        ("miR30a (factor)", "miR-30a expression"),
        ("k_birth (factor)", "division rate"),
        ("PIK3CA_H1047R (factor)", "PIK3CA H1047R (mutant)"),
        ("my_readout", "my_readout"),
        ("my_entity (factor)", "my_entity (factor)"),
    ],
)
def test_a_marker_is_named_for_a_reader(name: str, words: str) -> None:
    assert marker_words(name) == words


def test_no_name_of_the_pathway_keeps_an_underscore_or_a_bare_factor() -> None:
    named = [marker_words(name) for name in (*OBSERVABLES, *(f"{name} (factor)" for name in ENTITIES))]
    assert [name for name in named if "(factor)" in name or "_" in name] == ["gr_value"]
    assert len(set(named)) == len(named)


def test_a_readout_s_label_begins_with_that_name() -> None:
    assert readout_label("pAKT_S473", "pAKT_S473: amount") == "pAKT (S473): amount"
    assert readout_label("gr_value", "GR value: growth") == "GR value: growth"
