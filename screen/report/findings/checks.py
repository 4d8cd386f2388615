"""Whether a screen can be relied on: what failed, what needed the reference solver, and the run's own controls."""

import numpy as np

from screen.arrays import Array
from screen.cube.status import BY_REFERENCE, ENDED, FAILED, NOT_SIMULATED
from screen.report.cube_view.view import CubeView


def simulations_by_status(view: CubeView) -> Array:
    """How many simulations ended in each of `ENDED`, of all draws, pairs and triples: what the run counted, and for a
    cube without controls what its status says. The one place where the report takes the number from.
    """
    found = view.cube.get("controls", "status_simulations") if view.cube is not None else None
    if found is not None:
        return np.asarray(found.values, int)
    counts = np.bincount(view.status[view.status != NOT_SIMULATED].ravel(), minlength=len(ENDED))
    return counts[: len(ENDED)] * (view.ensemble.draws + 1)


def checks_of(view: CubeView) -> list[tuple[str, str]]:
    """(state, sentence) for the banner; state is `good`, `warn` or `bad`."""
    counts = simulations_by_status(view)
    total, reference, failed = int(counts.sum()), int(counts[BY_REFERENCE]), int(counts[FAILED])
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
