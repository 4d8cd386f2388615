"""Where a model's text comes from: a path or a string, SBML or Antimony, all brought to SBML text.

XML is looked at by a plain parser first: document type declarations (entity expansion), malformed text and
nesting that would exhaust a C stack are refused with the line, before libSBML sees any of it. Files may be
compressed by gzip or in a COMBINE archive, and in UTF-8, UTF-16 or the encoding that their XML declares.
"""

import codecs
import re
import threading
import zlib
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from xml.parsers import expat

from screen.errors import InputError
from screen.files import read_bytes
from screen.kinetics.errors import InvalidModel, UnsupportedModel
from screen.kinetics.sbml.files.omex import model_in_archive

LARGEST_BYTES = 64 * 1024 * 1024
DEEPEST_ELEMENT = 512
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DECLARED = re.compile(r"""(<\?xml[^>]*?encoding\s*=\s*["'])([\w.:-]+)""")

COMMENT = re.compile(r'"[^"\n]*"|//[^\n]*|#[^\n]*|/\*.*?\*/', re.DOTALL)
IMPORT = re.compile(r'(?:^|[\n;{])\s*(import)\s*"')

_antimony = threading.Lock()  # Antimony keeps one model at a time for the whole process


def sbml_text(source: str | Path) -> str:
    """The SBML text of a model given as a path or as text, in SBML or Antimony.

    Errors: `InvalidModel` for a missing file, malformed XML or Antimony that does not parse.
    """
    text = model_text(source).removeprefix("\ufeff")
    if not text.strip():
        raise InvalidModel("the model is an empty text; expected SBML or Antimony")
    if len(text) > LARGEST_BYTES:
        raise InvalidModel(f"the model has {len(text)} characters; {LARGEST_BYTES} are the most that is read")
    if text.lstrip().startswith("<"):
        text = DECLARED.sub(r"\g<1>UTF-8", text, count=1)  # it is decoded; what it was in no longer matters
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


def model_text(source: str | Path) -> str:
    """The text of a model as it stands in its file, or as it was given."""
    if not isinstance(source, str | Path):
        raise InvalidModel(f"a model is a path or a text, found {type(source).__name__}")
    if isinstance(source, str) and not source.strip():
        return source
    if isinstance(source, str) and ("\n" in source or source.lstrip().startswith("<") or ";" in source):
        return source
    if isinstance(source, str) and ("->" in source or "=" in source) and not Path(source).exists():
        return source
    path = Path(source)
    try:
        content = read_bytes(path, LARGEST_BYTES, "a model file")
        if content.startswith(b"PK\x03\x04"):
            content = model_in_archive(content, LARGEST_BYTES)
        return _decoded(_unpacked(content) if content.startswith(b"\x1f\x8b") else content)
    except InvalidModel:
        raise
    except InputError as error:
        raise InvalidModel(str(error)) from None
    except UnicodeDecodeError:
        raise InvalidModel(
            f"{path}: not a text file in UTF-8, nor in the encoding that it declares"
        ) from None
    except (EOFError, zlib.error):
        raise InvalidModel(f"{path}: a damaged gzip file") from None


def _unpacked(content: bytes) -> bytes:
    unpack = zlib.decompressobj(wbits=31)
    found = unpack.decompress(content, LARGEST_BYTES + 1)
    if len(found) > LARGEST_BYTES:
        raise InvalidModel(
            f"the model is larger than {LARGEST_BYTES} bytes when unpacked, the most that is read"
        )
    if not unpack.eof:
        raise EOFError
    return found


def _decoded(content: bytes) -> str:
    """Bytes as text: by their mark, else as the XML declares, else in UTF-8."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return content.decode(encoding)
    if content[:2] in (b"<\0", b"\0<"):  # UTF-16 without a mark
        return content.decode("utf-16-le" if content[:1] == b"<" else "utf-16-be")
    declared = DECLARED.match(content[:200].decode("latin-1").lstrip())
    try:
        return content.decode(declared.group(2) if declared else "utf-8")
    except LookupError:
        return content.decode("utf-8")


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


def _blank(comment: "re.Match[str]") -> str:
    """As long as a comment, with its line ends; texts in quotes stay."""
    return comment[0] if comment[0].startswith('"') else re.sub(r"[^\n]", " ", comment[0])


@lru_cache(maxsize=4)
def sbml_of_antimony(text: str) -> str:
    """The SBML text of Antimony text. Errors: `InvalidModel` where it does not parse, `UnsupportedModel` where it
    imports another file: what identifies a run, and the code compiled of it, is the text alone.
    """
    if found := IMPORT.search(COMMENT.sub(_blank, text)):
        line = text.count("\n", 0, found.start(1)) + 1
        raise UnsupportedModel(
            f"line {line}: found an import of another file, expected the whole model in one: put its text here"
        )
    try:
        import antimony
    except ImportError:
        raise UnsupportedModel("Antimony text needs the package 'antimony', which is not installed") from None
    with _antimony:
        antimony.clearPreviousLoads()
        if antimony.loadAntimonyString(text) < 0:
            try:
                message = " ".join(antimony.getLastError().split())
            except UnicodeDecodeError:  # it cuts its own words within a letter
                message = "it holds letters that Antimony does not know"
            raise InvalidModel(f"not SBML, and not Antimony either: {message}")
        converted: str = antimony.getSBMLString(antimony.getMainModuleName())
        antimony.clearPreviousLoads()
    return converted
