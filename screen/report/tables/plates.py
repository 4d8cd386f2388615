"""A cube as plates in the long format of SynergyFinder and DrugComb, which `herscreen score` reads back.

One block per cell line, combination, assay time and schedule; `drug_row` is drug 1, the response viability
in percent; `origin` says that the wells are simulated, so that their scores come out as the cube's. Of a cube
with virtual plates these are written instead: replicates as repeated rows, to be scored as measured ones.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from screen.files import checked
from screen.report.cube_view.view import DIMS, CubeView
from screen.report.tables.columns import category
from screen.report.tables.csv_file import write_csv


def write_plates(screens: CubeView | Sequence[CubeView], path: Path) -> Path:
    """Write the median viability of a screen, or of its schedules, or their virtual plates, in CSV."""
    checked(path, (".csv",))
    parts: list[pd.DataFrame] = []
    for view in [screens] if isinstance(screens, CubeView) else screens:
        part = plates(view)
        part["block_id"] += parts[-1]["block_id"].max() if parts else 0
        if view.schedule:
            part.insert(2, "schedule", view.schedule)
        parts.append(part)
    return write_csv(pd.concat(parts, ignore_index=True), path, "%.17g")


def plates(view: CubeView) -> pd.DataFrame:
    """One row per well, and per replicate where the cube has virtual plates; failed wells and the padding of
    uneven grids are left out.
    """
    if view.replicates is None:
        values = view.readouts["viability"].nominal(np.float64)[..., None]
    else:
        values = view.replicates.array(*DIMS, "replicate", schedule=view.schedule_row).astype(np.float64)
    values = np.moveaxis(values, 4, 2)
    shape = values.shape
    lines, pairs, times, rows, columns, copies = np.meshgrid(
        *map(np.arange, shape), indexing="ij", sparse=True
    )
    one = view.concentration_1[np.minimum(lines, len(view.concentration_1) - 1), pairs, rows]
    two = view.concentration_2[np.minimum(lines, len(view.concentration_2) - 1), pairs, columns]
    block = 1 + (lines * shape[1] + pairs) * shape[2] + times
    keep = (np.isfinite(one) & np.isfinite(two) & np.isfinite(values)).reshape(-1)

    def column(array: Any) -> Any:
        return np.broadcast_to(array, shape).reshape(-1)[keep]

    return pd.DataFrame(
        {
            "block_id": column(block),
            "cell_line": category(view.lines, column(lines)),
            "time_h": column(view.times_h[times]),
            "drug_row": category(view.drug_1, column(pairs)),
            "drug_col": category(view.drug_2, column(pairs)),
            "conc_r": column(one),
            "conc_c": column(two),
            "response": column(100 * values),
            "conc_r_unit": "nM",
            "conc_c_unit": "nM",
            **({} if view.replicates is None else {"replicate": column(1 + copies)}),
            "origin": "simulated" if view.replicates is None else "virtual plate",
        }
    )
