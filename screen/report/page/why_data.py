"""The explanations of pairs as the page's script reads them."""

import math
from collections.abc import Sequence
from typing import Any

from screen.report.figures.explained_network import explained_svg
from screen.report.findings.why import Why, sentence


def as_data(whys: Sequence[Why]) -> dict[str, dict[str, Any]]:
    """For the page's script, by "row,column": the words, the numbers of every clamp, and the picture."""
    return {
        f"{why.row},{why.column}": {
            "said": sentence(why),
            "model": why.whole.model,
            "time_h": why.whole.time_h,
            "excess": rounded(why.whole.excess),
            "rows": rows_of(why),
            "picture": explained_svg(why.whole),
        }
        for why in whys
    }


def rows_of(why: Why) -> list[list[Any]]:
    """[words, kind, carried, share, carried by the partner's part, by the anchor's, inhibition lost]."""
    parts = [{row.id: row.carried for row in part.rows} for part in (why.partner, why.anchor)]
    return [
        [
            row.words,
            row.kind,
            rounded(row.carried),
            rounded(row.share),
            *(rounded(part.get(row.id, math.nan)) for part in parts),
            rounded(row.inhibition),
        ]
        for row in why.whole.rows
    ]


def rounded(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None
