"""Where a model's text comes from: a path or a string, SBML or Antimony, all brought to SBML text.

XML is looked at by a plain parser first: document type declarations (entity expansion), malformed text and
nesting that would exhaust a C stack are refused with the line, before libSBML sees any of it.
"""

from functools import lru_cache
from importlib import metadata
from pathlib import Path
from xml.parsers import expat

from screen.kinetics.errors import InvalidModel, UnsupportedModel

LARGEST_BYTES = 64 * 1024 * 1024
DEEPEST_ELEMENT = 512


def sbml_text(source: str | Path) -> str:
    """The SBML text of a model given as a path or as text, in SBML or Antimony.

    Errors: `InvalidModel` for a missing file, malformed XML or Antimony that does not parse.
    """
    text = _text(source).removeprefix("﻿")
    if len(text) > LARGEST_BYTES:
        raise InvalidModel(f"the model has {len(text)} characters; {LARGEST_BYTES} are the most that is read")
    if text.lstrip().startswith("<"):
        check_xml(text)
        return text
    return sbml_of_antimony(text)


def reader_of(text: str) -> str:
    """What brings a text to SBML: nothing for SBML itself, else Antimony, whose version decides it."""
    if text.lstrip().startswith("<"):
        return ""
    try:
        return metadata.version("antimony")
    except metadata.PackageNotFoundError:
        return "absent"


def _text(source: str | Path) -> str:
    if isinstance(source, str) and ("\n" in source or source.lstrip().startswith("<") or ";" in source):
        return source
    if isinstance(source, str) and ("->" in source or "=" in source) and not Path(source).exists():
        return source
    path = Path(source)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InvalidModel(f"{path}: larger than {LARGEST_BYTES} bytes, the most that is read")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidModel(f"{path}: cannot be read as a model file ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InvalidModel(f"{path}: not a text file in UTF-8") from None


def check_xml(text: str) -> None:
    """Refuses what no honest SBML file holds; silent otherwise."""
    parser = expat.ParserCreate()
    depth = 0

    def start(_name: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST_ELEMENT:
            raise InvalidModel(
                f"line {parser.CurrentLineNumber}: XML nested more than {DEEPEST_ELEMENT} deep"
            )

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_arguments: object) -> None:
        raise InvalidModel(
            f"line {parser.CurrentLineNumber}: a document type declaration is not allowed in SBML"
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise InvalidModel(f"malformed XML: {error}") from None


@lru_cache(maxsize=4)
def sbml_of_antimony(text: str) -> str:
    """The SBML text of Antimony text. Errors: `InvalidModel` where it does not parse."""
    try:
        import antimony
    except ImportError:
        raise UnsupportedModel("Antimony text needs the package 'antimony', which is not installed") from None
    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString(text) < 0:
        message = " ".join(antimony.getLastError().split())
        raise InvalidModel(f"not SBML, and not Antimony either: {message}")
    converted: str = antimony.getSBMLString(antimony.getMainModuleName())
    antimony.clearPreviousLoads()
    return converted
