"""Exports that only `allotropy` knows: by a stand-in for it here, and by itself where it is installed."""

import sys
from types import ModuleType

import pytest

from screen.errors import InputError
from screen.synergy.plates.read_plates import ReadingOptions, read_plates
from screen.synergy.plates.reading.wells import instruments
from tests.synergy.plates.table_of_cases import plate

WELLS = [f"{'ABC'[k // 12]}{k % 12 + 1}" for k in range(25)]


def measurement(well: str, value: float) -> dict:
    sample = {"location identifier": well, "well plate identifier": "P1"}
    one = {"sample document": sample, "luminescence": {"value": value, "unit": "RLU"}}
    return {"measurement aggregate document": {"measurement document": [one]}}


@pytest.fixture
def allotropy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in that reads any file as the plate."""
    document = [measurement(well, 90 * value) for well, value in zip(WELLS, plate().response)]
    whole = {"plate reader aggregate document": {"plate reader document": document}}
    exceptions, reader = ModuleType("allotropy.exceptions"), ModuleType("allotropy.to_allotrope")
    exceptions.AllotropyError = RuntimeError  # type: ignore[attr-defined]
    reader.allotrope_from_file = lambda _path: whole  # type: ignore[attr-defined]
    for name, module in (("allotropy.exceptions", exceptions), ("allotropy.to_allotrope", reader)):
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(instruments.importlib.util, "find_spec", lambda _name: True)


def test_an_export_of_no_form_of_ours_is_read_by_allotropy(tmp_path, allotropy):
    (tmp_path / "reader.txt").write_text("a maker's form\n1 2 3\n")
    plate(well=WELLS).drop(columns="response").to_csv(tmp_path / "map.csv", index=False)
    (block,) = read_plates(tmp_path / "reader.txt", reading=ReadingOptions(map=tmp_path / "map.csv")).blocks
    assert block.viability[0] == pytest.approx([1, 0.9, 0.642857, 0.264706, 0.0825688], abs=1e-5)


def test_without_it_the_line_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setattr(instruments.importlib.util, "find_spec", lambda _name: None)
    (tmp_path / "reader.txt").write_text("a maker's form\n1 2 3\n")
    plate(well=WELLS).drop(columns="response").to_csv(tmp_path / "map.csv", index=False)
    with pytest.raises(InputError, match=r"pip install 'herscreen\[instruments\]'"):
        read_plates(tmp_path / "reader.txt", reading=ReadingOptions(map=tmp_path / "map.csv"))
