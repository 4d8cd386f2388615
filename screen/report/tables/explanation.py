"""What `explain` found, as files: a table (CSV, JSON) and the network coloured by what each edge mediates."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path

from screen.analysis.explain.explain import Counterfactual, Explanation
from screen.files import checked, table_text, write_text
from screen.report.figures.network import explained_svg


def write_explanation(found: Explanation, path: Path) -> Path:
    """Write FILE.csv, FILE.json or FILE.svg."""
    makers = {".csv": as_csv, ".json": as_json, ".svg": explained_svg}
    maker = makers.get(path.suffix.lower(), as_csv)
    return write_text(checked(path, tuple(makers)), maker(found))


def as_csv(found: Explanation) -> str:
    """A row a counterfactual; percent points of inhibition, positive = synergy."""
    columns = [field.name for field in fields(Counterfactual)]
    rows: list[list[object]] = [
        ["cell_line", "combination", "model", "time_h", "held_at", "excess_before", *columns]
    ]
    for row in found.rows:
        start = [
            found.cell_line,
            found.combination,
            found.model,
            found.time_h,
            found.at,
            f"{found.excess:.6g}",
        ]
        values = [getattr(row, name) for name in columns]
        rows.append([*start, *(_short(value) for value in values)])
    return table_text(rows)


def as_json(found: Explanation) -> str:
    """The explanation as an object; what is not a number is null."""

    def plain(value: object) -> object:
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if isinstance(value, Mapping):
            return {key: plain(item) for key, item in value.items()}
        return [plain(item) for item in value] if isinstance(value, list | tuple) else value

    return json.dumps(plain(asdict(found)), indent=1, ensure_ascii=False) + "\n"


def _short(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else ""
    return value
