"""A PEtab problem on disk: SBML, tab-separated tables and the YAML file that names them, in versions 1 and 2."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from screen.analysis.calibration_outputs.petab import PetabTables
from screen.analysis.calibration_outputs.petab_model import Row
from screen.analysis.calibration_outputs.petab_v2 import description_v2, tables_v2
from screen.files import occupied, sweep, table_text, write_text

PROBLEM = "problem.yaml"
VERSION_2 = "v2"
"""The folder of the same problem in PEtab version 2."""


def write_petab(problem: PetabTables, folder: Path) -> Path:
    """Write the problem into a folder, in version 2 into `v2` there; returns the path of the YAML file of version 1."""
    if folder.exists() and (
        not folder.is_dir() or (any(folder.iterdir()) and not (folder / PROBLEM).is_file())
    ):
        raise occupied(folder, "holds no PEtab problem", force=False)
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    write_text(folder / "model.xml", problem.sbml)
    conditions = [{"conditionId": name, **row} for name, row in problem.conditions.items()]
    tables = {
        "conditions": conditions,
        "observables": problem.observables,
        "measurements": problem.measurements,
        "parameters": problem.parameters,
    }
    _write_tables(tables, folder)
    notes = [["id", "how", "why"]]
    notes += [[name, "left out", why] for name, why in problem.left_out.items()]
    notes += [[name, "mapped", why] for name, why in problem.mapped.items()]
    write_text(folder / "left-out.tsv", table_text(notes, "\t"))
    description = {
        "format_version": 1,
        "parameter_file": "parameters.tsv",
        "problems": [
            {
                "sbml_files": ["model.xml"],
                "condition_files": ["conditions.tsv"],
                "observable_files": ["observables.tsv"],
                "measurement_files": ["measurements.tsv"],
            }
        ],
    }
    (folder / VERSION_2).mkdir(exist_ok=True)
    sweep(folder / VERSION_2)
    _write_tables(tables_v2(problem), folder / VERSION_2)
    write_text(folder / VERSION_2 / PROBLEM, yaml.safe_dump(description_v2(), sort_keys=False))
    return write_text(folder / PROBLEM, yaml.safe_dump(description, sort_keys=False))


def _write_tables(tables: Mapping[str, list[Row]], folder: Path) -> None:
    import pandas as pd

    for name, rows in tables.items():
        write_text(folder / f"{name}.tsv", pd.DataFrame(rows).to_csv(sep="\t", index=False))
