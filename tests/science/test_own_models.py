"""Published models that are not ours, screened by the configurations in `configs/own-models`."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from screen.config.screen import load_config
from screen.runner import open_cube, run
from tests.cli.conftest import ROOT, inside

pytestmark = pytest.mark.slow

CONFIGS = ROOT / "configs" / "own-models"
FILES = {
    "faratian2009": "BIOMD0000000424_Faratian2009_PTEN_trastuzumab.xml",
    "bianconi2012": "BIOMD0000000427_Bianconi2012_EGFR_IGF1R_lung.xml",
}


def screened(name: str, shared: Path, folder: Path) -> xr.Dataset:
    """The responses of a configuration on a coarse grid; every control of the run has passed."""
    changes = [f"model.file={shared / 'models' / FILES[name]}", "doses.points=5"]
    config = load_config(CONFIGS / f"{name}.yaml", changes)
    cube = open_cube(run(config, folder / f"{name}.h5"))
    assert cube["controls/passed"].values.all()
    return cube.to_dataset().load()


@pytest.fixture(scope="module")
def faratian(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    return screened("faratian2009", shared, tmp_path_factory.mktemp("faratian"))


def alone(cube: xr.Dataset, line: str, nM: float) -> float:
    """The share of pAKT that pertuzumab alone leaves after an hour."""
    pair = cube.sel(cell_line=line).isel(combination=0, dose_2=0, time=-1)
    return float(pair.viability.values[np.isclose(pair.concentration_1, nM)][0])


@pytest.mark.slow
def test_losing_pten_makes_cells_resistant_to_receptor_inhibition(faratian: xr.Dataset) -> None:
    """The claim of Faratian 2009 (10.1158/0008-5472.CAN-09-0777), at its 100 nM of pertuzumab."""
    assert alone(faratian, "PTEN intact", 100.0) < 0.25
    assert alone(faratian, "PTEN lost", 100.0) > 0.95
    lines = ["PTEN lost", "PTEN 0.4", "PTEN 0.6", "PTEN 0.8", "PTEN intact"]
    left = [alone(faratian, line, 1000.0) for line in lines]
    assert np.all(np.diff(left) <= 1e-6), "the less PTEN, the less pertuzumab does"


@pytest.mark.slow
def test_the_receptor_is_inhibited_alike_whatever_pten_there_is(faratian: xr.Dataset) -> None:
    phosphorylated = faratian.pHER3.isel(combination=0, dose_1=-1, dose_2=0, time=-1)
    untreated = faratian.pHER3.isel(combination=0, dose_1=0, dose_2=0, time=-1)
    share = (phosphorylated / untreated).sel(cell_line=["PTEN intact", "PTEN lost"])
    assert float(share.max()) < 0.1


@pytest.mark.slow
def test_a_pten_inhibitor_makes_sensitive_cells_resistant(faratian: xr.Dataset) -> None:
    """What the paper did with bp(V) in cells that have PTEN."""
    pair = faratian.sel(cell_line="PTEN intact", combination="pertuzumab+bpV").isel(time=-1)
    beside = pair.viability / pair.viability.isel(dose_1=0)
    at = int(np.argmin(np.abs(pair.concentration_1.values - 100)))
    assert float(beside[at, 0]) < 0.25
    assert float(beside[at, -1]) > 0.95


def test_an_inhibitor_of_pi3k_brings_pertuzumab_back_without_pten(faratian: xr.Dataset) -> None:
    pair = faratian.sel(cell_line="PTEN lost", combination="pertuzumab+LY294002").isel(time=-1)
    assert float(pair.viability[-1, 0]) > 0.8
    assert float(pair.viability[-1, -1] / pair.viability[0, -1]) < 0.2


@pytest.mark.slow
def test_both_receptors_must_be_inhibited_where_both_drive_erk(shared: Path, tmp_path: Path) -> None:
    cube = screened("bianconi2012", shared, tmp_path)
    pair = cube.viability.sel(combination="gefitinib+linsitinib").isel(time=0)
    both = pair.sel(cell_line="EGFR and IGF1R")
    assert min(float(both[-1, 0]), float(both[0, -1])) > 0.4, "either inhibitor leaves much of ERK active"
    assert float(both[-1, -1]) < 0.1
    gefitinib = pair.isel(dose_1=-1, dose_2=0)
    assert float(gefitinib.sel(cell_line="EGFR without IGF1R")) < 0.1


@pytest.mark.parametrize("name", sorted(FILES))
def test_while_the_file_is_missing_one_line_says_where_to_get_it(name: str, tmp_path: Path) -> None:
    accession = FILES[name].partition("_")[0]
    found = inside("plan", str(CONFIGS / f"{name}.yaml"), cwd=tmp_path)
    assert found.returncode == 2
    [line] = found.stderr.splitlines()
    assert f"{accession}_url.xml: no such file" in line
    assert f"https://www.ebi.ac.uk/biomodels/{accession}" in line


@pytest.mark.slow
def test_the_other_commands_take_such_a_cube(shared: Path, tmp_path: Path) -> None:
    file = shared / "models" / FILES["bianconi2012"]
    config = str(CONFIGS / "bianconi2012.yaml")
    changes = ("--set", f"model.file={file}", "--set", "doses.points=4", "-o", "own.h5")
    for part in ("0/2", "1/2"):
        found = inside(
            "run", config, *changes, "--set", "shard_simulations=100", "--shard", part, cwd=tmp_path
        )
        assert found.returncode == 0, found.stderr
    assert inside("merge", config, *changes, "--set", "shard_simulations=100", cwd=tmp_path).returncode == 0
    verified = inside("verify", "own.h5", cwd=tmp_path)
    assert verified.returncode == 0, verified.stdout
    refused = inside(
        "explain", "own.h5", "--line", "both high", "--combination", "gefitinib+linsitinib", cwd=tmp_path
    )
    assert refused.returncode == 2
    assert "a screen of a custom model" in refused.stderr
    for command in (["report", "own.h5"], ["export", "own.h5", "-o", "own.csv"], ["markers", "own.h5"]):
        found = inside(*command, cwd=tmp_path)
        assert found.returncode == 0, found.stderr
    page = (tmp_path / "own.html").read_text()
    assert "read pERK as a share of the untreated well" in page


@pytest.mark.slow
def test_a_model_in_moles_is_screened_as_exactly_as_one_in_nanomoles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its states lie below the built-in model's absolute tolerance."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "molar.ant").write_text("""
        -> R; s; R + L -> C; bind*R*L; C -> R + L; leave*C; R -> ; d*R; C -> P; k*C; P -> ; k*P
        R = 5e-9; L = 2e-9; C = 0; P = 0; s = 1e-9; d = 0.2; bind = 1e8; leave = 0.3; k = 1""")
    (tmp_path / "molar.yaml").write_text("""
