"""The table of scored plates for people: a compact one, at sensible digits; what each column means; how the plates were
read. The full table is `PlateScores.summary`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from screen.synergy.models.registry import MODELS, quantity

if TYPE_CHECKING:
    import pandas as pd

WORDS = ("drug_row", "drug_col", "drug_3", "drug_4", "sim_reason", "reason")
"""Columns that are no numbers, names of drugs first."""
POINTS = "percent points of inhibition"
SHARES = ("musyc_beta", "musyc_alpha12", "musyc_alpha21", "braid_kappa", "ci50", "ci_mean")
STRENGTH = ("ic50", "ec50", "gr50", "gr_max", "gr_aoc")
ENDS = {
    "_low": "lower end of the 95 % interval of {0}",
    "_high": "upper end of the 95 % interval of {0}",
    "_p": "p-value of the mean excess, {0}",
    "_q": "q-value (Benjamini-Hochberg over the blocks) of the mean excess, {0}",
    "_p_max": "p-value of the most deviant cell, {0}",
    "_max": "best window of 3 doses of each drug, {0}",
    "_wells": "number of wells that the mean is over, {0}",
    "_beyond": "mean of what lies beyond all combinations of fewer drugs, {0}",
    "_beyond_excess": "what lies beyond all combinations of fewer drugs, {0}",
    "_excess": "excess of the cell, positive = synergy, {0}",
}
DRUG = {
    "ic50": (
        "conc_unit",
        "dose of drug {0} alone at viability 0.5; inf: not reached within ten times the highest",
    ),
    "ec50": ("conc_unit", "midpoint of the fitted curve of drug {0} alone; inf: flat"),
    "emax": ("1", "fitted viability at endless dose of drug {0} alone"),
    "hill": ("1", "Hill slope of drug {0} alone"),
    "r2": ("1", "share of the variance of drug {0} alone that its curve explains"),
    "ri": (POINTS, "mean inhibition by drug {0} alone over the log of its doses"),
    "gr50": ("conc_unit", "dose of drug {0} alone at GR 0.5; inf: not reached within ten times the highest"),
    "gr_max": ("1", "GR value of drug {0} alone at its highest dose"),
    "gr_inf": ("1", "fitted GR value of drug {0} alone at endless dose"),
    "gr_aoc": ("1", "mean of 1 - GR of drug {0} alone over the log of its doses"),
    "gec50": ("conc_unit", "midpoint of the fitted GR curve of drug {0} alone"),
    "h_gr": ("1", "Hill slope of the fitted GR curve of drug {0} alone"),
}
MEANING = {
    "block_id": ("", "name of the block: one combination on one plate"),
    "drug_row": ("", "drug 1"),
    "drug_col": ("", "drug 2"),
    "drug_3": ("", "drug 3"),
    "drug_4": ("", "drug 4"),
    "cell_line": ("", "cell line"),
    "conc_unit": ("", "unit of the doses; of several drugs, in their order"),
    "doses_row": ("1", "doses of drug 1, 0 among them"),
    "doses_col": ("1", "doses of drug 2, 0 among them"),
    "doses_3": ("1", "doses of drug 3, 0 among them"),
    "doses_4": ("1", "doses of drug 4, 0 among them"),
    "replicates": ("1", "largest number of wells of the same doses"),
    "css": (POINTS, "combination sensitivity score: mean inhibition by one drug, the others at their EC50"),
    "css1_ic502": (POINTS, "the same of drug 1 with drug 2 at its EC50"),
    "css2_ic501": (POINTS, "the same of drug 2 with drug 1 at its EC50"),
    "time_h": ("h", "assay time"),
    "schedule": ("", "order in which the drugs were given"),
    "design": ("", "which dose pairs were asked for"),
    "orientation": ("", "what the values of the file are"),
    "scale": ("", "scale of the values, and how it was found"),
    "baseline": ("1", "viability of the untreated wells before any correction"),
    "normalisation": ("", "what raw values were divided by"),
    "vehicle": ("", "names that were read as no drug"),
    "ignored_columns": ("", "columns of the file that were not used"),
    "reason": ("", "what was odd, and why a number is empty; empty: nothing was"),
    "sim_reason": ("", "why the simulated pair is missing or not comparable"),
    "conc_r": ("conc_unit", "dose of drug 1"),
    "conc_c": ("conc_unit", "dose of drug 2"),
    "conc_3": ("conc_unit", "dose of drug 3"),
    "conc_4": ("conc_unit", "dose of drug 4"),
    "viability": ("1", "mean viability (GR value, growth) over replicates, 1 = untreated"),
    "outlier": ("", "whether the well lies far from its row and column"),
    "far_replicates": (
        "1",
        "how many wells of these doses lie far from their replicates (kept); empty: not known",
    ),
}


def compact(summary: "pd.DataFrame") -> "pd.DataFrame":
    """The columns that are read first, at sensible digits: excesses to 0.01 points, doses and the models' own
    quantities to 3 digits, p- and q-values to 2. Columns that hold nothing are left out."""
    names = [name for name in _read_first() if name in summary]
    names = [name for name in names if name in ("block_id", "reason") or _holds(summary[name])]
    numbers = [name for name in names if summary[name].dtype.kind == "f"]
    return summary[names].assign(**{name: summary[name].map(_digits(name)) for name in numbers})


def _read_first() -> Iterator[str]:
    yield from ("block_id", "drug_row", "drug_col", "drug_3", "drug_4", "cell_line", "time_h", "schedule")
    for model in MODELS:
        yield from (model, f"{model}_low", f"{model}_high", f"{model}_q", f"{model}_beyond", f"sim_{model}")
    for name in SHARES:
        yield from (name, f"{name}_low", f"{name}_high")
    for name in STRENGTH:
        yield from (f"{name}_{drug}" for drug in (1, 2, 3, 4))
    yield from ("conc_unit", "css", "sim_reason", "reason")


def _holds(column: "pd.Series") -> bool:
    return bool((column.notna() & (column.astype(str) != "")).any())


def _digits(name: str) -> Callable[[float], float]:
    """A function that rounds a number of a column."""
    model = name.removeprefix("sim_").removesuffix("_low").removesuffix("_high").removesuffix("_beyond")
    if name.endswith("_q"):
        return lambda value: float(f"{value:.2g}")
    if model in MODELS or name == "css":
        return lambda value: round(value, 2)
    return lambda value: float(f"{value:.3g}")


def printed(summary: "pd.DataFrame", models: Sequence[str]) -> "pd.DataFrame":
    """The means of the `models` as they are printed, with intervals and q-values where there are any, reasons last."""
    names = ["block_id", "drug_row", "drug_col", "drug_3", "drug_4"]
    names += [f"{model}{end}" for model in models for end in ("", "_low", "_high", "_q", "_beyond")]
    names += [*[f"sim_{model}" for model in models], "sim_reason", "reason"]
    shown = summary[[name for name in names if name in summary]]
    texts = [name for name in names if name in shown and name.endswith("_q")]
    return shown.assign(**{name: shown[name].map("{:.2g}".format) for name in texts})


def drawn(shown: "pd.DataFrame", models: Sequence[str]) -> tuple[list[str], list[list[str]], list[str]]:
    """What is `printed`, for a terminal: head, rows and the reasons, a line each. A row a block, or with intervals or
    a cube's scores, which make that too wide, a row a block and model."""
    wide = not any(f"{model}_low" in shown or f"sim_{model}" in shown for model in models)
    rows, reasons = [], []
    for row in shown.astype(object).where(shown.notna(), "").to_dict("records"):
        values = {str(name): value for name, value in row.items()}
        block = str(values["block_id"])
        lead = [block, " + ".join(str(values[name]) for name in WORDS[:4] if values.get(name))]
        here = [model for model in models if values.get(model, "") != ""]
        if wide:
            rows.append([*lead, *(_number(values.get(model, "")) for model in models)])
        else:
            rows += [
                [*(lead if k == 0 else ["", ""]), *_of_model(values, model)]
                for k, model in enumerate(here or models[:1])
            ]
        reasons += [f"{block}: {values[name]}" for name in WORDS[4:] if values.get(name)]
    rest = list(models) if wide else ["model", "mean", "95 % interval", "q", "in the cube"]
    kept = [k for k in range(2 + len(rest)) if k < 2 or any(row[k] for row in rows)]
    return [(["block", "drugs", *rest])[k] for k in kept], [[row[k] for k in kept] for row in rows], reasons


