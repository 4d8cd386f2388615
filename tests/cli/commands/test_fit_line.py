"""`herscreen fit-line` reads plates as `herscreen score` does."""

from pathlib import Path

import pytest

from screen.cli.commands.fit_line import fit_line
from screen.errors import InputError

WELLS = """\
block_id,drug_row,drug_col,conc_r,conc_c,conc_unit,time_h,response
1,trastuzumab,UNTX,0,0,nM,72,9000
1,trastuzumab,UNTX,10,0,nM,72,7200
1,UNTX,linsitinib,0,100,nM,72,8100
1,trastuzumab,linsitinib,10,100,nM,72,4500
"""
ANOTHER_TIME = "24 h"  # ends the command after reading and before fitting


def test_scale_vehicle_and_response_of_a_plate_can_be_stated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plate = tmp_path / "plate.csv"
    plate.write_text(WELLS)
    with pytest.raises(InputError, match="72 h"):
        fit_line(plate, around="AU565", time=ANOTHER_TIME, plate_scale="raw", vehicle=["UNTX"])
    said = capsys.readouterr().err
    assert "normalised" in said
    assert "UNTX" in said
    with pytest.raises(InputError, match="scale: expected"):
        fit_line(plate, around="AU565", plate_scale="fold")


def test_a_map_says_what_the_wells_of_a_reader_hold(tmp_path: Path) -> None:
    plate = tmp_path / "reader.csv"
    plate.write_text("well,luminescence\nA1,9000\nA2,4500\n")
    with pytest.raises(InputError, match=r"no-map\.csv"):
        fit_line(plate, around="AU565", plate_map=tmp_path / "no-map.csv")
