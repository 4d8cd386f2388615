"""The markers of a screen against what it found: the anchor's own effect, and synergy with every partner."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from screen.analysis.markers.associations import (
    FEWEST_LINES,
    JOINED,
    Association,
    associate,
    lines_to_show,
    merged_markers,
)
from screen.analysis.markers.decision_tree import Leaf, cross_validated, grow, words
from screen.arrays import Array
from screen.report.cube_view.custom_model import custom_mapping
from screen.report.cube_view.marker_names import OF_DOSES, marker_words
from screen.report.cube_view.number_text import joined
from screen.report.cube_view.view import CubeView
from screen.report.findings.resensitisation import Recovery

FOUNDING_MARKERS = ("IGF2", "IRS1")
MANY_LINES = 200
MOST_NEEDED = 1000
RAISED = 1.05
"""Times its parent's amount from which a marker counts as raised in a derived line."""
FALSE_DISCOVERY = 0.05
ALIKE = 1e-3
"""Relative difference up to which two quantities are the same fold of their median: a protein and its own mRNA."""
BETTER_THAN_CHANCE = 0.6
KINDS = ("sensitive", "resistant")


def targets_of(view: CubeView, recovery: Recovery, time: int = -1) -> dict[str, Array]:
    """What is to be predicted, (cell_line,) each; lines low in HER2 are NaN and so not counted."""
    counted = np.where(recovery.her2_low, np.nan, 1.0)
    found = {f"effect of {view.anchor}": (1 - recovery.alone[:, time]) * counted}
    if (model := view.main_model) is not None:
        for column, partner in enumerate(view.partners):
            found[f"{model.label} synergy with {partner}"] = (
                np.asarray(model.mean[:, column, time], float) * counted
            )
    return found


def markers_of(view: CubeView) -> dict[str, Array]:
    """Every number of the panel as a marker, (cell_line,), but for the outcome itself."""
    return {name: values for name, (_, values) in of_lines(view).items() if name != "growth_rate"}


def of_lines(view: CubeView) -> dict[str, tuple[str, Array]]:
    """The panel's numbers that are of the lines, not of how drugs are dosed in them."""
    return {name: found for name, found in view.markers.items() if not name.endswith(OF_DOSES)}


def associations_of(view: CubeView, recovery: Recovery, time: int = -1) -> list[Association]:
    """Every marker with every target at one assay time, the strongest first."""
    seed = view.provenance.get("seed", 0)
    resamples = 400 if len(view.lines) <= MANY_LINES else 100
    chosen = seed if isinstance(seed, int) and seed >= 0 else 0
    return associate(merged_markers(markers_of(view)), targets_of(view, recovery, time), chosen, resamples)


def tree_words(view: CubeView, recovery: Recovery) -> tuple[str, list[str]]:
    """Two questions that tell sensitive from resistant lines: a sentence on their accuracy, and the tree.

    Lines low in HER2 do not count, markers with a gap are left out; empty where either kind is missing.
    """
    counted = np.flatnonzero(~recovery.her2_low)
    markers = {name: values[counted] for name, values in merged_markers(markers_of(view)).items()}
    names = [name for name, values in markers.items() if np.isfinite(values).all()]
    sensitive = ~recovery.resistant[counted]
    if not names or len(counted) < FEWEST_LINES or not 0 < sensitive.sum() < len(counted):
        return "", []
    values = np.stack([markers[name] for name in names], axis=1)
    groups = [parent if (parent := view.parents[row]) is not None else int(row) for row in counted]
    tree = grow(values, sensitive)
    if isinstance(tree, Leaf):
        return "", []
    accuracy, called = (
        cross_validated(values, sensitive, groups),
        [marker_words(name, " or ") for name in names],
    )
    kinds = f"the {sensitive.sum()} sensitive from the {(~sensitive).sum()} resistant lines"
    said = f"One or two markers separate {kinds}"
    if np.isnan(accuracy):
        rare = "one kind is too rare to say how well they do on other lines"
        return f"{said}; {rare}.", words(tree, called, *KINDS)
    known = f"on lines held out, relatives together, their balanced accuracy is {accuracy:.2f} (chance: 0.5)"
    if accuracy < BETTER_THAN_CHANCE:
        return f"No two markers together separate {kinds} better than chance: {known}.", []
    return f"{said}; {known}.", words(tree, called, *KINDS)


