"""Numbers as laboratories write them: `12.5 %`, `1,000`, `12,5`, `3 nM`, `1.234,5`, `1.234.567`, `1'000`, `3x10^2`."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from screen.arrays import Bools, Floats

EMPTY = ("", "na", "nan", "null", "none", "n/a", "#n/a", "-", "<na>")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+,\d+")
_DECIMAL = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
_POWER = re.compile(r"(?<=\d)\s*[x*×·]\s*10\s*\^?\s*(?=[+-]?\d)")
_POINTS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+")
_MANY_POINTS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3}){2,}")
_EXCEL = re.compile(r"'(?=[+-]?[\d.,])|=\"(.*)\"")
_GROUP = re.compile(r"(?<=\d)['\u2019](?=\d{3})")
_EXPONENT = re.compile(r"[+-]?\d*,?\d+[eE][+-]?\d+")
_PLAIN = re.compile(r"[+-]?\d+\.?\d*(?:[eE][+-]?\d+)?")
_WITH_UNIT = re.compile(r"([+-]?[\d.,]+(?:[eE][+-]?\d+)?)\s*([^\d\s.,][^\s]*(?:\s?[^\d\s]*)*)")


@dataclass(frozen=True)
class Numbers:
    """`value` of each row, NaN where `empty`, and where it is `wrong`, a text that is no number; `unit` behind the
    number (`''` for none); `percent` whether signs say so, `signed` those that have one; `thousands`, a text read as
    such."""

    value: Floats
    wrong: Bools
    empty: Bools
    unit: NDArray[np.object_]
    percent: bool
    signed: Bools
    thousands: str = ""


def read_numbers(texts: pd.Series, decimal_comma: bool | None = None) -> Numbers:
    """The numbers of a column of texts. A comma is a decimal sign where `decimal_comma`, or where a text can be read
    no other way; else three digits behind it make it a sign of thousands."""
    codes, found = pd.factorize(texts)
    texts_of = [_EXCEL.sub(r"\1", str(text).strip()) for text in found]
    if points := next((text for text in texts_of if _MANY_POINTS.fullmatch(text)), ""):  # 1.234.567
        texts_of = [text.replace(".", "") if _POINTS.fullmatch(text) else text for text in texts_of]
    parsed = _distinct(texts_of, decimal_comma)
    if (codes < 0).any():
        parsed = [*parsed, (np.nan, "", True)]
    value = np.array([p[0] for p in parsed], dtype=float)
    unit = np.array([p[1] for p in parsed], dtype=object)
    empty = np.array([p[2] for p in parsed], dtype=bool)
    codes = np.where(codes < 0, len(parsed) - 1, codes)
    wrong = np.isnan(value) & ~empty
    units = {u for u in unit if u}
    percent, signed = units == {"%"}, unit == "%"
    unit = np.where(unit == "%", "", unit)
    thousands = points
    if not thousands and not (decimal_comma or has_decimal_comma(found)):
        thousands = next((str(text) for text in found if _THOUSANDS.fullmatch(str(text).strip())), "")
    return Numbers(value[codes], wrong[codes], empty[codes], unit[codes], percent, signed[codes], thousands)


def has_decimal_comma(found: object) -> bool:
    """Whether any of some texts can be read only with a comma as decimal sign."""
    texts = [str(text).strip().removesuffix("%").strip() for text in found]  # type: ignore[attr-defined]
    return any("," in text and _only_decimal(text) for text in texts)


def _only_decimal(text: str) -> bool:
    if _GROUPED.fullmatch(text):
        return True
    return bool(_DECIMAL.fullmatch(text)) and not _THOUSANDS.fullmatch(text)


def _distinct(texts: list[str], decimal_comma: bool | None) -> list[tuple[float, str, bool]]:
    """Value, unit and emptiness of each text."""
    points = any(re.fullmatch(r"[+-]?\d*\.\d+", text) and not re.search(r"\.\d{3}$", text) for text in texts)
    comma = decimal_comma if decimal_comma is not None else (has_decimal_comma(texts) and not points)
    return [_number(text, comma) for text in texts]


def _number(text: str, comma: bool) -> tuple[float, str, bool]:
    if "_" in text:  # which Python reads as a number, and nobody else
        return np.nan, "", False
    try:
        return float(text), "", text.lower() in EMPTY
    except ValueError:
        pass
    if text.lower() in EMPTY:
        return np.nan, "", True
    unit = ""
    text = _GROUP.sub("", _POWER.sub("e", text.replace("\u2212", "-")))
    if _PLAIN.fullmatch(text):
        return float(text), "", False
    if not _EXPONENT.fullmatch(text) and (match := _WITH_UNIT.fullmatch(text)):
        text, unit = match[1], match[2].strip()
    text = text.replace(" ", "").replace("\u00a0", "")
    if "," in text:
        if _GROUPED.fullmatch(text):
            text = text.replace(".", "").replace(",", ".")
        elif _THOUSANDS.fullmatch(text) and not comma:
            text = text.replace(",", "")
        elif text.count(",") == 1 and "." not in text and comma:
            text = text.replace(",", ".")
        else:
            return np.nan, "", False
    try:
        return float(text), unit, False
    except ValueError:
        return np.nan, "", False
