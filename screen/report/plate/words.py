"""What a block says in sentences and tables: its synergy by each model, what is odd about it, and how it was read."""

import math
import re
from collections.abc import Sequence

import numpy as np

from screen.report.cube_view.number_text import points
from screen.report.plate.view import BlockView, PlateView
from screen.synergy.models.registry import MODELS, TESTED, quantity
from screen.synergy.plates.score_plates import READ, how_read

LABELS = {
    "time_h": "assay time, h",
    "schedule": "schedule",
    "design": "design",
    "orientation": "orientation",
    "scale": "scale",
    "baseline": "baseline",
    "normalisation": "normalisation",
    "vehicle": "vehicle",
    "ignored_columns": "columns ignored",
}
PAIR_HEAD = ("model", "mean excess", "best 3 × 3", "wells", "p", "q", "p of a well")
MORE_HEAD = (
    "model",
    "mean excess",
    "best window of three doses each",
    "beyond fewer drugs",
    "p",
    "q",
    "q beyond",
)
FALSE_RATE = 0.05


def synergy_sentence(view: BlockView, model: str) -> str:
    """The mean excess over a model with its interval, and what that lets one say."""
    mean, label = view.number_of(model), MODELS[model].label
    if not math.isfinite(mean):
        return f"{label}: no score."
    low, high = view.number_of(f"{model}_low"), view.number_of(f"{model}_high")
    start = f"{label}: {points(mean)} percent points of inhibition beyond the expectation"
    if not (math.isfinite(low) and math.isfinite(high)):
        many = f", a mean over {count} wells" if (count := _count(view, model)) != "–" else ""
        return f"{start}{many}; without an interval nothing says how sure that is."
    start += f" (95 % interval {points(low)} to {points(high)}"
    q = view.number_of(f"{model}_q")
    start += f", q {p_text(q)})" if math.isfinite(q) else ")"
    return f"{start}: {call_of(view, model)}."


def call_of(view: BlockView, model: str) -> str:
    """`synergy` or `antagonism` where the interval lies on one side of none and the test, if there is one, agrees."""
    low, high, q = (view.number_of(f"{model}_{end}") for end in ("low", "high", "q"))
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    if low <= 0 <= high or q > FALSE_RATE:
        return "no interaction that this plate can tell from none"
    return "synergy" if low > 0 else "antagonism"


def score_head(view: BlockView) -> tuple[str, ...]:
    return PAIR_HEAD if view.block.conc_3 is None else MORE_HEAD


def score_rows(view: BlockView) -> list[tuple[str, ...]]:
    """A row a model: mean and best window with intervals, wells, p, q, and p of the most deviant well; of three drugs
    and more mean, best window and what lies beyond combinations of fewer, with p and q of the mean, q of that."""
    rows = []
    if view.block.conc_3 is not None:
        ends = "", "_max", "_beyond"
        known = [model for model in view.models if math.isfinite(view.number_of(model))]
        return [
            (
                MODELS[model].label,
                *(_with_interval(view, model + end) for end in ends),
                *(p_text(view.number_of(f"{model}_{name}")) for name in ("p", "q", "beyond_q")),
            )
            for model in known
        ]
    for model in view.models:
        if model not in view.row:
            continue
        tests = [p_text(view.number_of(f"{model}_{name}")) for name in ("p", "q", "p_max")]
        values = [_with_interval(view, model), _with_interval(view, f"{model}_max")]
        rows.append((MODELS[model].label, *values, _count(view, model), *tests))
    return rows


def quantity_rows(view: BlockView) -> list[tuple[str, str, str]]:
    """The models' own quantities and CSS: name, value with interval, meaning."""
    rows = []
    for model in view.models:
        for name, about in MODELS[model].parameters.items():
            value = view.number_of(name)
            if math.isfinite(value) and not name.endswith("_error"):
                unit = "" if about.unit == "1" else f"\u00a0{about.unit}"
                rows.append((name, f"{value:.3g}{unit}{_ends(view, name)}", quantity(name).meaning))
    css = view.number_of("css")
    if math.isfinite(css):
        rows.append(
            ("css", f"{css:.1f}{_ends(view, 'css')}", "combination sensitivity score, percent points")
        )
    return rows


