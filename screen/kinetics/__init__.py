"""Reaction networks as numbers: the SBML/Antimony reader, code generation, the batched stiff solver and the
SciPy reference solver. Knows nothing of HER2, drugs or screening.

    model  = screen.kinetics.load_model("model.xml")
    result = screen.kinetics.simulate(model, times=[0, 1, 24], conditions={"k1": [0.1, 0.2]}, readouts=["S1"])
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from screen.kinetics.doses import Dose
    from screen.kinetics.engine import Engine, compile_engine
    from screen.kinetics.errors import InvalidModel, UnsupportedModel
    from screen.kinetics.gradients import WeightedGradient, gradient
    from screen.kinetics.model import Model, load_model
    from screen.kinetics.problem import Trajectories
    from screen.kinetics.sensitivity import Sensitivities, sensitivities
    from screen.kinetics.simulation import simulate
    from screen.kinetics.solvers.steady_state import SteadyStates
    from screen.kinetics.status import Status

__all__ = [
    "Dose",
    "Engine",
    "InvalidModel",
    "Model",
    "Sensitivities",
    "Status",
    "SteadyStates",
    "Trajectories",
    "UnsupportedModel",
    "WeightedGradient",
    "compile_engine",
    "gradient",
    "load_model",
    "sensitivities",
    "simulate",
]

_HOME = {
    "Dose": "doses",
    "Engine": "engine",
    "Trajectories": "problem",
    "compile_engine": "engine",
    "InvalidModel": "errors",
    "UnsupportedModel": "errors",
    "Model": "model",
    "load_model": "model",
    "simulate": "simulation",
    "Status": "status",
    "SteadyStates": "solvers.steady_state",
    "Sensitivities": "sensitivity",
    "sensitivities": "sensitivity",
    "WeightedGradient": "gradients",
    "gradient": "gradients",
}


def __getattr__(name: str) -> Any:
    """Loads a public name's module when it is first used, so that importing the package costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value