def sentences(view: CubeView, recovery: Recovery, found: Sequence[Association]) -> list[str]:
    """What predicts the anchor's effect, the founding study's markers by name, and how far to trust it."""
    if not found:
        return ["Markers need at least eight lines that differ; this screen has fewer."]
    about = f"effect of {view.anchor}"
    effect = [item for item in found if item.target == about]
    significant = [item for item in effect if item.q <= FALSE_DISCOVERY]
    said = []
    for sign, works in ((1, "works better where more of"), (-1, "works worse where more of")):
        names = [marker_words(item.marker, " or ") for item in significant if item.rho * sign > 0]
        if names:
            listed = joined(names[:5], max(0, len(names) - 5))
            said.append(f"{view.anchor} {works} {listed} is found before treatment.")
    if not significant:
        said.append(f"No marker predicts the effect of {view.anchor} at a false-discovery rate of 5 %.")
    said += founding_sentences(
        [item for name in FOUNDING_MARKERS for item in effect if name in names_of(item)]
    )
    said += paired_sentences(view, recovery)
    best: dict[str, Association] = {}
    for item in found:
        if item.target != about and item.q <= FALSE_DISCOVERY:
            best.setdefault(item.target, item)
    if best:
        parts = [
            f"{target} by {marker_words(item.marker, ' or ')} (rank correlation {signed(item.rho)})"
            for target, item in best.items()
        ]
        said.append(f"Predicted at a false-discovery rate of 5 %: {'; '.join(parts[:6])}.")
    return [text[:1].upper() + text[1:] for text in said]


def names_of(item: Association) -> list[str]:
    """The markers of an association: several where they rank all lines alike."""
    return item.marker.split(JOINED)


def founding_name(item: Association) -> str:
    """`IGF2` of a marker that is merged with its mRNA."""
    return next((name for name in FOUNDING_MARKERS if name in names_of(item)), marker_words(item.marker))


def founding_sentences(named: Sequence[Association]) -> list[str]:
    """The founding study's markers over the lines of the panel, and how many lines it would take where they show
    nothing.
    """
    if not named:
        return []
    parts = [f"{founding_name(item)} rank correlation {with_interval(item)}" for item in named]
    about_them = "The markers of the founding study, secreted IGF2 and tumour IRS1, against that effect"
    said = [f"{about_them}: {'; '.join(parts)}."]
    unsure = [item for item in named if item.low <= 0 <= item.high]
    if unsure:
        does = "does" if len(unsure) == 1 else "do"
        needed = [f"{lines_words(lines_to_show(item.rho))} for {founding_name(item)}" for item in unsure]
        said.append(
            f"In this panel of {unsure[0].lines} lines {joined([founding_name(item) for item in unsure])} {does} not "
            f"predict it: the interval holds 0. To show a correlation of this size it would take {joined(needed)} "
            "(unrelated lines, 80 % power at a two-sided 5 %)."
        )
    return [" ".join(said)]


def lines_words(needed: float) -> str:
    return f"{needed:.0f} lines" if needed <= MOST_NEEDED else f"more than {MOST_NEEDED:,} lines"


