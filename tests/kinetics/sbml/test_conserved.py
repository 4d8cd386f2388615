"""Conserved totals: found exactly, and kept by the integrator."""

from pathlib import Path

import numpy as np
import pytest

from screen.kinetics import Model, compile_engine, load_model


def totals(model: Model) -> list[dict[str, float]]:
    names = model.network.states
    return [{names[k]: weight for k, weight in total} for total in model.network.conserved]


def test_totals_of_a_small_network() -> None:
    model = load_model("""
      E + S -> ES; k * E * S; ES -> E + P; k * ES; 2 P -> D; k * P^2; -> X; k; k = 0.1
      E = 1; S = 10; ES = 0; P = 0; D = 0; X = 0""")
    found = totals(model)
    assert {"E": 1.0, "ES": 1.0} in found
    assert len(found) == 2
    other = next(total for total in found if "D" in total)
    base = other["S"]
    rest = other.get("ES", 0.0) / base - 1.0, other.get("E", 0.0) / base
    assert other["P"] / base == 1.0
    assert other["D"] / base == 2.0
    assert rest[0] == rest[1]


def test_nothing_is_conserved_where_species_turn_over() -> None:
    assert totals(load_model("-> A; 1; A ->; k * A; A = 1; k = 1")) == []


def test_published_model_keeps_its_totals(faratian: Model) -> None:
    network = faratian.network
    assert len(network.conserved) > 5
    engine = compile_engine(faratian, [f"amount({name})" for name in network.states])
    random = np.random.default_rng(0)
    rows = engine.defaults * np.exp(0.3 * random.standard_normal((16, len(engine.parameters))))
    found = engine.simulate([0.0, 600.0, 3600.0], rows, rtol=1e-4, atol=1e-7).values
    for total in network.conserved:
        index, weight = np.array([k for k, _ in total]), np.array([w for _, w in total])
        amounts = (found[:, :, index] * weight).sum(axis=2)
        size = np.abs(found[:, :, index] * weight).sum(axis=2).max()
        np.testing.assert_allclose(amounts[:, 1:], amounts[:, [0, 0]], atol=1e-9 * size, rtol=0)


def test_reader_of_faratian_is_whole(shared: Path, faratian: Model) -> None:
    assert len(faratian.network.states) == 55
    assert faratian.network.events == ()
    assert not np.isnan(faratian.network.defaults).any() or pytest.fail("a default is missing")
