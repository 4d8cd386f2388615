"""Drugs that people ask for and the model has no place for: the reason comes with the error, by any name."""

import pytest

from screen.pathway import UnknownName, load_pathway
from screen.pathway.tables.absent_drugs import absent_drugs

PATHWAY = load_pathway()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Taxol", "'paclitaxel' cannot be dosed: it arrests mitosis"),
        ("margetuximab", "through immune cells, and a culture has none; nearest in the model: trastuzumab"),
        ("gdc-0077", "'inavolisib' cannot be dosed: .*; nearest in the model: alpelisib"),
    ],
)
def test_why_a_drug_cannot_be_dosed_is_said(name: str, words: str) -> None:
    with pytest.raises(UnknownName, match=words):
        PATHWAY.drug(name)
    with pytest.raises(UnknownName, match=f"here: {words}" if words[0] == "'" else words):
        PATHWAY.agent(name, "here")


def test_no_drug_of_the_model_is_absent_and_what_comes_nearest_is_there() -> None:
    for plainly, drug in absent_drugs().items():
        with pytest.raises(UnknownName):
            PATHWAY.drug(plainly)
        assert all(PATHWAY.drug(name) for name in drug.instead.split(" with ") if name)


def test_a_name_that_nobody_knows_gets_the_nearest() -> None:
    with pytest.raises(UnknownName, match="unknown drug 'lapatinb'; did you mean 'lapatinib'"):
        PATHWAY.drug("lapatinb")
