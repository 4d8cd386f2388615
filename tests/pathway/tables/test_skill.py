"""The measured skill of classes of prediction: of what a pair is, and what stands in a table."""

from pathlib import Path

import pytest

from screen.errors import InputError
from screen.pathway import load_pathway
from screen.pathway.tables.skill import HER_PAIRS, PAIRS, SINGLE, class_of, load_skill, skill_of
from screen.pathway.tables.tsv import FOLDER

PATHWAY = load_pathway()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["trastuzumab"], SINGLE),
        (["trastuzumab", "linsitinib"], HER_PAIRS),
        (["alpelisib", "neratinib"], HER_PAIRS),
        (["alpelisib", "trametinib"], PAIRS),
    ],
)
def test_a_combination_has_its_class(names: list[str], expected: str) -> None:
    assert class_of([PATHWAY.drug(name) for name in names]) == expected
    found = skill_of([("mine", [PATHWAY.drug(name) for name in names])])
    assert found["combinations"] == {"mine": expected}
    assert expected in found["classes"]  # type: ignore[operator]


def test_pairs_are_hypotheses_as_long_as_their_measured_skill_is_small() -> None:
    for one in load_skill().values():
        assert one.low <= one.value <= one.high
        assert one.n > 30
        if one.value < 0.2:
            assert one.verdict == "hypothesis", one.name


def test_an_unknown_verdict_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "skill.tsv"
    path.write_text((FOLDER / "skill.tsv").read_text().replace("\tranking\t", "\ttruth\t"))
    with pytest.raises(InputError, match="verdict is 'truth', expected ranking or hypothesis"):
        load_skill(path)
