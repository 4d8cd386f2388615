"""A run as a COMBINE archive (OMEX; Bergmann and others 2014, doi:10.1186/s12859-014-0369-z): the model as it was
simulated, a handful of the wells in SED-ML, and what the cube says of these, so that another simulator can be held
against it.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from screen.analysis.cubes.cube_model import CubeModel, opened
from screen.errors import InputError
from screen.files import atomic_write, table_text
from screen.pathway import Assay
from screen.report.tables.combine.simulation_experiment import ReportCurve, label, sedml_text, time_course
from screen.report.tables.combine.started_model import started_model
from screen.report.tables.combine.wells import ShownWells, choose_wells

ENDING = ".omex"
MODEL, EXPERIMENT, EXPECTED, METADATA = "model.xml", "wells.sedml", "expected.csv", "metadata.rdf"
COMBINE = "http://identifiers.org/combine.specifications/"
MANIFEST = f"{COMBINE}omex-manifest"
DATE = (1980, 1, 1, 0, 0, 0)
"""Of all files in the archive, which is the same whenever it is made."""


def write_archive(cube: Path, path: Path) -> Path:
    """Write the archive of the cube file `cube` to `path`. Raises `InputError` for a cube of schedules, one of
    mixtures alone, and where the model at hand is another one.
    """
    with opened(cube) as known:
        files, language = _files(known)
    formats = {
        MODEL: COMBINE + language,
        EXPERIMENT: f"{COMBINE}sed-ml.level-1.version-3",
        EXPECTED: "http://purl.org/NET/mediatypes/text/csv",
        METADATA: f"{COMBINE}omex-metadata",
    }
    with atomic_write(path) as unfinished, zipfile.ZipFile(unfinished, "w") as archive:
        for name, text in {"manifest.xml": _manifest(formats), **files}.items():
            entry = zipfile.ZipInfo(name, DATE)
            archive.writestr(entry, text.encode(), zipfile.ZIP_DEFLATED)
    return path


def _files(cube: CubeModel) -> tuple[dict[str, str], str]:
    """The texts by name, and the language of the model."""
    reader, assay = cube.reader, cube.assay()
    curves = _curves(cube, assay)
    chosen = choose_wells(cube, assay)
    model = started_model(assay.pathway.source, chosen.start, {curve.readout for curve in curves})
    try:
        course = time_course(reader.times_h.tolist(), assay.pathway.protocol.per_hour, **reader.solver)
    except InputError as error:
        raise InputError(f"{reader.name}: {error}") from None
    files = {
        MODEL: model.text,
        EXPERIMENT: sedml_text(MODEL, model, chosen, curves, course),
        EXPECTED: _expected(cube, chosen, curves),
        METADATA: _metadata(cube),
    }
    return files, model.language


def _curves(cube: CubeModel, assay: Assay) -> list[ReportCurve]:
    """The readouts of the cube that are a symbol of the model, or follow from what is counted."""
    protocol, pathway = assay.pathway.protocol, assay.pathway
    special = {
        "viability": ReportCurve("viability", protocol.counted, "cells" if protocol.logarithmic else "share")
    }
    if protocol.logarithmic:
        special["gr_value"] = ReportCurve("gr_value", protocol.counted, "growth")
        special["log_cells"] = ReportCurve("log_cells", protocol.counted, "symbol")
    made = {*cube.composed.expressions, *cube.composed.shares}
    known = {name: ReportCurve(name, pathway.symbol(name), "symbol") for name in assay.readouts}
    names = [name for name in cube.reader.readouts if name not in made]
    return [found for name in names if (found := {**known, **special}.get(name)) is not None]


def _expected(cube: CubeModel, chosen: ShownWells, curves: list[ReportCurve]) -> str:
    """What the cube says: a row a well, readout and time, labelled as in the report of the experiment."""
    rows = [["label", "time_h", "value"]]
    for well in chosen.wells:
        at = dict(zip(("cell_line", "combination", "dose_1", "dose_2"), well.place))
        for curve in curves:
            stored = cube.reader.root[curve.name].array("time", **at)
            words = label(well.name, curve.name)
            rows += [[words, repr(t), repr(v)] for t, v in zip(cube.reader.times_h.tolist(), stored.tolist())]
    return table_text(rows)


def _manifest(formats: Mapping[str, str]) -> str:
    top = Element("omexManifest", {"xmlns": MANIFEST})
    SubElement(top, "content", {"location": ".", "format": f"{COMBINE}omex"})
    SubElement(top, "content", {"location": "./manifest.xml", "format": MANIFEST})
    for name, kind in formats.items():
        master = {"master": "true"} if name == EXPERIMENT else {}
        SubElement(top, "content", {"location": f"./{name}", "format": kind, **master})
    return _written(top)


def _metadata(cube: CubeModel) -> str:
    """What the archive is, in Dublin Core's terms."""
    top = Element(
        "rdf:RDF",
        {
            "xmlns:rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
            "xmlns:dcterms": "http://purl.org/dc/terms/",
        },
    )
    about = SubElement(top, "rdf:Description", {"rdf:about": "."})
    words = {
        "title": f"herscreen run {cube.reader.config.get('name', '')}".strip(),
        "description": f"Simulated drug-combination screen: some of its wells ({EXPERIMENT}) with what the run "
        f"gave for them ({EXPECTED}). Simulated, not measured.",
    }
    for name, text in words.items():
        SubElement(about, f"dcterms:{name}").text = text
    created = SubElement(about, "dcterms:created", {"rdf:parseType": "Resource"})
    SubElement(created, "dcterms:W3CDTF").text = cube.reader.text("finished")
    return _written(top)


def _written(top: Element) -> str:
    ElementTree.indent(top)
    return ElementTree.tostring(top, encoding="unicode", xml_declaration=True) + "\n"
