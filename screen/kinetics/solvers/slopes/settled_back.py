"""What steady states count in weighted sums, by parameter: the implicit function transposed, one solution a row for
any number of parameters. Where totals are conserved, by the sensitivities themselves.
"""

from collections.abc import Sequence

import numpy as np

from screen.arrays import Floats
from screen.kinetics.expressions.conserved import Conserved
from screen.kinetics.solvers.compiled_network import CompiledNetwork
from screen.kinetics.solvers.slopes.settled_slopes import settled_slopes, tangents_at


def settled_back(
    network: CompiledNetwork,
    rows: Floats,
    state: Floats,
    counts: Floats,
    fixed: Sequence[str] = (),
    rates: Floats | None = None,
    time: float = 1e8,
) -> Floats:
    """The derivatives (N, K) of the sums of steady states (N, S) x `counts` (N, S), and of the rates of `fixed` states,
    which keep their start, x `rates` (N, fixed), by the parameters that a network compiled with sensitivities has. NaN
    where no state is there; singular where it is not determined (`numpy.linalg.LinAlgError`).
    """
    whole = Conserved(network.model.network)
    if not fixed and len(whole.totals(rows[0])):
        return np.asarray(np.einsum("nks,ns->nk", settled_slopes(network, rows, state, time, rows), counts))
    jacobian, direct = tangents_at(network, rows, state, time)
    held = [network.states.index(name) for name in fixed]
    live = [number for number in range(len(network.states)) if number not in held]
    asked, found = counts, np.zeros(direct.shape[:2])
    if rates is not None:
        asked = counts + np.einsum("nf,nfs->ns", rates, jacobian[:, held])
        found += np.einsum("nf,nkf->nk", rates, direct[:, :, held])
    good = np.isfinite(state).all(axis=1) & np.isfinite(jacobian).all(axis=(1, 2))
    matrix = np.swapaxes(jacobian[good][:, live][:, :, live], 1, 2)
    weight = np.linalg.solve(matrix, asked[good][:, live, None])[..., 0]
    found[good] -= np.einsum("nks,ns->nk", direct[good][:, :, live], weight)
    found[~good] = np.nan
    return found
