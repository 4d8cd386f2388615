"""COMBINE archives (OMEX; Bergmann and others 2014, doi:10.1186/s12859-014-0369-z): the SBML model inside one."""

import io
import zipfile
import zlib
from xml.etree import ElementTree

from screen.kinetics.errors import InvalidModel

MANIFEST = "manifest.xml"
MOST_ENTRIES = 10_000


def model_in_archive(content: bytes, largest: int) -> bytes:
    """The bytes of the SBML file that an archive's manifest names: the master, or the only one. What is unpacked is
    bounded by `largest`. Errors: `InvalidModel`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if len(archive.infolist()) > MOST_ENTRIES:
                raise InvalidModel(f"an archive with more than {MOST_ENTRIES} files")
            return _read(archive, _model_name(_read(archive, MANIFEST, largest)), largest)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise InvalidModel(f"a damaged COMBINE archive: {' '.join(str(error).split())}") from None


def _read(archive: zipfile.ZipFile, name: str, largest: int) -> bytes:
    try:
        entry = archive.getinfo(name)
    except KeyError:
        raise InvalidModel(f"found no '{name}' in the archive, expected a COMBINE archive (OMEX)") from None
    with archive.open(entry) as file:
        found = file.read(largest + 1)
    if len(found) > largest:
        raise InvalidModel(f"'{name}' in the archive is larger than {largest} bytes, the most that is read")
    return found


def _model_name(manifest: bytes) -> str:
    if b"\0" in manifest or b"<!DOCTYPE" in manifest or b"<!ENTITY" in manifest:  # in UTF-16 neither is seen
        raise InvalidModel("the archive's manifest holds a document type declaration, which is not allowed")
    try:
        root = ElementTree.fromstring(manifest)
    except ElementTree.ParseError as error:
        raise InvalidModel(f"the archive's manifest is malformed XML: {error}") from None
    entries = [e.attrib for e in root.iter() if "sbml" in e.attrib.get("format", "").lower()]
    masters = [e for e in entries if e.get("master") == "true"]
    chosen = masters or entries
    if len(chosen) != 1:
        raise InvalidModel(
            f"found {len(chosen)} SBML models in the archive, expected one, or one marked as master"
        )
    return chosen[0].get("location", "").removeprefix("./").removeprefix("/")
