"""How far to trust an answer: what predictions of its class were worth on measured cells that the model was not fitted
to, and whether it was fitted to this line at all. All of it is what the cube says (`/provenance/skill`).
"""

import re
from collections.abc import Mapping
from typing import Any

from screen.report.cube_view.custom_model import custom_mapping
from screen.report.cube_view.number_text import joined
from screen.report.cube_view.view import CubeView

HYPOTHESIS, RANKING = "hypothesis, not ranking", "ranking"
OTHER_PAIRS = "pairs without a HER inhibitor"
"""What the class `pairs` is beside that of pairs with one."""


def skill_in(view: CubeView) -> Mapping[str, Any]:
    """What the cube says of its model's skill; empty where it does not."""
    return view.cube.skill if view.cube is not None else {}


def class_in(view: CubeView, column: int) -> Mapping[str, Any]:
    """The figures of a combination's class of prediction; empty where the cube has none."""
    found = skill_in(view)
    name = found.get("combinations", {}).get(view.combinations[column])
    one: Mapping[str, Any] = found.get("classes", {}).get(name, {})
    return one


def verdict(view: CubeView, column: int) -> str:
    """`hypothesis, not ranking`, or `ranking`, of a combination; empty where the cube does not say."""
    one = class_in(view, column)
    return "" if not one else RANKING if one["verdict"] == "ranking" else HYPOTHESIS


def minus_signs(text: str) -> str:
    """Hyphens in front of numbers as minus signs."""
    return re.sub(r"(?<=[\s(])-(?=\d)", "−", text)


def figures(one: Mapping[str, Any]) -> str:
    """`pairs with a HER inhibitor: rank correlation 0.15 (0.01 to 0.29) with 143 measured numbers`."""
    said = f"{one['value']:.2f} ({one['low']:.2f} to {one['high']:.2f})".replace("-", "−")
    name = OTHER_PAIRS if one["name"] == "pairs" else one["name"]
    return f"{name}: rank correlation {said} with {one['n']} measured numbers"


def skill_sentences(view: CubeView) -> list[str]:
    """Of each class of prediction of this screen what it was worth, the class of most combinations first."""
    if custom_mapping(view) is not None:
        return ["What predictions of this model of your own are worth on measured cells is not known."]
    classes = [one for column in range(len(view.combinations)) if (one := class_in(view, column))]
    if not classes:
        return ["This cube does not say what its model's predictions were worth on measured cells."]
    names = [one["name"] for one in classes]
    said = []
    for one in sorted(
        {one["name"]: one for one in classes}.values(), key=lambda one: -names.count(one["name"])
    ):
        opening = "A ranking" if one["verdict"] == "ranking" else "A hypothesis to test, not a ranking"
        said.append(f"{opening}: measured skill for {figures(one)} ({minus_signs(one['source'])}).")
    return said


def calibrated_lines(view: CubeView) -> frozenset[str] | None:
    """The lines of the screen on whose measured responses the model was calibrated; None where the cube is silent."""
    stated = skill_in(view).get("calibrated")
    return None if stated is None else frozenset(stated["lines"])


def line_words(view: CubeView, row: int) -> str:
    """`calibrated`, or `not calibrated` with what is known of its parent; empty where the cube is silent."""
    known, line = calibrated_lines(view), view.lines[row]
    if known is None:
        return ""
    if line in known:
        return "calibrated"
    notes = view.line_notes.get("parent", ("",) * len(view.lines))
    return f"not calibrated (its parent {notes[row]} is)" if notes[row] in known else "not calibrated"


def calibration_sentences(view: CubeView) -> list[str]:
    """How many of the screen's lines the model was calibrated on; nothing where the cube is silent."""
    known = calibrated_lines(view)
    if known is None:
        return []
    others = [line for line in view.lines if line not in known]
    if len(others) == len(view.lines) > 1:
        return [f"The model was calibrated on measured responses of none of these {len(view.lines)} lines."]
    many = f"{len(view.lines) - len(others)} of the {len(view.lines)} lines"
    said = f"The model was calibrated on measured responses of {many}"
    return [f"{said}; not of {joined(others[:6], max(0, len(others) - 6))}." if others else f"{said}."]
