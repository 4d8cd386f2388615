"""The states of MuSyC for any number of drugs, the moves between them, and what its parameters are called."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MusycStates:
    """The states and moves of `drugs` drugs; parameters are in the order ends `(state,)`, log hill and log
    midpoint `(drug,)` each, log alpha `(move,)`."""

    drugs: int

    @property
    def states(self) -> int:
        return 1 << self.drugs

    @property
    def names(self) -> tuple[str, ...]:
        """The sets by their drugs: "", "1", "2", "12", "3", ..."""
        return tuple("".join(str(k + 1) for k in self.members(s)) for s in range(self.states))

    @property
    def moves(self) -> tuple[tuple[int, int], ...]:
        """The set that has hit and the drug (from 0) that follows, for each alpha."""
        return tuple((s, k) for s in range(1, self.states) for k in range(self.drugs) if not s >> k & 1)

    @property
    def alphas(self) -> tuple[str, ...]:
        return tuple(f"alpha_{self.names[s]}_{k + 1}" for s, k in self.moves)

    @property
    def combinations(self) -> tuple[int, ...]:
        """The sets of two drugs and more, smaller numbers first: subsets come before their sets."""
        return tuple(s for s in range(self.states) if s.bit_count() > 1)

    @property
    def parameters(self) -> int:
        return self.states + 2 * self.drugs + len(self.moves)

    def members(self, state: int) -> list[int]:
        return [k for k in range(self.drugs) if state >> k & 1]
