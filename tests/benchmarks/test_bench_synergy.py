"""The benchmark measures what it says, and few fits fail on measured plates."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest


def load():
    path = Path(__file__).resolve().parents[1] / "benchmarks" / "bench_synergy.py"
    spec = importlib.util.spec_from_file_location("bench_synergy", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_every_model_has_a_figure_and_few_failures(shared):
    bench = load()
    data = bench.matrices(72)
    assert "measured" in bench.matrices(18)[3]
    for model in bench.MODELS:
        speed, failed = bench.ours(model, data, 72)
        assert np.isfinite(speed)
        assert failed <= (0.25 if model == "ci" else 0.02), model


@pytest.mark.slow
def test_a_whole_screen_is_timed_with_its_memory(shared):
    bench = load()
    words = bench.whole_screen(bench.matrices(36), 36, 1)
    assert words.startswith("36 matrices, all 9 models, 1 processes:")
    assert "MB at most" in words
