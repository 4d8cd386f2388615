"""Conserved totals: whether there are any is known without computing them."""

import pytest

from screen.kinetics import load_model
from screen.kinetics.expressions.conserved import Conserved

MODELS = {
    "a closed cycle": ("A -> B; k*A; B -> C; k*B; C -> A; k*C; k = 1; A = 1; B = 0; C = 0", 1),
    "one that flows through": ("-> A; k; A -> B; k*A; B -> ; k*B; k = 1; A = 1; B = 0", 0),
    "a cycle fed by nothing, beside one that is": (
        "A -> B; k*A; B -> A; k*B; -> X; k; X -> Y; k*X*A; Y -> ; k*Y; k = 1; A = 1; B = 0; X = 0; Y = 0",
        1,
    ),
    "what stands still": ("A -> B; k*A; k = 0; A = 1; B = 0", 2),
    "two bound to one": ("A + B -> AB; k*A*B; AB -> A + B; k*AB; k = 1; A = 1; B = 2; AB = 0", 2),
}


@pytest.mark.parametrize("what", list(MODELS))
def test_whether_there_are_totals_is_what_they_are(what: str) -> None:
    text, count = MODELS[what]
    network = load_model(text).network
    conserved = Conserved(network)
    assert len(conserved.totals(network.defaults)) == count
    assert conserved.any(network.defaults) == (count > 0)