model:
  file: molar.ant
  time_unit: h
  start: initial
  drugs:
    a: {action: inhibits, target: bind, IC50: 10 nM, low: 1, high: 100}
    b: {action: inhibits, target: k, IC50: 10 nM, low: 1, high: 100}
  cell_lines: {one: {}}
  readouts: [P]
  viability: P
cell_lines: all
combinations: {pairs: [[a, b]]}
doses: {points: 3}
times: 5 h
""")
    cube = open_cube(run(load_config(tmp_path / "molar.yaml"), tmp_path / "molar.h5"))
    assert cube["controls/passed"].values.all()
    assert json.loads(cube["provenance/solver"].item())["atol"] == pytest.approx(2e-18)


@pytest.mark.slow
def test_one_line_that_differs_in_nothing_makes_a_whole_cube(tmp_path: Path) -> None:
    """Names of the user's are text: in the page too."""
    (tmp_path / "m.ant").write_text("S = 1; k = 1; -> S; k; S -> ; k*S;")
    name = "<img src=x onerror=alert(1)>"
    drug = "{action: inhibits, target: k, IC50: 1 nM, low: 1, high: 100}"
    text = f"""
model:
  file: m.ant
  time_unit: h
  start: initial
  drugs: {{'{name}': {drug}, b: {drug}}}
  cell_lines: {{'{name}': {{}}}}
  readouts: [S]
  viability: S
cell_lines: all
combinations: {{pairs: [['{name}', b]]}}
doses: {{points: 3}}
times: 2 h
"""
    (tmp_path / "own.yaml").write_text(text)
    for command in (["run", "own.yaml", "-o", "own.h5"], ["verify", "own.h5"], ["report", "own.h5"]):
        found = inside(*command, cwd=tmp_path)
        assert found.returncode == 0, found.stderr
    assert "<img" not in (tmp_path / "own.html").read_text()
