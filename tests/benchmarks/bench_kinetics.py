"""The engine against its peers, work against precision; its cost from a thousand to a million trajectories;
how fast it compiles. One core; processor time; `HERSCREEN_SHARED` names the folder of published models.
"""

import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from screen.kinetics import Engine, compile_engine, load_model
from tests.peers.solvers import Solve, ours, roadrunner, scipy_lsoda

TOLERANCES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
EQUAL_ERROR = 1e-5
DRUGS = ("trastuzumab", "linsitinib", "BMS-754807", "alpelisib", "MK-2206", "everolimus", "lapatinib")
ENDS = {
    "BIOMD0000000424_Faratian2009_PTEN_trastuzumab.xml": 3600.0,
    "BIOMD0000000048_Kholodenko1999_EGFR.xml": 120.0,
    "BIOMD0000000223_Borisov2009_EGF_insulin.xml": 1800.0,
    "BIOMD0000000019_Schoeberl2002_EGF_MAPK.xml": 3600.0,
    "BIOMD0000000427_Bianconi2012_EGFR_IGF1R_lung.xml": 1800.0,
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HERSCREEN_CACHE"] = folder
        _built_in()
        _published()
        _compilation()
        _million()


def _error(found: np.ndarray, exact: np.ndarray) -> np.ndarray:
    scale = np.abs(exact) + 1e-6 * np.max(np.abs(exact), axis=0) + 1e-12
    return np.abs(found - exact) / scale


def _curve(name: str, solve: Solve, exact: np.ndarray, tolerances: tuple[float, ...]) -> float:
    """Prints one solver's line per tolerance; gives the least time per trajectory within the equal error."""
    errors, costs = [], []
    for rtol in tolerances:
        states, seconds = solve(rtol)
        error = _error(states, exact[: len(states)])
        failed = int(np.sum(np.any(np.isnan(states), axis=1)))
        errors.append(float(np.nanmedian(error)))
        costs.append(seconds / len(states) * 1e6)
        worst = float(np.nanquantile(np.nanmax(error, axis=1), 0.99))
        print(
            f"  {name:22s} rtol {rtol:7.0e} {costs[-1]:10.1f} us  median error {errors[-1]:8.1e}"
            f"  99 % below {worst:8.1e}  failed {failed}"
        )
    return min((cost for cost, error in zip(costs, errors) if error <= EQUAL_ERROR), default=np.nan)


def _compare(
    title: str, engine: Engine, end: float, rows: np.ndarray, start: np.ndarray | None, few: int
) -> None:
    varied = [n for n, column in zip(engine.parameters, rows.T) if np.ptp(column) > 0]
    print(f"{title}: {len(engine.states)} states, {len(varied)} parameters varied, {len(rows)} conditions")
    exact = engine.simulate([end], rows, start, rtol=1e-10, atol=1e-13, max_steps=1_000_000).state
    part = None if start is None else start[:few]
    own = _curve("herscreen", ours(engine, end, rows, start), exact, TOLERANCES)
    peers = {
        "libRoadRunner": roadrunner(engine, end, rows[:few], part, varied),
        "SciPy LSODA, compiled": scipy_lsoda(engine, end, rows[:few], part),
    }
    for name, solve in peers.items():
        cost = _curve(name, solve, exact, (1e-3, 1e-4, 1e-5, 1e-6, 1e-7))
        ratio = f"{name} {cost:.1f} us, ratio {cost / own:.0f}"
        print(f"  within a median error of {EQUAL_ERROR:g}: herscreen {own:.1f} us, {ratio}")


def _screen(count: int) -> tuple[Engine, np.ndarray, np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """The built-in model's lines and random doses of two of the quickstart's drugs each."""
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
    return assay.engine, untreated.parameters, untreated.state, line, doses


def _built_in() -> None:
    engine, base, state, line, doses = _screen(2000)
    rows = base[line]
    for name, dose in doses.items():
        rows[:, engine.index(name)] = dose
    _compare("built-in model, 120 h", engine, 120.0, rows, state[line], 100)


def _published() -> None:
    folder = (
        Path(os.environ.get("HERSCREEN_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "models"
    )
    for name, end in ENDS.items():
        if not (folder / name).is_file():
            print(f"{name}: not beside the checkout")
            continue
        text = (folder / name).read_text().replace('fast="true"', 'fast="false"')
        engine = compile_engine(load_model(text), [])
        random = np.random.default_rng(0)
        factors = np.exp(0.3 * random.standard_normal((1000, len(engine.parameters))))
        factors[:, ["." in name for name in engine.parameters]] = 1.0  # local ones, which a peer cannot set
        rows = engine.defaults * factors
        ok = engine.simulate([end], rows, rtol=1e-9, atol=1e-12).status == 0
        _compare(f"{name[16:-4]}, {end:g} s", engine, end, rows[ok], None, 40)


def chain(states: int) -> str:
    """A made-up network of reversible binding, saturable conversion and turnover, in Antimony."""
    lines = []
    for k in range(states):
        other = (k + 2) % states
        lines.append(f"  J{k}a: S{k} -> S{(k + 1) % states}; v{k} * S{k} / (K{k} + S{k} + S{other})")
        lines.append(f"  J{k}b: -> S{k}; b{k} - d{k} * S{k}")
        lines.append(f"  S{k} = 1; v{k} = {1 + k % 5}; K{k} = 2; b{k} = 0.1; d{k} = 0.05")
    return "model chain\n" + "\n".join(lines) + "\nend\n"


def _compilation() -> None:
    for states in (60, 500):
        begin = time.process_time()
        model = load_model(chain(states))
        read = time.process_time() - begin
        engine = compile_engine(model, ["S0"])
        built = time.process_time() - begin
        begin = time.process_time()
        compile_engine(model, ["S0"])
        again = time.process_time() - begin
        found = engine.simulate([100.0], engine.parameter_rows(8))
        print(
            f"{states} species: text to running code {built:.2f} s ({read:.2f} s of it reading), reloaded in "
            f"{again * 1e3:.1f} ms, status {found.status[0]}"
        )


def _million() -> None:
    for count in (1_000, 10_000, 100_000, 1_000_000):
        engine, base, state, line, doses = _screen(count)
        few = {name: dose[:100] for name, dose in doses.items()}
        engine.simulate_variants([120.0], base, line[:100], few, state, rtol=1e-4)
        begin = time.perf_counter()
        found = engine.simulate_variants([120.0], base, line, doses, state, rtol=1e-4, atol=1e-7)
        seconds = time.perf_counter() - begin
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        counted = np.bincount(found.status, minlength=3)
        print(
            f"{count:9d} trajectories, rtol 1e-4: {seconds:7.2f} s, {seconds / count * 1e6:6.2f} us each, "
            f"peak memory {memory:.0f} MiB, ok/retried/reference {counted[:3]}, failed {counted[3:].sum()}"
        )


if __name__ == "__main__":
    main()
