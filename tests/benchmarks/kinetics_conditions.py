"""The conditions on which the kinetics engine is measured: the built-in model's lines and doses, published
models with random factors, and a made-up chain of any size.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import libsbml
import numpy as np

from screen.kinetics import Engine, compile_engine, load_model

DRUGS = ("trastuzumab", "linsitinib", "BMS-754807", "alpelisib", "MK-2206", "everolimus", "lapatinib")
ENDS = {
    "BIOMD0000000424_Faratian2009_PTEN_trastuzumab.xml": 3600.0,
    "BIOMD0000000048_Kholodenko1999_EGFR.xml": 120.0,
    "BIOMD0000000223_Borisov2009_EGF_insulin.xml": 1800.0,
    "BIOMD0000000019_Schoeberl2002_EGF_MAPK.xml": 3600.0,
    "BIOMD0000000427_Bianconi2012_EGFR_IGF1R_lung.xml": 1800.0,
}


@dataclass(frozen=True)
class Screen:
    """The built-in model's untreated lines, `base` (L, P) and `state` (L, S), and random doses of two drugs
    each: `line` (N,) and `doses` by parameter (N,).
    """

    engine: Engine
    base: np.ndarray
    state: np.ndarray
    line: np.ndarray
    doses: dict[str, np.ndarray]

    def rows(self) -> np.ndarray:
        """All parameters (N, P)."""
        rows = self.base[self.line]
        for name, dose in self.doses.items():
            rows[:, self.engine.index(name)] = dose
        return rows

    def start(self) -> np.ndarray:
        """The untreated steady state of each condition's line (N, S)."""
        return self.state[self.line]


def screen(count: int) -> Screen:
    """Random conditions on the built-in model."""
    from screen.pathway import load_pathway
    from screen.pathway.assay import Assay

    pathway = load_pathway()
    assay = Assay.compile(pathway, ["pAKT_S473", "pERK"])
    untreated = assay.untreated(list(pathway.cell_lines.values()))
    random = np.random.default_rng(0)
    line = random.integers(0, len(untreated.state), count)
    drugs = [pathway.drug(name).parameter for name in DRUGS]
    doses = {name: np.zeros(count) for name in drugs}
    chosen = random.random((count, len(drugs))).argsort(axis=1)[:, :2]
    for column in (0, 1):
        amount = np.where(random.random(count) < 0.1, 0.0, 10 ** random.uniform(0, 4, count))
        for k, name in enumerate(drugs):
            mine = chosen[:, column] == k
            doses[name][mine] = amount[mine]
    return Screen(assay.engine, untreated.parameters, untreated.state, line, doses)


def published() -> Iterator[tuple[str, float, Engine]]:
    """(title, end time, engine) of each published model that is beside the checkout."""
    beside = Path(__file__).resolve().parents[3] / "shared"
    folder = Path(os.environ.get("HERSCREEN_SHARED", beside)) / "models"
    for name, end in ENDS.items():
        if not (folder / name).is_file():
            print(f"{name}: not beside the checkout")
            continue
        text = (folder / name).read_text().replace('fast="true"', 'fast="false"')
        yield name[16:-4], end, compile_engine(load_model(text), [])


def varied(engine: Engine, count: int, seed: int, everything: bool) -> np.ndarray:
    """Log-normal factors, sd 0.3, on start values and parameters (N, P); on local ones and sizes of
    compartments too if asked (libRoadRunner cannot set the former, AMICI neither).
    """
    random = np.random.default_rng(seed)
    factors = np.exp(0.3 * random.standard_normal((count, len(engine.parameters))))
    if not everything:
        model = libsbml.readSBMLFromString(engine.model.sbml).getModel()
        sizes = {compartment.getId() for compartment in model.getListOfCompartments()}
        factors[:, ["." in name or name in sizes for name in engine.parameters]] = 1.0
    return np.asarray(engine.defaults * factors)


def chain(states: int) -> str:
    """A made-up network of reversible binding, saturable conversion and turnover, in Antimony."""
    lines = []
    for k in range(states):
        other = (k + 2) % states
        lines.append(f"  J{k}a: S{k} -> S{(k + 1) % states}; v{k} * S{k} / (K{k} + S{k} + S{other})")
        lines.append(f"  J{k}b: -> S{k}; b{k} - d{k} * S{k}")
        lines.append(f"  S{k} = 1; v{k} = {1 + k % 5}; K{k} = 2; b{k} = 0.1; d{k} = 0.05")
    return "model chain\n" + "\n".join(lines) + "\nend\n"
