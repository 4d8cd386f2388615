"""The claims of 10.1038/s41467-021-23052-9 and its abstracts, as the model must show them."""

import numpy as np
import pytest

from screen.pathway import Assay
from screen.pathway.growth import viability

PAIRS = [("SKBR3", "SKBR3-pool2"), ("BT474", "BT474-HR20")]


def signal(
    assay: Assay,
    line: str,
    name: str,
    time: float = 0.0,
    doses: dict[str, float] | None = None,
    **factors: float,
) -> float:
    untreated = assay.untreated([assay.pathway.cell_line(line)], [factors])
    columns = {agent: np.array([dose]) for agent, dose in (doses or {}).items()}
    run = assay.dose(untreated, np.array([0]), columns, np.array([time]))
    return float(run.values[0, 0, assay.readouts.index(name)])


def survival(assay: Assay, line: str, doses: dict[str, float], **factors: float) -> float:
    untreated = assay.untreated([assay.pathway.cell_line(line)], [factors])
    columns = {agent: np.array([dose, 0.0]) for agent, dose in doses.items()}
    cells = assay.dose(untreated, np.array([0, 0]), columns, np.array([120.0])).log_cells[:, 0]
    return float(viability(cells[0], cells[1]))


@pytest.mark.parametrize(("parent", "resistant"), PAIRS)
def test_resistant_cells_hold_more_igf2_and_irs1_and_less_of_their_micrornas(
    assay: Assay, parent: str, resistant: str
) -> None:
    for up in ("IGF2", "IRS1", "pFOXO3A"):
        assert signal(assay, resistant, up) > 1.5 * signal(assay, parent, up)
    for down in ("miR193a", "miR128", "miR30a", "nFOXO3A", "PPP3CB"):
        assert signal(assay, resistant, down) < 0.7 * signal(assay, parent, down)


@pytest.mark.parametrize(("parent", "resistant"), PAIRS)
def test_resistance_comes_from_the_clamp_on_ppp3cb(assay: Assay, parent: str, resistant: str) -> None:
    """Giving PPP3CB back undoes it; taking PPP3CB from the parent copies it."""
    clamped = signal(assay, resistant, "PPP3CB") / signal(assay, parent, "PPP3CB")
    assert signal(assay, resistant, "IGF2", PPP3CB=1 / clamped) < 0.7 * signal(assay, resistant, "IGF2")
    assert signal(assay, parent, "IGF2", PPP3CB=clamped) > 1.5 * signal(assay, parent, "IGF2")


@pytest.mark.parametrize(("parent", "resistant"), PAIRS)
def test_the_positive_arm_has_its_signs(assay: Assay, parent: str, resistant: str) -> None:
    """FOXO3a -> miR -| IRS1, IGF2 -> IGF-1R -> AKT -| FOXO3a."""
    for line in (parent, resistant):
        assert signal(assay, line, "miR193a", FOXO3A=2) > signal(assay, line, "miR193a")
        assert signal(assay, line, "IGF2", miR193a=3) < signal(assay, line, "IGF2")
        assert signal(assay, line, "pIGF1R", IGF2=3) > signal(assay, line, "pIGF1R")
        assert signal(assay, line, "PIP3", 2, {"IGF2": 13}) > signal(assay, line, "PIP3", 2)
        assert signal(assay, line, "nFOXO3A", 2, {"MK-2206": 1000}) > signal(assay, line, "nFOXO3A", 2)


@pytest.mark.parametrize(("parent", "resistant"), PAIRS)
def test_calcineurin_inhibition_copies_resistance(assay: Assay, parent: str, resistant: str) -> None:
    assert signal(assay, parent, "IRS1", 120, {"tacrolimus": 10}) > 1.2 * signal(assay, parent, "IRS1", 120)
    assert survival(assay, parent, {"trastuzumab": 68, "tacrolimus": 10}) > survival(
        assay, parent, {"trastuzumab": 68}
    )


@pytest.mark.parametrize(("parent", "resistant"), PAIRS)
def test_herceptin_halts_the_parent_more_than_its_derivative(
    assay: Assay, parent: str, resistant: str
) -> None:
    assert survival(assay, resistant, {"trastuzumab": 68}) > 1.15 * survival(
        assay, parent, {"trastuzumab": 68}
    )


@pytest.mark.parametrize(("parent", "resistant"), PAIRS)
def test_lowering_irs1_brings_herceptin_back(assay: Assay, parent: str, resistant: str) -> None:
    alone = survival(assay, resistant, {"trastuzumab": 68})
    assert survival(assay, resistant, {"trastuzumab": 68}, IRS1=0.2) < 0.85 * alone


@pytest.mark.parametrize(("parent", "resistant"), PAIRS)
def test_dose_response_to_trastuzumab_is_monotone(assay: Assay, parent: str, resistant: str) -> None:
    for line in (parent, resistant):
        dose = np.concatenate([[0.0], np.geomspace(0.01, 1000, 12)])
        untreated = assay.untreated([assay.pathway.cell_line(line)])
        run = assay.dose(untreated, np.zeros(13, dtype=np.intp), {"trastuzumab": dose}, np.array([120.0]))
        assert (np.diff(run.log_cells[:, 0]) <= 1e-6).all()
