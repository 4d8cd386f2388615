"""Problems to trajectories: the batched solver with its later attempts, or the reference solver for all."""

from functools import partial

from screen.errors import InputError
from screen.kinetics.problem import Problem, Solver, Trajectories
from screen.kinetics.solvers.attempts.more_steps import with_more_steps
from screen.kinetics.solvers.attempts.retry import retried
from screen.kinetics.solvers.compiled_network import CompiledNetwork
from screen.kinetics.solvers.fallback import solve_by_reference


def solve(
    network: CompiledNetwork, problem: Problem, solver: Solver = "batch", retry: bool = True
) -> Trajectories:
    """Solves every row; one row's failure is that row's status. Unknown solver: `InputError`."""
    if solver not in ("batch", "scipy"):
        raise InputError(f"unknown solver '{solver}'; known are 'batch' and 'scipy'")
    run = network.run if solver == "batch" else partial(solve_by_reference, network)
    result = with_more_steps(problem, run(problem), run)
    if solver == "scipy":
        return result
    return retried(network, problem, result) if retry else result
