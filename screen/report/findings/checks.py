"""Whether a screen can be relied on: what failed, what needed the reference solver, and the run's own controls."""

from screen.cube.status import BY_REFERENCE, FAILED, NOT_SIMULATED
from screen.report.cube_view.view import CubeView


def checks_of(view: CubeView) -> list[tuple[str, str]]:
    """(state, sentence) for the banner; state is `good`, `warn` or `bad`."""
    total, failed = int((view.status != NOT_SIMULATED).sum()), int((view.status == FAILED).sum())
    reference = int((view.status == BY_REFERENCE).sum())
    found = [] if view.controls else [("good", f"All {total:,} simulations were solved.")]
    if failed:
        words = "their cells are grey and no score is computed through them"
        found = [
            (
                "bad" if failed > 0.01 * total else "warn",
                f"{failed:,} of {total:,} simulations failed; {words}.",
            )
        ]
    if reference:
        many = "simulation" if reference == 1 else "simulations"
        found.append(
            ("good", f"{reference:,} {many} needed the reference solver, after the fast solver gave up.")
        )
    found += [("good" if passed else "bad", control_words(passed, words)) for passed, words in view.controls]
    if not view.models:
        found.append(("warn", "The cube holds no synergy scores: run herscreen score on it."))
    return sorted(found, key=lambda check: check[0] != "bad")


def control_words(passed: bool, sentence: str) -> str:
    return sentence if passed else f"A control failed, do not rely on this page: {sentence}"