def odd_things(view: BlockView) -> list[str]:
    """What the column `reason` says, a thing at a time, columns of single drugs by the drugs' names."""
    reason = view.row.get("reason")
    if isinstance(reason, str):
        reason = re.sub(
            r"\b(g?[ei]c50|gr50)_(\d)\b",
            lambda found: f"{found[1].upper()} of {view.drugs[int(found[2]) - 1]}",
            reason,
        )
    found = [part.strip() for part in str(reason).split("; ")] if isinstance(reason, str) else []
    return list(dict.fromkeys(part for part in found if part))


def reading_rows(view: BlockView) -> list[tuple[str, str]]:
    """How the block was read: the columns of the table of scores that say so, and its wells."""
    block, read = view.block, how_read(view.block)
    rows = [
        ("block", block.name),
        ("drugs", ", ".join(view.drugs)),
        ("cell line", block.cell_line or "not named"),
        (
            "doses",
            f"{' × '.join(str(len(conc)) for conc in block.concs)}, {block.unit or 'no unit (taken as nM)'}",
        ),
        ("replicates", str(block.replicates)),
        *((LABELS[name], _text(read[name])) for name in READ),
        ("not simulated", view.why_not_simulated),
    ]
    return [(name, value) for name, value in rows if value]


def page_sentences(plates: PlateView) -> list[str]:
    """What a file holds and what stands out, in sentences."""
    main, label = plates.main, MODELS[plates.main].label
    scored = [view for view in plates.blocks if math.isfinite(view.number_of(main))]
    if not scored:
        return ["No block has a score; below stands why."]
    if len(plates.blocks) == 1:
        return [synergy_sentence(scored[0], main)]
    best = max(scored, key=lambda view: view.number_of(main))
    worst = min(scored, key=lambda view: view.number_of(main))
    said = [f"Most synergy: {best.heading} (block {best.block.name}). {synergy_sentence(best, main)}"]
    if worst.number_of(main) < 0:
        said.append(
            f"Least: {worst.heading} (block {worst.block.name}), {label} {points(worst.number_of(main))}."
        )
    if plates.rounds:
        calls = [call_of(view, main) for view in scored]
        said.append(
            f"Of {len(scored)} blocks with a score {calls.count('synergy')} show synergy and "
            f"{calls.count('antagonism')} antagonism (95 % interval on one side of 0, q at most {FALSE_RATE:g} over "
            f"the blocks; {label})."
        )
    if len(scored) < len(plates.blocks):
        said.append(f"{len(plates.blocks) - len(scored)} blocks have no score; each says why.")
    return said


def p_text(value: float) -> str:
    if not math.isfinite(value):
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def tested(models: Sequence[str]) -> list[str]:
    """The models of `models` that get p-values, by label."""
    return [MODELS[model].label for model in models if model in TESTED]


def _count(view: BlockView, model: str) -> str:
    count = view.number_of(f"{model}_wells")
    return f"{count:.0f}" if math.isfinite(count) else "–"


def _with_interval(view: BlockView, name: str) -> str:
    low, high = view.number_of(f"{name}_low"), view.number_of(f"{name}_high")
    shown = points(view.number_of(name))
    return (
        f"{shown} ({points(low)} to {points(high)})" if math.isfinite(low) and math.isfinite(high) else shown
    )


def _ends(view: BlockView, name: str) -> str:
    low, high = view.number_of(f"{name}_low"), view.number_of(f"{name}_high")
    return f" ({low:.3g} to {high:.3g})" if math.isfinite(low) and math.isfinite(high) else ""


def _text(value: object) -> str:
    if isinstance(value, float | np.floating):
        return "" if math.isnan(value) else f"{value:g}"
    return str(value)
