"""YAML text to plain values, within bounds: a few hundred bytes of aliases and merges may stand for more than memory
holds, and a tag may be on what it does not fit.
"""

from typing import Any

import yaml

from screen.errors import InputError

MOST_VALUES = 1_000_000
"""Values that a text may stand for once its aliases are written out."""


def parse(text: str) -> tuple[Any, yaml.Node | None]:
    """The value of a YAML text, and its nodes, which know their lines, as they were written. Raises `InputError`
    with `line 3: ...`.
    """
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            return None, None
        if _size(node, {}) > MOST_VALUES:
            raise InputError(f"stands for more than {MOST_VALUES} values once its aliases are written out")
        return yaml.safe_load(text), node  # merging keys changes the nodes
    except InputError:
        raise
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        raise InputError(_words(error)) from None


def _words(error: Exception) -> str:
    """What is wrong with a text, in one line."""
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    if isinstance(error, RecursionError):
        return f"{where}not valid YAML: nested too deep"
    if not isinstance(error, yaml.YAMLError) and not isinstance(error, ValueError):
        return f"{where}not valid YAML: a value does not fit its tag"  # `!!bool perhaps`
    problem = getattr(error, "problem", None) or "the text cannot be read"
    return f"{where}not valid YAML: {' '.join(str(problem).split())}"


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node stands for; one that holds itself stands for more than all."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in known:
        known[id(node)] = MOST_VALUES + 1  # until it is counted
        parts = (
            [part for pair in node.value for part in pair]
            if isinstance(node, yaml.MappingNode)
            else node.value
        )
        known[id(node)] = min(1 + sum(_size(part, known) for part in parts), MOST_VALUES + 1)
    return known[id(node)]
