"""The network enlarged by the derivatives of its states with respect to chosen parameters.

With s = dy/dp, ds/dt = J s + df/dp and s(0) = dy0/dp. The enlarged network goes through the same code
generator, so its own Jacobian is analytic too and the sensitivities stand under the same error control as the
states.

Events, and jumps of the rates, change them too; see `event_slopes`.
"""

from collections.abc import Sequence
from dataclasses import replace

from screen.kinetics.checks import parameter_index
from screen.kinetics.expressions.derivatives import gradients, of_parameter
from screen.kinetics.expressions.event_slopes import EventSlopes
from screen.kinetics.expressions.graph import Node
from screen.kinetics.expressions.network import Network


def slope_name(symbol: str, parameter: str) -> str:
    """The name of the derivative of a state or readout."""
    return f"d({symbol})/d({parameter})"


def with_sensitivities(network: Network, readouts: Sequence[str], names: Sequence[str]) -> Network:
    """The network with S more states a parameter, and readouts `d(readout)/d(parameter)`."""
    chosen = [parameter_index(name, network.parameters, network.computed) for name in names]
    through = EventSlopes(network, chosen)
    network, g = through.network, network.graph
    size = len(network.states)
    plain = [name for name in readouts if not name.startswith("d(")]
    read = [network.readout(name) for name in plain]
    slopes = gradients(g, [*network.rates, *network.initial, *read], set(chosen))

    def total(node: Node, block: int) -> Node:
        """The derivative of a node by the parameter of a block, through states and directly."""
        found = slopes.get(node, {})
        parts = [g.mul(d, g.state(size * (block + 1) + k)) for k, d in found.items() if k >= 0]
        return g.sum([*parts, found.get(of_parameter(chosen[block]), g.zero)])

    states, rates, initial = list(network.states), list(network.rates), list(network.initial)
    derived: dict[str, Node] = {}
    for block, name in enumerate(names):
        states += [slope_name(state, name) for state in network.states]
        rates += [total(rate, block) for rate in network.rates]
        key = of_parameter(chosen[block])
        initial += [slopes.get(node, {}).get(key, g.zero) for node in network.initial]
        derived |= {slope_name(r, name): total(node, block) for r, node in zip(plain, read)}
    if through.remembers:
        more = ["time of the last event", *(slope_name("time of the last event", name) for name in names)]
        states, rates = states + more, rates + [g.zero] * len(more)
        initial += [g.constant(-1.0), *[g.zero] * len(names)]
    return replace(
        network,
        events=through.events(),
        states=tuple(states),
        is_species=network.is_species + (False,) * (len(states) - size),
        rates=tuple(rates),
        initial=tuple(initial),
        derived=derived,
    )
