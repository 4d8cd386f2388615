"""Equality in a trigger. Of two quantities that move it holds for an instant, which no step of a solver and hardly a
number meets; of SBML's trigger it is the instant that counts (`time == 20`). So there it holds from the crossing on for
a tenth of a millionth of the time gone by: its beginning is a change of sign, which is solved for like any other.
"""

from collections.abc import Sequence

from screen.kinetics.expressions.derivatives import TIME, gradients
from screen.kinetics.expressions.graph import Graph, Node
from screen.kinetics.expressions.substitution import substituted

LASTS = 1e-7  # of the time gone by


def with_crossings(g: Graph, triggers: Sequence[Node], rates: Sequence[Node]) -> list[Node]:
    """The triggers, with crossings for equalities of what moves under the states' rates (S,); what is equal for a while
    is so as before.
    """
    within = g.reachable(triggers)
    equal = [node for node in within if g.op[node] == "eq" and not any(g.is_boolean(a) for a in g.args[node])]
    margins = {node: g.sub(*g.args[node]) for node in equal}
    slopes = gradients(g, margins.values())
    table: dict[Node, Node] = {}
    for node, margin in margins.items():
        by = slopes.get(margin, {})
        speed = g.sum(g.mul(by[key], g.one if key == TIME else rates[key]) for key in sorted(by))
        if speed == g.zero:
            continue
        since = g.mul(margin, speed)  # times the square of the speed: the time since the crossing
        lasts = g.mul(g.constant(LASTS), g.mul(g.time(), g.mul(speed, speed)))
        passed = g.connect("and", [g.compare("ge", since, g.zero), g.compare("lt", since, lasts)])
        table[node] = g.connect("or", [node, passed])
    if not table:
        return list(triggers)
    found = substituted(g, triggers, table)
    return [found[trigger] for trigger in triggers]
