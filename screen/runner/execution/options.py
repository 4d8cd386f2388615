"""How a run is carried out: nothing of this changes its numbers."""

from collections.abc import Callable
from dataclasses import dataclass, field

from screen.runner.execution.stop import Stop

Progress = Callable[[str, int, int], None]
"""Called with a phase (`simulate`, `merge`), how much is done and how much there is."""


@dataclass(frozen=True)
class RunOptions:
    """What a run may use, how it reports and how it is asked to stop."""

    jobs: int = 1
    """Shards at a time."""
    memory_limit: int | None = None
    """Bytes to stay under; fewer shards at a time may do."""
    dask: str | None = None
    """A Dask scheduler's address, or `local` for workers of its own; None for processes of this machine."""
    host: bool = True
    """Whether the cube says on which computer it was made."""
    progress: Progress | None = None
    stop: Stop = field(default_factory=Stop)

    def report(self, phase: str, done: int, total: int) -> None:
        """Tell how far a phase is, if somebody asks."""
        if self.progress is not None:
            self.progress(phase, done, total)
