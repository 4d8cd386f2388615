"""One model out of three tables: the network's text, its parameter values and the drugs' pressures."""

import re
from collections.abc import Iterable, Mapping

from screen.errors import InputError
from screen.pathway.tables.drugs import Drug, pressure_rules
from screen.pathway.tables.parameters import Parameter

PRESSURE = re.compile(r"\bu_([A-Za-z0-9_]+)")


def targets_of(network: str) -> set[str]:
    """Targets on which the network's text lets drugs act (its symbols `u_<target>`)."""
    return set(PRESSURE.findall(network))


def assemble(network: str, parameters: Iterable[Parameter], drugs: Mapping[str, Drug]) -> str:
    """The whole model as Antimony text: network, drugs as parameters in nM, values."""
    targets = targets_of(network)
    for drug in drugs.values():
        for target in drug.targets:
            if target not in targets:
                raise InputError(f"drugs.tsv: {drug.name}: the network has no target '{target}' (u_{target})")
    return _joined(
        network, parameters, "concentrations in nM, and the pressure on each", pressure_rules(drugs, targets)
    )


def assemble_under_pressure(network: str, parameters: Iterable[Parameter]) -> str:
    """The model without drugs: the pressure on each target, `u_<target>`, is a parameter, 0 where no drug is given. It
    has a tenth of the parameters, and the derivative by a potency follows from that by the pressure.
    """
    return _joined(
        network, parameters, "the pressure on each", [f"{symbol} = 0;" for symbol in pressures(network)]
    )


def pressures(network: str) -> list[str]:
    """The symbols `u_<target>` in the network's text."""
    return [f"u_{target}" for target in sorted(targets_of(network))]


def _joined(network: str, parameters: Iterable[Parameter], what: str, drugs: list[str]) -> str:
    head, end, _ = network.rpartition("\nend")
    if not end:
        raise InputError("her2_igf1r.ant: no line 'end'")
    values = [f"{parameter.id} = {parameter.value!r};" for parameter in parameters]
    blocks = [head, f"// ---- Drugs: {what} target", *drugs, "// ---- Values", *values, "end"]
    return "\n".join(blocks) + "\n"
