"""Sampled lines respond to trastuzumab as the named HER2-positive lines do: some sensitive, most not."""

import numpy as np
from numpy.typing import NDArray

from screen.pathway import Assay, CellLine, load_pathway
from screen.pathway.growth import viability
from screen.pathway.panel import sample_lines

PATHWAY = load_pathway()


def survival(assay: Assay, lines: list[CellLine]) -> NDArray[np.float64]:
    untreated = assay.untreated(lines)
    rows = np.repeat(np.arange(len(lines)), 2)
    doses = {"trastuzumab": np.tile([68.0, 0.0], len(lines))}
    cells = assay.dose(untreated, rows, doses, np.array([120.0])).log_cells[:, 0]
    return viability(cells[::2], cells[1::2])


def test_a_sampled_panel_is_distributed_as_the_named_lines(assay: Assay) -> None:
    named = survival(assay, [line for line in PATHWAY.cell_lines.values() if line.name != "MCF10A"])
    sampled = survival(assay, sample_lines(PATHWAY, 512, seed=1))
    assert np.isfinite(sampled).all()
    quantiles = [0.1, 0.25, 0.5, 0.75, 0.9]
    np.testing.assert_allclose(np.quantile(sampled, quantiles), np.quantile(named, quantiles), atol=0.15)
    assert (sampled < 0.7).mean() > 0.1
    assert (sampled > 0.9).mean() > 0.2


def test_lines_drawn_around_a_line_scatter_around_its_response(assay: Assay) -> None:
    parent = PATHWAY.cell_line("SKBR3-pool2")
    near = survival(assay, sample_lines(PATHWAY, 64, seed=1, around=parent, spread=0.2))
    [there] = survival(assay, [parent])
    np.testing.assert_allclose(np.median(near), there, atol=0.05)
