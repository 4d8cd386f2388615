"""Wells that lie far from their replicates: found where they are, and not on good plates."""

import numpy as np
import pandas as pd
import pytest

from screen.synergy.plate_scores import PlateOptions, score_plates
from screen.synergy.plates.block import far_replicates
from screen.synergy.plates.read_plates import read_plates
from tests.synergy.plates.table_of_cases import plate


@pytest.mark.parametrize("noise", [0.01, 0.05])
@pytest.mark.parametrize("copies", [3, 5])
def test_good_plates_have_none_and_a_well_ten_deviations_away_is_found(noise, copies):
    random = np.random.default_rng(0)
    good = 1 + random.normal(0, noise, (40, 6, 6, copies))
    assert sum(far_replicates(wells).any() for wells in good) <= 1
    good[:, 2, 3, 0] += 12 * noise
    assert np.mean([far_replicates(wells)[2, 3, 0] for wells in good]) > 0.95


def test_two_wells_tell_no_outlier():
    assert not far_replicates(np.array([[[0.2, 0.9]]])).any()


def test_the_table_of_cells_counts_them_where_they_are():
    random = np.random.default_rng(0)
    table = pd.concat([plate(response=plate().response + random.normal(0, 2, 25)) for _ in range(3)])
    table = table.reset_index(drop=True)
    table.loc[31, "response"] += 40
    cells = score_plates(read_plates(table), PlateOptions(models=("bliss",))).cells
    assert list(np.flatnonzero(cells.far_replicates)) == [6]
    cross = table[(table.conc1 == 0) | (table.conc2 == 0) | (table.conc1 == 2)]
    cross = cross[(cross.conc1 < 3) | (cross.conc2 == 0)]
    cells = score_plates(read_plates(cross), PlateOptions(models=("bliss",))).cells
    assert cells.set_index(["conc_r", "conc_c"]).far_replicates[(2, 1)] == 1
