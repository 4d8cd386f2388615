"""Measured plates as a view in one call, for Python: from a file, a DataFrame or plates that are read."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen.analysis.plate_model.fitted import fit_in
from screen.errors import InputError, nearest
from screen.pathway import known_drug
from screen.report.plate.view import PlateView, beside_of, view_of
from screen.synergy.models.registry import PLATE_MODELS
from screen.synergy.plate_scores import READING, PlateOptions
from screen.synergy.plates.read_plates import Plates, read_plates

if TYPE_CHECKING:
    import pandas as pd


def view_from(
    plates: "Plates | str | Path | pd.DataFrame",
    models: Sequence[str] | None = None,
    *,
    simulate: bool = True,
    line_fit: str | Path | None = None,
    **options: Any,
) -> PlateView:
    """Read and score plates, and `simulate` those that the model knows, by the posterior `line_fit` too; `options` are
    fields of `PlateOptions`. InputError for an option that is none, or that comes too late for plates that are read."""
    known = [one.name for one in fields(PlateOptions) if one.name != "models"]
    for name in options:
        if name not in known:
            raise InputError(f"no option {name!r}{nearest(name, known)}; known: {', '.join(known)}")
        if name in READING and isinstance(plates, Plates):
            raise InputError(f"found {name} and plates that are read, expected it in read_plates")
    options = {"drug_name": known_drug} | options
    use = PlateOptions(models=None if models is None else tuple(models), **options)
    name = Path(plates).name if isinstance(plates, str | Path) else "plates"
    read = plates if isinstance(plates, Plates) else read_plates(plates, drugs=4, reading=use.reading)
    fit = None if line_fit is None else fit_in(Path(line_fit), Path(name))
    beside = beside_of(read, use.models or PLATE_MODELS, fit) if simulate or fit is not None else None
    return view_of(read, use, name, beside)
