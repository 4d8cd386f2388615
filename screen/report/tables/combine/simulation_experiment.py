"""Wells as a simulation experiment in SED-ML Level 1 Version 3 (Bergmann and others 2018, doi:10.1515/jib-2017-0086): a
model a line, derived from the archive's, a model a well, derived from its line's, one time course, one report.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from screen.errors import InputError
from screen.report.tables.combine.started_model import StartedModel
from screen.report.tables.combine.wells import ShownWells

NAMESPACE = "http://sed-ml.org/sed-ml/level1/version3"
MATHML = "http://www.w3.org/1998/Math/MathML"
SBML = "http://www.sbml.org/sbml/level3/version{}/core"
MOST_POINTS = 10_000
CVODE, RTOL, ATOL, STEPS = (f"KISAO:{number}" for number in ("0000019", "0000209", "0000211", "0000415"))
MOST_STEPS = 1_000_000
Kind = Literal["symbol", "cells", "growth", "share"]


@dataclass(frozen=True)
class ReportCurve:
    """What is read of a well: a `symbol` as it is, or next to the same line without drugs: `cells` that are left of
    logarithms, the GR value of their `growth`, or the `share` of a signal.
    """

    name: str
    readout: str
    kind: Kind


@dataclass(frozen=True)
class TimeCourse:
    """A simulation from time 0 to `end` in the model's unit of time, with `points` steps, to tolerances."""

    end: float
    points: int
    rtol: float
    atol: float


def time_course(times_h: Sequence[float], per_hour: float, rtol: float, atol: float) -> TimeCourse:
    """The coarsest time course that meets all assay times. Raises `InputError` where there is none."""
    seconds = [round(hours * 3600) for hours in times_h]
    step = math.gcd(*seconds)
    if not step or seconds[-1] // step > MOST_POINTS:
        raise InputError(
            f"found times {list(times_h)} h, expected some above 0 on at most {MOST_POINTS} even steps"
        )
    return TimeCourse(seconds[-1] / 3600 * per_hour, seconds[-1] // step, rtol, atol)


def sedml_text(
    source: str, model: StartedModel, chosen: ShownWells, curves: Sequence[ReportCurve], course: TimeCourse
) -> str:
    """The experiment on the model in the file `source`. Data sets of its report are labelled as `label` says."""
    version = model.language[-1]
    top = Element(
        "sedML", {"xmlns": NAMESPACE, "xmlns:sbml": SBML.format(version), "level": "1", "version": "3"}
    )
    _add_course(SubElement(top, "listOfSimulations"), course)
    models = SubElement(top, "listOfModels")
    language = f"urn:sedml:language:{model.language}"
    runs = [(f"line_{k}", line.name, source, line.changes) for k, line in enumerate(chosen.lines)]
    runs += [(f"well_{k}", w.name, f"#line_{w.line}", w.changes) for k, w in enumerate(chosen.wells)]
    tasks = SubElement(top, "listOfTasks")
    for name, words, of, changes in runs:
        one = SubElement(models, "model", {"id": name, "name": words, "language": language, "source": of})
        _add_changes(one, changes, model.numbers)
        about = {"id": f"run_{name}", "name": words, "modelReference": name, "simulationReference": "course"}
        SubElement(tasks, "task", about)
    generators = SubElement(top, "listOfDataGenerators")
    report = SubElement(
        SubElement(top, "listOfOutputs"), "report", {"id": "wells", "name": "Wells of the cube"}
    )
    sets = SubElement(report, "listOfDataSets")
    time = _add_generator(generators, "time", "time")
    _add_variable(time, "time_of_run", "run_line_0", {"symbol": "urn:sedml:symbol:time"})
    _add_math(time, "symbol", ["time_of_run"])
    SubElement(sets, "dataSet", {"id": "set_time", "label": "time", "dataReference": "time"})
    for k, well in enumerate(chosen.wells):
        for number, curve in enumerate(curves):
            name, words = f"curve_{k}_{number}", label(well.name, curve.name)
            made = _add_generator(generators, name, words)
            names = [f"{name}_well"]
            target = {"target": model.symbols[curve.readout]}
            _add_variable(made, names[0], f"run_well_{k}", target)
            if curve.kind != "symbol":
                names.append(f"{name}_line")
                _add_variable(made, names[1], f"run_line_{well.line}", target)
            _add_math(made, curve.kind, names)
            SubElement(sets, "dataSet", {"id": f"set_{name}", "label": words, "dataReference": name})
    ElementTree.indent(top)
    return ElementTree.tostring(top, encoding="unicode", xml_declaration=True)


def label(well: str, readout: str) -> str:
    """What a curve is called in the report."""
    return f"{well}: {readout}"


def _add_course(simulations: Element, course: TimeCourse) -> None:
    said = {
        "id": "course",
        "initialTime": "0",
        "outputStartTime": "0",
        "outputEndTime": repr(course.end),
        "numberOfPoints": str(course.points),
    }
    algorithm = SubElement(
        SubElement(simulations, "uniformTimeCourse", said), "algorithm", {"kisaoID": CVODE}
    )
    settings = SubElement(algorithm, "listOfAlgorithmParameters")
    for kisao, value in ((RTOL, course.rtol), (ATOL, course.atol), (STEPS, MOST_STEPS)):
        SubElement(settings, "algorithmParameter", {"kisaoID": kisao, "value": repr(value)})


def _add_changes(model: Element, changes: Mapping[str, float], numbers: Mapping[str, str]) -> None:
    if changes:
        inside = SubElement(model, "listOfChanges")
        for name, value in changes.items():
            SubElement(inside, "changeAttribute", {"target": numbers[name], "newValue": repr(value)})


def _add_generator(generators: Element, name: str, words: str) -> Element:
    made = SubElement(generators, "dataGenerator", {"id": name, "name": words})
    SubElement(made, "listOfVariables")
    return made


def _add_variable(generator: Element, name: str, task: str, what: Mapping[str, str]) -> None:
    SubElement(generator[0], "variable", {"id": name, "taskReference": task, **what})


def _add_math(generator: Element, kind: Kind, names: Sequence[str]) -> None:
    """The formula of a curve of the well, and of its line without drugs."""
    well, line = ElementTree.Element("ci"), ElementTree.Element("ci")
    well.text, line.text = f" {names[0]} ", f" {names[-1]} "
    formula = well
    if kind == "cells":
        formula = _apply("exp", _apply("minus", well, line))
    elif kind == "growth":
        formula = _apply("minus", _apply("power", _number("2"), _apply("divide", well, line)), _number("1"))
    elif kind == "share":
        formula = _apply("divide", well, line)
    SubElement(generator, "math", {"xmlns": MATHML}).append(formula)


def _number(text: str) -> Element:
    found = Element("cn")
    found.text = text
    return found


def _apply(operator: str, *parts: Element) -> Element:
    found = Element("apply")
    found.append(Element(operator))
    found.extend(parts)
    return found
