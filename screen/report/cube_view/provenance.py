"""How a cube was made, as plain values: the group `/provenance` with its JSON texts opened."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from screen.config.yaml_files.told_paths import told
from screen.cube.stored import StoredGroup

LONG_TEXT = 20_000
SKIPPED = ("Conventions", "source", "title", "name", "checksums")
HEADINGS = {
    "version": "herscreen",
    "plan_sha256": "plan, SHA-256",
    "model_source_sha256": "model's source, SHA-256",
    "model_sha256": "model, SHA-256",
    "virtual": "made of views of other files",
    "config": "configuration",
    "model_sbml": "model as SBML",
    "ensemble": "parameter sets",
    "skill": "measured skill of the model",
    "seconds": "seconds of each phase",
    "counts": "counts of simulation",
}
"""What entries are called on the page; others by their own name."""


def read_provenance(group: StoredGroup | None, root: StoredGroup) -> dict[str, Any]:
    """Scalar variables and attributes of `/provenance` and of the root; JSON texts become values."""
    found: dict[str, Any] = {str(key): plain(value) for key, value in root.attributes.items()}
    if group is not None:
        found |= {str(key): plain(value) for key, value in group.attributes.items()}
        found |= {name: plain(group[name][()]) for name in group if not group[name].dims}
    config: Mapping[str, Any] = next(
        (found[key] for key in ("config", "configuration") if isinstance(found.get(key), Mapping)), {}
    )
    found.setdefault("name", config.get("name", ""))
    return found


def plain(value: Any) -> Any:
    """A value that JSON can hold; texts that are JSON objects or lists are opened."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.reshape(-1)[:200]]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def without_host(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Provenance without the computer, and with the names alone of files elsewhere."""
    kept = {key: value for key, value in provenance.items() if key not in ("host", "machine")}
    config = kept.get("config")
    return kept | (
        {"config": told(dict(config), Path("/"), host=False)} if isinstance(config, Mapping) else {}
    )


def as_rows(provenance: Mapping[str, Any]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Short entries as (key, value) rows, and long ones (configuration, model) as (heading, text) blocks."""
    short: list[tuple[str, str]] = []
    long: list[tuple[str, str]] = []
    for key, value in provenance.items():
        if value in ("", None, "null") or key in SKIPPED or key.startswith("_"):
            continue
        label = HEADINGS.get(key, key.replace("_", " "))
        value = {"true": "yes", "false": "no"}.get(str(value).lower(), value) if key == "virtual" else value
        if (
            isinstance(value, Mapping)
            and all(not isinstance(item, Mapping | list) for item in value.values())
            and len(value) <= 30
        ):
            if key in ("config", "configuration"):
                long.append((label, json.dumps(value, indent=2, ensure_ascii=False)))
            else:
                short.append((label, ", ".join(f"{name} {item}" for name, item in value.items())))
        elif isinstance(value, Mapping | list):
            text = json.dumps(value, indent=2, ensure_ascii=False)
            (long if len(text) > 160 else short).append(
                (label, text if len(text) > 160 else json.dumps(value, ensure_ascii=False))
            )
        elif isinstance(value, str) and len(value) > 200:
            if len(value) > LONG_TEXT:
                place = (
                    f"{len(value):,} characters, in the cube's group /provenance under {key!r}. It begins:"
                )
                value = f"{place}\n{value[:600]} ..."
            long.append((label, value))
        else:
            short.append((label, str(value)))
    return short, long
