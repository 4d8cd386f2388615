"""How a run can end early."""


class RunError(RuntimeError):
    """A run that failed, in one line; the command line exits with status 1."""


class Stopped(Exception):
    """A run that stopped when asked to: 130 after Ctrl-C, 75 when it wants requeueing."""

    def __init__(self, exit_status: int) -> None:
        super().__init__("stopped early; the same command resumes")
        self.exit_status = exit_status
