"""Many variables as few arrays: an HDF5 data set costs a third of a millisecond to make and to read, however
small it is. Those with the same dimensions are stacked, and words become numbers in a list of words.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from screen.arrays import Array
from screen.cube.netcdf import Variable, as_array


def pack(variables: Mapping[str, Variable]) -> tuple[dict[str, Array], list[Any]]:
    """Stacks of arrays by name, and for each variable [name, dims, attributes, stack, row, words or None]."""
    stacks: dict[str, list[Array]] = {}
    about: list[Any] = []
    for name, variable in variables.items():
        values, words = as_array(variable.values), None
        if values.dtype.kind == "O":
            found, codes = np.unique(values.astype(str), return_inverse=True)
            words, values = found.tolist(), codes.reshape(values.shape).astype(np.int32)
        place = f"{values.dtype.name}_{'_'.join(variable.dims)}"
        stack = stacks.setdefault(place, [])
        attributes = {
            key: value.tolist() if isinstance(value, np.ndarray) else value
            for key, value in variable.attributes.items()
        }
        about.append([name, list(variable.dims), attributes, place, len(stack), words])
        stack.append(values)
    return {place: np.stack(stack) for place, stack in stacks.items()}, about


def unpack(stacks: Mapping[str, Array], about: list[Any]) -> dict[str, Variable]:
    """The variables that were packed."""
    variables = {}
    for name, dims, attributes, place, row, words in about:
        values = stacks[place][row]
        if words is not None:
            values = np.array(words, object)[values]
        flags = {key: np.array(of, values.dtype) for key, of in attributes.items() if isinstance(of, list)}
        variables[name] = Variable(tuple(dims), values, attributes | flags)
    return variables


def place_of(about: list[Any]) -> dict[str, tuple[str, int]]:
    """The stack and the row in it of each variable that was packed."""
    return {name: (place, row) for name, _, _, place, row, _ in about}
