"""The cube: the HDF5 file in the netCDF-4 data model that a screen leaves; nothing of how its numbers came to be.

`CubeReader` reads one (`open_cube` as an `xarray.DataTree`), `schema` says what is in it, `CODES` what its status
codes mean and what to do about them.
"""

from screen.cube import schema
from screen.cube.reader import Check, CubeReader
from screen.cube.status import CODES, StatusCode
from screen.cube.stored import StoredGroup, StoredVariable
from screen.cube.tree import open_cube, triples_of

__all__ = [
    "CODES",
    "Check",
    "CubeReader",
    "StatusCode",
    "StoredGroup",
    "StoredVariable",
    "open_cube",
    "schema",
    "triples_of",
]
