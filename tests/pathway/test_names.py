"""Names are found in any spelling, and unknown ones are told what is known."""

import pytest

from screen.pathway import UnknownName, load_pathway

PATHWAY = load_pathway()


@pytest.mark.parametrize(
    ("spelled", "canonical"),
    [
        ("Herceptin", "trastuzumab"),
        ("bms 754807", "BMS-754807"),
        ("mk2206", "MK-2206"),
        ("FK506", "tacrolimus"),
    ],
)
def test_drugs(spelled: str, canonical: str) -> None:
    assert PATHWAY.drug(spelled).name == canonical


@pytest.mark.parametrize(
    ("spelled", "canonical"), [("SK-BR-3", "SKBR3"), ("mda_mb 453", "MDA-MB-453"), ("MCF 10A", "MCF10A")]
)
def test_cell_lines(spelled: str, canonical: str) -> None:
    assert PATHWAY.cell_line(spelled).name == canonical


def test_observables_and_entities() -> None:
    assert PATHWAY.observable("pakt-s473") == "pAKT_S473"
    assert PATHWAY.observable("GR value") == "gr_value"
    assert PATHWAY.entity("pik3ca h1047r") == "PIK3CA_H1047R"


def test_drugs_and_ligands_are_dosed_by_parameters_of_the_model() -> None:
    assert PATHWAY.dose_parameter("Herceptin") == "trastuzumab"
    assert PATHWAY.dose_parameter("BMS-754807") == "BMS_754807"
    assert PATHWAY.dose_parameter("igf2") == "dose_IGF2"


def test_an_unknown_name_is_told_the_nearest_and_all_known() -> None:
    with pytest.raises(
        UnknownName, match=r"unknown drug 'lapatnib'; did you mean 'lapatinib'\? \(known: trastuz"
    ):
        PATHWAY.drug("lapatnib")
    with pytest.raises(UnknownName, match="unknown cell line 'HeLa'"):
        PATHWAY.cell_line("HeLa")
    with pytest.raises(UnknownName, match="unknown observable 'pAKT'"):
        PATHWAY.observable("pAKT")


def test_other_values_give_another_model() -> None:
    other = PATHWAY.with_values({"K_NRG1": 7.25})
    assert "K_NRG1 = 7.25;" in other.source
    assert "K_NRG1 = 7.25;" not in PATHWAY.source
    with pytest.raises(UnknownName, match="did you mean 'K_NRG1'"):
        PATHWAY.with_values({"K_NRG": 1.0})
