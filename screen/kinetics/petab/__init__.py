"""PEtab problems (version 1; Schmiester and others 2021, doi:10.1371/journal.pcbi.1008646): load, simulate, objective,
gradient.

    problem = load_petab("problem.yaml")
    problem.objective(problem.nominal)        # negative log-likelihood
    problem.gradient(problem.nominal)         # by the estimated parameters, on their scales
"""

from screen.kinetics.petab.load import load_petab
from screen.kinetics.petab.problem import PetabProblem

__all__ = ["PetabProblem", "load_petab"]
