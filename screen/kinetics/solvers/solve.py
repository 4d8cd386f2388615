"""Problems to trajectories: the batched solver with its later attempts, or the reference solver for all."""

from screen.errors import InputError
from screen.kinetics.problem import Problem, Solver, Trajectories
from screen.kinetics.solvers.compiled_network import CompiledNetwork
from screen.kinetics.solvers.fallback import solve_by_reference
from screen.kinetics.solvers.retry import retried


def solve(
    network: CompiledNetwork, problem: Problem, solver: Solver = "batch", retry: bool = True
) -> Trajectories:
    """Solves every row; one row's failure is that row's status. Unknown solver: `InputError`."""
    if solver == "scipy":
        return solve_by_reference(network, problem)
    if solver != "batch":
        raise InputError(f"unknown solver '{solver}'; known are 'batch' and 'scipy'")
    result = network.run(problem)
    return retried(network, problem, result) if retry else result
