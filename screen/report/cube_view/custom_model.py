"""A screen of a custom model, as the report has to know of it."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from screen.report.cube_view.view import CubeView


def custom_mapping(screen: CubeView) -> Mapping[str, Any] | None:
    """The mapping of the model that the cube was made with; None for the built-in one."""
    config = screen.provenance.get("config")
    model = config.get("model") if isinstance(config, Mapping) else None
    return model if isinstance(model, Mapping) else None


def custom_sentence(screen: CubeView) -> str | None:
    """What `cells` and `removes` mean where no cells are counted."""
    mapping = custom_mapping(screen)
    if mapping is None:
        return None
    file, counted = PurePath(str(mapping["file"])).name, mapping["viability"]
    return (
        f"The model is {file}, not the built-in one. It counts no cells: wherever this page says cells or "
        f"viability, read {counted} as a share of the untreated well's."
    )
