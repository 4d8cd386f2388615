"""Which of several columns or rows of values is read, where options say what they are of."""

from dataclasses import replace

from screen.synergy.plates.meaning.signal_levels import RAW_WORDS, WORDS
from screen.synergy.plates.reading.headers import fold, read_head
from screen.synergy.plates.reading.layouts import UNKNOWN
from screen.synergy.plates.reading.tables import Whole

WHOLE_WORDS = ("counts", "count", "cellcount", "cellcounts", "cells", "cellnumber", "luminescence", "rlu", "rlus",
               "lum", "fluorescence", "rfu", "rfus", "cps", "nuclei", "nucleicount", "livecells", "ctg",
               "celltiterglo")  # fmt: skip
_POINTS = r"-?[1-9]\d{0,2}(?:\.\d{3})+"
KINDS = {"RV": "relativeviability", "GR": "gr"}


def asked_rows(whole: Whole, response: str | None) -> Whole:
    """The same of gDR's averaged table, whose column `normalization_type` says of each row whether `x` is a relative
    viability (RV) or a GR value: the latter where `response` asks for them, or where there are no others."""
    name = next((one for one in whole.unknown if fold(str(one)) == "normalizationtype"), None)
    if name is None or whole.word != "x":
        return whole
    kinds = whole.unknown[name].fillna("").str.strip().str.upper()
    found = [kind for kind in KINDS if (kinds == kind).any()]
    if not found:
        return whole
    kind = found[-1] if response == "gr" else found[0]
    kept = (kinds == kind).to_numpy()
    rows = whole.rows[kept].reset_index(drop=True)
    rows.attrs = dict(whole.rows.attrs)
    words = f"response: rows of normalization_type {kind} are read, not the {int((~kept).sum())} others"
    words += " (--response gr asks for GR)" if kind == "RV" and "GR" in found else ""
    unknown = whole.unknown[kept].drop(columns=name).reset_index(drop=True)
    return Whole(rows, unknown, (*whole.messages, words), KINDS[kind], whole.percent)


def counts_with_points(whole: Whole) -> Whole:
    """The same with counts and luminescence like `12.340` beside `976` as 12340: whole numbers have no three decimals
    where the others have none at all."""
    if whole.word not in WHOLE_WORDS:
        return whole
    texts = whole.rows["response"].fillna("").str.strip()
    points, bare = texts.str.fullmatch(_POINTS), texts.str.fullmatch(r"-?\d{1,3}")
    if not points.any() or not bare.any() or not (points | bare | ~texts.str.contains(r"\d")).all():
        return whole
    rows = whole.rows.assign(response=texts.where(~points, texts.str.replace(".", "")))
    rows.attrs = dict(whole.rows.attrs)
    first = str(texts[points].iloc[0])
    words = f"response: '{first}' is read as {first.replace('.', '')}, as others have no decimals"
    return replace(whole, rows=rows, messages=(*whole.messages, words))


def asked_column(whole: Whole, response: str | None, scale: str | None) -> Whole:
    """The same with another column as the values, where options ask for what another head says: GR values beside
    viability, counts beside percent."""
    for name in whole.unknown.columns:
        head = read_head(name.removeprefix(UNKNOWN))
        fits = {"response": response is not None and WORDS.get(head.name) == response != WORDS.get(whole.word),
                "scale": scale == "raw" and head.name in RAW_WORDS and whole.word not in RAW_WORDS}  # fmt: skip
        asked = next((option for option, hit in fits.items() if hit), None)
        if asked is not None:
            rows = whole.rows.assign(response=whole.unknown[name])
            rows.attrs = dict(whole.rows.attrs)
            words = (
                f"response: column '{head.text}' is read, as --{asked} asks for it, not the others of values"
            )
            return Whole(
                rows, whole.unknown.drop(columns=name), (*whole.messages, words), head.name, head.percent
            )
    return whole