def paired_sentences(view: CubeView, recovery: Recovery) -> list[str]:
    """The founding study's markers in derived lines beside their own parent, where the anchor removes fewer cells than
    of the parent: what differs between unrelated lines is the same in both.
    """
    effect = 1 - recovery.alone[:, -1]
    pairs = [
        (row, parent)
        for row, parent in enumerate(view.parents)
        if parent is not None and effect[row] < effect[parent]
    ]
    if not pairs:
        return []
    parts = []
    for name in FOUNDING_MARKERS:
        values = np.asarray(view.markers[name][1], float) if name in view.markers else np.array([])
        folds = [
            float(values[row] / values[parent]) for row, parent in pairs if len(values) and values[parent] > 0
        ]
        raised = sum(fold >= RAISED for fold in folds)
        if folds:
            spread = f"{min(folds):.2g}" if len(folds) == 1 else f"{min(folds):.2g} to {max(folds):.2g}"
            parts.append(f"{name} is raised in {raised} of {len(folds)} ({spread} times the parent's)")
    if not parts:
        return []
    lines = joined([view.lines[row] for row, _ in pairs[:5]], max(0, len(pairs) - 5))
    return [f"Of {lines} {view.anchor} removes fewer cells than of the parent; there {' and '.join(parts)}."]


def with_interval(item: Association) -> str:
    return f"{signed(item.rho)} ({signed(item.low)} to {signed(item.high)})"


def signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


OBSERVABLES = (
    *("pHER2", "pHER3", "HER3", "pIGF1R", "IGF1R", "pIRS1", "IRS1", "IRS1_mRNA", "IGF2", "IGF2_mRNA", "PIP3"),
    *("pAKT_T308", "pAKT_S473", "pS6K", "pERK", "pSRC", "pSTAT5", "pFOXO3A", "nFOXO3A"),
    *("miR193a", "miR128", "miR30a", "PPP3CB", "PPP3CB_mRNA", "growth_rate"),
)


FIRST_MARKERS = (
    "PPP3CB",
    "IGF2",
    "IRS1",
    "miR193a",
    "miR128",
    "miR30a",
    "nFOXO3A",
    "HER2",
    "p95HER2",
    "PTEN",
    "PIK3CA",
)


def marker_table(view: CubeView) -> list[dict[str, Any]]:
    """Every number of the panel per line; readouts before abundances, the mechanism's markers first. Of those whose
    folds of the median are the same in every line to `ALIKE` the first has all their names as `label`, the others have
    none.
    """
    order = {name: index for index, name in enumerate((*FIRST_MARKERS, *OBSERVABLES))}
    markers = of_lines(view)
    names = sorted(markers, key=lambda name: (order.get(name, 999), name))
    readouts = set(OBSERVABLES) | set((custom_mapping(view) or {}).get("readouts", ()))
    table: list[dict[str, Any]] = []
    for name in names:
        units, values = markers[name]
        if not np.isfinite(values).any():
            continue
        kept = [float(f"{value:.5g}") if np.isfinite(value) else None for value in values]
        table.append({"name": name, "units": units, "values": kept, "untreated": name in readouts})
    alike: list[tuple[bool, Array, list[dict[str, Any]]]] = []
    for row in table:
        found = folds(row["values"])
        for untreated, first, rows in alike:
            if untreated == row["untreated"] and alike_folds(found, first):
                rows.append(row)
                break
        else:
            alike.append((row["untreated"], found, [row]))
    for _, _, rows in alike:
        for row in rows:
            row["label"] = JOINED.join(marker_words(one["name"]) for one in rows) if row is rows[0] else ""
    return table


def alike_folds(one: Array, two: Array) -> bool:
    """Whether two quantities are the same folds: to `ALIKE`, and to a hundredth of what either varies between lines."""
    if not np.allclose(one, two, rtol=ALIKE, atol=0, equal_nan=True):
        return False
    known = np.isfinite(one)
    apart = np.abs(one - two)[known].max(initial=0)
    return bool(apart <= 0.01 * max(np.ptp(one[known]), np.ptp(two[known]))) if known.any() else True


def folds(values: Sequence[float | None]) -> Array:
    """Each value over the median; what no fold tells (a median of 0) as it is."""
    found = np.array([np.nan if value is None else value for value in values], float)
    middle = float(np.nanmedian(found))
    return found / middle if middle > 0 else found
