"""A run as an RO-Crate (version 1.1): a folder with the cube, its page, tables, configuration, model and
citations, and `ro-crate-metadata.json`, which says what each is and how they came about.
"""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from screen.errors import InputError
from screen.files import atomic_write, occupied, sweep, write_text
from screen.report.cube_view.from_cube import read_screen
from screen.report.cube_view.view import CubeView
from screen.report.findings.references import bibliography, used
from screen.report.tables.long_tables import write_tables
from screen.report.write_report import write_report
from screen.runner.execution.options import Progress

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
EXPLAINED = 6
KINDS = {
    ".h5": ("application/x-hdf5", "The cube: responses, scores, panel and provenance (netCDF-4)"),
    ".html": ("text/html", "The report: one page that needs nothing else"),
    ".csv": ("text/csv", "Responses: one row per line, combination, dose pair and time"),
    ".json": ("application/json", "The resolved configuration of the run"),
    ".xml": ("application/sbml+xml", "The pathway model as it was simulated (SBML)"),
    ".bib": ("application/x-bibtex", "What this run rests on"),
}


TABLES = {
    "_scores.csv": "Scores: one row per line, combination and time; positive = synergy",
    "_panel.csv": "Panel: one row per cell line, untreated",
    "_triples.csv": "Triples: responses to three drugs",
}
LICENCE = {
    "@id": "#licence",
    "@type": "CreativeWork",
    "name": "No licence stated",
    "description": "To be set by whoever publishes the run.",
}


def write_crate(cube: Path, folder: Path, force: bool = False, progress: Progress | None = None) -> Path:
    """Write the crate of the cube file `cube` into the new `folder`, with `force` over what stands there; the path of
    its metadata. `progress` hears how far page and tables are.
    """
    if not folder.parent.is_dir():
        raise InputError(
            f"{folder}: the folder '{folder.parent}' does not exist, expected an existing folder"
        )
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not force)):
        raise occupied(folder, "is no empty folder", force=folder.is_dir())
    view = read_screen(cube)
    folder.mkdir(exist_ok=True)
    sweep(folder)
    files = [folder / f"{cube.stem}.h5"]
    with atomic_write(files[0]) as unfinished:
        shutil.copyfile(cube, unfinished)
    files.append(write_report(cube, None, folder / f"{cube.stem}.html", explain=EXPLAINED, progress=progress))
    files += write_tables(cube, folder / f"{cube.stem}.csv", progress)
    config = view.provenance.get("config") or view.provenance.get("configuration")
    if config:
        text = json.dumps(config, indent=2, ensure_ascii=False) + "\n"
        files.append(write_text(folder / "configuration.json", text))
    if isinstance(view.provenance.get("model_sbml"), str):
        files.append(write_text(folder / "model.xml", view.provenance["model_sbml"]))
    files.append(write_text(folder / "citations.bib", bibliography(view)))
    text = json.dumps(metadata(view, files), indent=2, ensure_ascii=False) + "\n"
    return write_text(folder / "ro-crate-metadata.json", text)


def metadata(view: CubeView, files: list[Path]) -> dict[str, Any]:
    """The JSON-LD graph of the crate."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    provenance = view.provenance
    papers = [
        {"@id": f"https://doi.org/{item.get('doi')}", "@type": "ScholarlyArticle", "name": item.get("title")}
        for item in used(view)
        if item.get("doi")
    ]
    parts = [
        {
            "@id": path.name,
            "@type": "File",
            "name": next(
                (name for end, name in TABLES.items() if path.name.endswith(end)), KINDS[path.suffix][1]
            ),
            "encodingFormat": KINDS[path.suffix][0],
            "contentSize": str(path.stat().st_size),
        }
        for path in files
    ]
    versions = provenance.get("versions")
    program = {
        "@id": "#herscreen",
        "@type": "SoftwareApplication",
        "name": "herscreen",
        "softwareVersion": versions.get("herscreen", "") if isinstance(versions, dict) else "",
        "softwareRequirements": json.dumps(versions) if versions else "",
    }
    action = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"Simulation of the screen {view.title}",
        "instrument": {"@id": "#herscreen"},
        "object": [{"@id": path.name} for path in files if path.suffix in (".json", ".xml")],
        "result": {"@id": files[0].name},
        "startTime": str(provenance.get("started", "")),
        "endTime": str(provenance.get("finished", "")),
    }
    lines = f"{len(view.lines)} virtual cell lines, {len(view.combinations)} drug combinations"
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"herscreen run {view.title}",
        "description": f"Simulated drug-combination screen: {lines}. Simulated, not measured.",
        "datePublished": now,
        "license": {"@id": LICENCE["@id"]},
        "hasPart": [{"@id": path.name} for path in files],
        "mentions": {"@id": "#run"},
        "citation": [{"@id": paper["@id"]} for paper in papers],
    }
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    return {"@context": CONTEXT, "@graph": [descriptor, root, LICENCE, *parts, program, action, *papers]}
