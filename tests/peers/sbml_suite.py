"""Cases of the SBML Test Suite's semantic section: what a case asks for, and whether an answer passes."""

import csv
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screen.errors import InputError
from screen.kinetics import UnsupportedModel, load_model, simulate


@dataclass(frozen=True)
class Case:
    """One case: its model, the columns expected at given times, and how close they must be."""

    name: str
    model: str
    variables: tuple[str, ...]
    amounts: frozenset[str]
    concentrations: frozenset[str]
    absolute: float
    relative: float
    times: np.ndarray
    expected: np.ndarray


def read_cases(archive: Path) -> Iterator[Case]:
    """All cases of the archive, in order."""
    files: dict[str, dict[str, str]] = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            parts = Path(member.name).parts
            if member.isfile() and len(parts) >= 2 and parts[-2].isdigit():
                handle = tar.extractfile(member)
                assert handle is not None
                files.setdefault(parts[-2], {})[parts[-1]] = handle.read().decode("utf-8", "replace")
    for name in sorted(files):
        yield _case(name, files[name])


def _case(name: str, files: dict[str, str]) -> Case:
    settings: dict[str, str] = {}
    for line in files[f"{name}-settings.txt"].splitlines():
        key, _, value = line.partition(":")
        settings[key.strip()] = value.strip()

    def names(key: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in settings.get(key, "").split(",") if part.strip())

    rows = list(csv.reader(io.StringIO(files[f"{name}-results.csv"])))
    header = [column.strip() for column in rows[0]]
    numbers = np.array([[float(x) for x in row] for row in rows[1:] if row], dtype=float)
    variables = names("variables")
    lower = [column.lower() for column in header]
    columns = [header.index(v) if v in header else lower.index(v.lower()) for v in variables]
    model = next(text for file, text in files.items() if file.endswith(".xml") and "-sbml-" in file)
    return Case(
        name,
        model,
        variables,
        frozenset(names("amount")),
        frozenset(names("concentration")),
        float(settings["absolute"]),
        float(settings["relative"]),
        numbers[:, 0],
        numbers[:, columns],
    )


def run_case(case: Case, solver: str) -> tuple[str, str]:
    """(`passed`, `refused` or `failed`, why)."""
    try:
        model = load_model(case.model, fast_reactions="equilibrium")
        symbols = model.network.symbols
        readouts = []
        for name in case.variables:
            if name in case.amounts and name in model.network.amounts:
                readouts.append(f"amount({name})")
            elif name in case.concentrations and name in model.network.concentrations:
                readouts.append(f"concentration({name})")
            elif name in symbols:
                readouts.append(name)
            else:
                return "refused", f"no symbol {name}"
        tight = {"rtol": min(1e-8, case.relative * 1e-3), "atol": min(1e-11, case.absolute * 1e-4)}
        found = simulate(model, case.times, readouts=readouts, solver=solver, **tight)  # type: ignore[arg-type]
    except UnsupportedModel as error:
        return "refused", str(error)
    except InputError as error:
        return "refused", f"{type(error).__name__}: {error}"
    status = int(found["status"][0])
    values = np.stack([found[name].values[0] for name in readouts], axis=1)
    near = np.abs(values - case.expected) <= case.absolute + case.relative * np.abs(case.expected)
    same = near | (np.isnan(values) & np.isnan(case.expected)) | (values == case.expected)
    if np.all(same):
        return "passed", ""
    if status > 2:
        return "unsolved", f"status {status}"
    worst = np.argwhere(~same)[0]
    what = f"{case.variables[worst[1]]} at {case.times[worst[0]]}"
    return "failed", f"{what}: {values[tuple(worst)]} not {case.expected[tuple(worst)]}"
