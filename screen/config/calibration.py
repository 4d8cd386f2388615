"""What a calibration file may say, read strictly."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

from screen.errors import InputError, nearest


@dataclass(frozen=True)
class Settings:
    """A calibration. Search: `candidates` draws of the prior, the best `starts` of which are improved in
    `bursts` of at most `evaluations` steps. Sampling: `chains` of `steps` proposals of `block` directions,
    the first `warm_up` to adapt; of the others every `thin`-th is kept, and `draws` are written. `robust` is
    the misfit, in tolerances, beyond which a row counts by its logarithm; `margin` how far, in tolerances,
    intervals are drawn in; `weights` multiply the squared misfits of a kind of row.
    """

    evidence: str = ""
    seed: int = 1
    candidates: int = 256
    starts: int = 8
    bursts: int = 5
    evaluations: int = 10
    robust: float = 5.0
    margin: float = 1.5
    chains: int = 4
    steps: int = 20000
    warm_up: int = 4750
    block: int = 12
    thin: int = 25
    draws: int = 64
    weights: dict[str, float] = field(default_factory=dict)


def read_settings(path: Path) -> Settings:
    """Settings from a YAML file; InputError names the file, the key and what is expected."""
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path}: cannot be read as YAML ({str(error).splitlines()[0]})") from None
    if not isinstance(found, dict):
        raise InputError(f"{path}: found {type(found).__name__}, expected keys and values")
    defaults = asdict(Settings())
    for key, value in found.items():
        if key not in defaults:
            raise InputError(f"{path}: unknown key '{key}'{nearest(str(key), defaults)}")
        kind = type(defaults[key])
        if kind is float and isinstance(value, int):
            value = found[key] = float(value)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise InputError(f"{path}: {key}: found {value!r}, expected {kind.__name__}")
        if kind in (int, float) and (value < 0 or (value == 0 and key not in ("seed", "margin"))):
            raise InputError(f"{path}: {key}: found {value!r}, expected a positive number")
    for name, weight in (found.get("weights") or {}).items():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < 1e6:
            raise InputError(f"{path}: weights: {name}: found {weight!r}, expected a positive number")
    settings = Settings(**found)
    if settings.starts > settings.candidates:
        raise InputError(
            f"{path}: starts: found {settings.starts}, expected at most the {settings.candidates} candidates"
        )
    if found.get("evidence"):
        return Settings(**{**found, "evidence": str(path.parent / found["evidence"])})
    return settings