def _number(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else ""


def _of_model(values: dict[str, Any], model: str) -> list[str]:
    """The cells of a model: its name, mean, interval, q, and the mean of a cube."""
    ends = [_number(values.get(f"{model}{end}", "")) for end in ("_low", "_high")]
    q = str(values.get(f"{model}_q", "")).replace("nan", "")
    return [
        model,
        _number(values[model]),
        " to ".join(filter(None, ends)),
        q,
        _number(values.get(f"sim_{model}", "")),
    ]


def scored_words(summary: "pd.DataFrame", models: Sequence[str]) -> str:
    """How many blocks have a score: `1 block scored`, `0 of 2 blocks scored; reason says why not`."""
    here = [name for name in models if name in summary]
    scored, of = int(summary[here].notna().any(axis=1).sum()), len(summary)
    blocks = "block" if of == 1 else "blocks"
    return (
        f"{of} {blocks} scored" if scored == of else f"{scored} of {of} {blocks} scored; reason says why not"
    )


def columns_of(tables: "dict[str, pd.DataFrame]") -> "pd.DataFrame":
    """One row a column of `tables`: table, column, unit, meaning."""
    import pandas as pd

    rows = [(name, str(column), *meaning(str(column))) for name, table in tables.items() for column in table]
    return pd.DataFrame(rows, columns=["table", "column", "unit", "meaning"])


def meaning(column: str) -> tuple[str, str]:
    """(unit, meaning) of a column of the tables, `''` each where nothing is known of it."""
    if column in MEANING:
        return MEANING[column]
    if column in MODELS:
        return POINTS, f"mean excess over {MODELS[column].null}, positive = synergy"
    core, _, drug = column.rpartition("_")
    if core in DRUG and drug.isdigit():
        unit, words = DRUG[core]
        return unit, words.format(drug)
    if column.startswith("sim_"):
        unit, words = meaning(column.removeprefix("sim_"))
        return unit, f"simulated: {words}"
    try:
        about = quantity(column)
        return "conc_unit" if about.unit == "nM" else about.unit, about.meaning
    except KeyError:
        pass
    for end, words in sorted(ENDS.items(), key=lambda item: -len(item[0])):
        base = column.removesuffix(end)
        if base != column and (known := meaning(base))[1]:
            unit = "1" if end in ("_p", "_q", "_p_max", "_wells") else known[0]
            return unit, words.format(known[1])
    return many_drugs_meaning(column)


def many_drugs_meaning(column: str) -> tuple[str, str]:
    """The same of a quantity that only combinations of three drugs and more have."""
    for model in MODELS.values():
        for drugs in (3, 4) if model.many else ():
            if column in (own := model.many.parameters(drugs)):  # type: ignore[union-attr]
                return own[column].unit, own[column].meaning
    return "", ""


def how_read(summary: "pd.DataFrame", messages: Sequence[str]) -> "pd.DataFrame":
    """How each block was read, and what was told of the whole file: a row a block and fact, or message."""
    import pandas as pd

    shown = (
        "design",
        "orientation",
        "scale",
        "baseline",
        "normalisation",
        "vehicle",
        "ignored_columns",
        "reason",
    )
    rows = [("(whole file)", *message.partition(": ")[::2]) for message in messages]
    for block, *facts in zip(summary["block_id"], *(summary[name] for name in shown if name in summary)):
        kept = [name for name in shown if name in summary]
        rows += [(block, name, str(fact)) for name, fact in zip(kept, facts) if str(fact) not in ("", "nan")]
    return pd.DataFrame(rows, columns=["block_id", "what", "found"])
