"""Who acts on whom, on networks small enough to see it."""

import numpy as np

from screen.kinetics import load_model
from screen.kinetics.expressions.network import Network
from screen.kinetics.solvers.attempts.dependence import dependence, groups, read_states

CHAIN = "a' = -a; a = 1; b' = a - b; b = 0; c' = b - d; c = 0; d' = c; d = 0; e' = -e; e = 1; twice := 2 * b"
SET = CHAIN + "; at (d > 1): e = 2"


def pairs(network: Network) -> set[str]:
    acts, names = dependence(network), network.states
    return {f"{names[i]}{names[j]}" for i, j in np.argwhere(acts) if i != j}


def test_a_state_depends_on_what_its_rate_reads_and_on_all_before_that() -> None:
    assert pairs(load_model(CHAIN).network) == {"ba", "ca", "cb", "cd", "da", "db", "dc"}


def test_an_event_makes_what_it_sets_depend_on_its_trigger() -> None:
    assert pairs(load_model(SET).network) - pairs(load_model(CHAIN).network) == {"ea", "eb", "ec", "ed"}


def test_a_readout_depends_on_all_that_its_states_depend_on() -> None:
    network = load_model(CHAIN).network
    reads = read_states(network, ["twice", "e"], dependence(network))
    assert [[network.states[k] for k in np.flatnonzero(row)] for row in reads] == [["a", "b"], ["e"]]


def test_groups_come_after_those_on_which_they_depend() -> None:
    network = load_model(CHAIN).network
    found = ["".join(network.states[k] for k in group) for group in groups(dependence(network))]
    assert sorted(found) == ["a", "b", "cd", "e"]
    assert found.index("a") < found.index("b") < found.index("cd")
