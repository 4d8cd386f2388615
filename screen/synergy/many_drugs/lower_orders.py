"""What combinations of fewer drugs explain of a combination of many. A term is what a set of drugs does
beyond all its subsets; what is explained up to an order are the terms of the sets of at most so many drugs.

Where independent drugs multiply (Bliss), the response to a set is the sum, over all ways to split the set
into groups, of the product of the groups' terms: a term is the joint cumulant, for three drugs the emergent
interaction of Beppler 2016 (doi:10.1098/rsif.2016.0800); for more drugs see Tekin 2018
(doi:10.3389/fevo.2018.00166), which compares the measures. It is 0 where the drugs fall into two groups that
do not touch each other. For an excess that adds up (Loewe, the Hill surface), the excess of a set is the sum
of the terms of its subsets (inclusion and exclusion).
"""

from collections.abc import Mapping
from itertools import combinations
from math import comb

import numpy as np

from screen.arrays import Floats

Group = tuple[int, ...]


def product_of_groups(response: Mapping[Group, Floats], drugs: int, order: int) -> Floats:
    """The response to all `drugs` that groups of at most `order` drugs explain. `response` holds viability of
    every set of up to `order` drugs (numbers from 0, ascending), broadcastable against each other."""
    terms: dict[Group, Floats] = {}
    for size in range(1, order + 1):
        for group in combinations(range(drugs), size):
            terms[group] = response[group] - _splits(group, terms, size - 1)
    return _splits(tuple(range(drugs)), terms, order)


def _splits(drugs: Group, terms: Mapping[Group, Floats], largest: int) -> Floats:
    """Sum over the ways to split `drugs` into groups of at most `largest` of the product of their terms."""
    if not drugs:
        return np.ones(1)
    first, rest = drugs[0], drugs[1:]
    total = np.zeros(1)
    for size in range(min(largest, len(drugs))):
        for others in combinations(rest, size):
            left = tuple(k for k in rest if k not in others)
            total = total + terms[(first, *others)] * _splits(left, terms, largest)
    return total


def inclusion_weights(drugs: int, order: int) -> dict[Group, int]:
    """How often the excess of each set of 2 to `order` drugs counts in the sum of all terms up to `order`."""
    return {
        group: sum((-1) ** more * comb(drugs - size, more) for more in range(order - size + 1))
        for size in range(2, order + 1)
        for group in combinations(range(drugs), size)
    }
