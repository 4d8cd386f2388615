"""libRoadRunner for a few short simulations: it compiles a model without optimising it, in a quarter of the time."""

from typing import Any

import pytest


def quickly_compiled(sbml: str) -> Any:
    """A simulator with the model; skips where libRoadRunner is not installed. `resetToOrigin` undoes changed values."""
    roadrunner = pytest.importorskip("roadrunner", reason="libRoadRunner is not installed")
    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_CRITICAL)
    config, before = roadrunner.Config, {}
    for key, value in (
        (config.LLVM_BACKEND, config.LLJIT),
        (config.LLJIT_OPTIMIZATION_LEVEL, config.NONE),
        (config.LOADSBMLOPTIONS_MUTABLE_INITIAL_CONDITIONS, False),
    ):
        before[key] = config.getValue(key)
        config.setValue(key, value)
    try:
        return roadrunner.RoadRunner(sbml)
    finally:
        for key, value in before.items():
            config.setValue(key, value)
