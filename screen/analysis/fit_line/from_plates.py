"""A line fitted to plates of it in one call, for Python: what `herscreen fit-line` does before it writes files."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from screen.analysis.fit_line import outputs
from screen.analysis.fit_line.fit_line import LineFit, MeasuredPlate, Progress, Sampling
from screen.analysis.fit_line.fit_line import fit_line as fit
from screen.analysis.fit_line.prior import line_prior
from screen.analysis.fit_line.wells import assay_time, center_of, line_of, measured_of
from screen.pathway import Assay, load_pathway
from screen.synergy.plates.block import PlateBlock

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FittedLine:
    """A line and how it was found: `name`, the `fit`, the `measured` wells, and the time in hours that they were
    compared at. Printed, it says whether the model explains the plate."""

    name: str
    fit: LineFit
    measured: tuple[MeasuredPlate, ...]
    time_h: float

    def __str__(self) -> str:
        return outputs.verdict_sentence(self.fit.verdict)

    @property
    def explained(self) -> bool:
        """Whether the model explains the plate; where it does not, what it says of the line is not to be trusted."""
        return self.fit.verdict.explained

    @property
    def quantities(self) -> "pd.DataFrame":
        """A row a quantity of the line: medians before and after, 5 and 95 % quantiles, the share of the prior's width
        that is left."""
        import pandas as pd

        return pd.DataFrame(outputs.summary(self.fit)["quantities"])

    @property
    def posterior(self) -> "pd.DataFrame":
        """A row a draw: factors on the mean abundances of the named lines, as a `table` of `cell_lines` reads them."""
        import pandas as pd

        return pd.read_csv(io.StringIO(outputs.posterior_table(self.fit, self.name)))


def fit_plates(
    blocks: Sequence[PlateBlock],
    around: str | None = None,
    panel: str | Path | None = None,
    *,
    line: str | None = None,
    time_h: float | None = None,
    sampling: Sampling | None = None,
    progress: Progress | None = None,
) -> FittedLine:
    """Sample the posterior over the line that plates are of, around a named line or the row of a table of lines.

    `line` chooses one of several; `time_h` one of several assay times. InputError for drugs that the model does not
    know, plates of several lines or times, and a line that is not there.
    """
    pathway, source = load_pathway(), Path("plates")
    table = Path(panel) if panel is not None else None
    center = center_of(pathway, table, around, line, "fold", line_of(blocks))
    when = assay_time(blocks, source, time_h)
    measured = measured_of(pathway, blocks, source, line, when)
    prior = line_prior(pathway, center)
    found = fit(Assay.compile(pathway, []), measured, prior, when, sampling, progress)
    return FittedLine(line or line_of(blocks) or center.name, found, tuple(measured), when)
