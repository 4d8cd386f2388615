"""Plates scored as GR values: from counts with those at time 0, wherever a laboratory keeps them, as Hafner 2016
(doi:10.1038/nmeth.3853) defines them, and the metrics of each drug alone."""

import numpy as np
import pandas as pd
import pytest

import screen
from screen.errors import InputError
from tests.synergy.plates.table_of_cases import CONC_1, CONC_2, plate

START, CONTROL = 1000.0, 8000.0


def gr_curve(dose, middle, bottom, hill=1.0):
    return bottom + (1 - bottom) / (1 + (np.asarray(dose, float) / middle) ** hill)


def wells(**more: object) -> pd.DataFrame:
    """GR values without interaction: two sigmoids, the second one killing, and their combination."""
    table = plate(**more)
    one, two = gr_curve(table.conc1, 12, 0.1, 1.3), gr_curve(table.conc2, 9, -0.4)
    table["GR"] = np.where((one < 0) | (two < 0), np.minimum(one, two), one * two)
    return table.drop(columns="response")


def counts(table: pd.DataFrame, start: float = START, control: float = CONTROL) -> pd.DataFrame:
    """The cells that make such GR values: x = x0 (x_control / x0) ** log2(GR + 1)."""
    cells = start * (control / start) ** np.log2(table.GR + 1)
    return table.drop(columns="GR").assign(cell_count=cells)


def check(found: pd.DataFrame) -> None:
    assert found.bliss.to_numpy() == pytest.approx(0, abs=1e-6)
    assert set(found.orientation) == {"gr"}
    for name, right in {
        "gec50_1": 12,
        "gec50_2": 9,
        "gr_inf_1": 0.1,
        "gr_inf_2": -0.4,
        "h_gr_1": 1.3,
    }.items():
        assert found[name].to_numpy() == pytest.approx(right, rel=1e-4), name
    half = 12 * (0.5 / (0.5 - 0.1)) ** (1 / 1.3), 9 * 0.5 / (0.5 + 0.4)
    for drug, (conc, middle, bottom, hill) in {1: (CONC_1, 12, 0.1, 1.3), 2: (CONC_2, 9, -0.4, 1.0)}.items():
        values = gr_curve(conc[1:], middle, bottom, hill)
        logs = np.log10(conc[1:])
        area = np.trapezoid(1 - values, logs) / np.ptp(logs)
        assert found[f"gr50_{drug}"].to_numpy() == pytest.approx(half[drug - 1], rel=1e-4)
        assert found[f"gr_max_{drug}"].to_numpy() == pytest.approx(values[-1], rel=1e-9)
        assert found[f"gr_aoc_{drug}"].to_numpy() == pytest.approx(area, rel=1e-9)
    assert "ic50_1" not in found


def scored(table: pd.DataFrame) -> pd.DataFrame:
    return screen.score_plates(table, ["bliss", "loewe"], response="gr", quiet=True)


def test_gr_values_have_the_metrics_of_each_drug():
    check(scored(wells()))


def test_growth_rates_make_the_same():
    table = wells()
    check(scored(table.drop(columns="GR").assign(growth_rate=0.03 * np.log2(table.GR + 1))))


@pytest.mark.slow
def test_counts_with_wells_at_time_0():
    start = pd.DataFrame({"cell_count": [990.0, 1010.0], "conc1": 0.0, "conc2": 0.0, "role": "time0"})
    check(scored(pd.concat([counts(wells(role="sample")), start])))


def test_counts_with_rows_at_hour_0_of_each_line_as_gdr_has_them():
    parts = []
    for line, start, control in (("A", 500.0, 6000.0), ("B", 2000.0, 9000.0)):
        table = counts(wells(cell_line=line, Duration=72), start, control)
        at_0 = table.head(2).assign(Duration=0, cell_count=start, conc1=0.0, conc2=0.0)
        parts += [table, at_0]
    found = scored(pd.concat(parts))
    assert list(found.cell_line) == ["A", "B"]
    assert set(found.time_h) == {72.0}
    check(found)


def test_counts_with_a_column_of_those_at_time_0():
    check(scored(counts(wells()).assign(cell_count__time0=START)))


def test_the_column_of_gr_values_is_taken_beside_one_of_viability():
    table = wells()
    both = table.assign(viability=0.5 + 0.5 * table.GR)
    found = scored(both)
    check(found)
    assert "column 'GR' is read, as --response asks for it" in " ".join(found.attrs["messages"])
    other = screen.score_plates(both, ["bliss"], response="viability", quiet=True)
    assert set(other.orientation) == {"viability"}


def test_lines_without_a_time_0_are_refused_where_others_have_one():
    parts = [counts(wells(cell_line=line, time=72)) for line in "ABC"]
    start = [part.head(1).assign(time=0, cell_count=START) for part in parts[:2]]
    with pytest.raises(InputError, match="cell lines with and without wells at time 0"):
        scored(pd.concat([*parts, *start]))


def test_a_gr50_that_is_not_reached_is_infinite():
    table = plate()
    table["GR"] = gr_curve(table.conc1, 12, 0.7) * gr_curve(table.conc2, 9, -0.4).clip(0.01)
    found = scored(table.drop(columns="response"))
    assert found.gr50_1[0] == np.inf
    assert found.gr_max_1[0] == pytest.approx(gr_curve(120, 12, 0.7))
