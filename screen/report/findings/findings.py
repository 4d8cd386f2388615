"""What a screen says, for everything that tells of it: the page, its figures, the tables and `herscreen figures`."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from screen.analysis.markers.associations import Association
from screen.report.cube_view.view import CubeView
from screen.report.findings.answer import Answer, answer_of
from screen.report.findings.markers import associations_of
from screen.report.findings.resensitisation import Recovery, recovery_of
from screen.report.findings.why import Why, whys_of
from screen.runner.execution.options import Progress


def silent(phase: str, done: int, total: int) -> None:
    """How far a phase is, told to nobody."""


@dataclass(frozen=True)
class Findings:
    """A cube with what is found in it; each part is computed when it is first asked for, and once.

    `explain` pairs are explained by counterfactuals, which simulate from the cube's `file`; `progress` hears how far
    what takes long is.
    """

    view: CubeView
    file: Path | None = None
    explain: int = 0
    progress: Progress = silent

    @cached_property
    def recovery(self) -> Recovery:
        """How far each partner re-sensitises each line to the anchor."""
        return recovery_of(self.view)

    @cached_property
    def answer(self) -> Answer:
        """Which partner re-sensitises which resistant line, in words."""
        return answer_of(self.view, self.recovery)

    @cached_property
    def partner_order(self) -> tuple[int, ...]:
        """The combinations in the order of the answer, those without the anchor last: that of every figure."""
        names = {name: column for column, name in enumerate(self.view.partners)}
        first = [names[item.name] for item in self.answer.partners]
        return (*first, *(column for column in names.values() if column not in first))

    @cached_property
    def associations(self) -> tuple[Association, ...]:
        """Every marker with every outcome, the strongest first."""
        return tuple(associations_of(self.view, self.recovery))

    @cached_property
    def explained(self) -> tuple[tuple[Why, ...], str]:
        """The pairs that are explained, and, where there is none, why not."""
        if self.file is None or not self.explain:
            return (), ""
        return whys_of(self.file, self.view, self.recovery, self.answer, self.explain, self.progress)
