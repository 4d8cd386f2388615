"""A synthetic cube in closed form, laid out as the design's section 5 says, for every test of the report."""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from screen.analysis.explain.explain import Counterfactual, Explanation
from screen.report.findings import findings
from screen.report.findings.why import Why
from screen.report.write_report import write_report
from tests.report import driver

DIMS = ("cell_line", "combination", "dose_1", "dose_2", "time")
PEAK_nM = {
    "trastuzumab": 1200.0,
    "linsitinib": 1500.0,
    "alpelisib": 6000.0,
    "lapatinib": 4200.0,
    "MK-2206": 180.0,
}
MODELS = ("hsa", "bliss", "loewe", "zip")
NASTY = ['<script>alert("line")</script>', "quote\"'s & <b>bold</b> \u2028 line"]
NAMED = ["SKBR3", "BT474", "SKBR3-pool2", "BT474-HR20", "JIMT-1", "HCC1954", *NASTY]


def hill(dose: np.ndarray, midpoint: float, top: float, slope: float = 1.2) -> np.ndarray:
    return top * dose**slope / (midpoint**slope + dose**slope)


def grid(low: float, high: float, size: int) -> np.ndarray:
    return np.concatenate([[0.0], np.geomspace(low, high, size - 1)])


def build(
    lines: list[str] | None = None,
    partners: tuple[str, ...] = ("linsitinib", "alpelisib", "MK-2206", "lapatinib"),
    size: int = 8,
    times: tuple[float, ...] = (72.0, 120.0),
    failures: bool = True,
    draws: int = 0,
    seed: int = 7,
) -> xr.DataTree:
    """The cube of `lines` x (trastuzumab + each of `partners`), `size` x `size` doses."""
    lines = list(NAMED) if lines is None else lines
    rng = np.random.default_rng(seed)
    one, two = grid(0.067, 670.0, size), grid(1.0, 10_000.0, size)
    parent = [{"SKBR3-pool2": "SKBR3", "BT474-HR20": "BT474"}.get(name, "") for name in lines]
    sensitive = np.array([name in ("SKBR3", "BT474") for name in lines])
    alone = np.where(sensitive, 0.55, rng.uniform(0.02, 0.15, len(lines)))
    recovery = np.where(sensitive[:, None], 0.05, rng.uniform(0, 0.8, (len(lines), len(partners))))
    tops, mids = rng.uniform(0.1, 0.6, (len(lines), len(partners))), rng.uniform(50, 900, len(partners))
    shape = (len(lines), len(partners), size, size, len(times))
    viability = np.empty(shape)
    for p in range(len(partners)):
        share = hill(two, mids[p], 1.0)
        for row in range(len(lines)):
            top = alone[row] + recovery[row, p] * share
            own = hill(one, 3.0, 1.0)[:, None] * top[None, :]
            base = (1 - own) * (1 - hill(two, mids[p], tops[row, p]))[None, :]
            viability[row, p] = base[:, :, None] ** (np.array(times) / max(times))
    doubling = np.array(times) / 40.0
    gr_value = 2 ** ((np.log2(viability) + doubling) / doubling) - 1
    excess = scores_of(viability)
    status = np.zeros(shape[:4], np.int8)
    if failures and size > 4:
        status[0, 0, 1, 1] = 1
        status[min(4, len(lines) - 1), 1 % len(partners), 3, 4] = 2
        bad = status == 2
        viability[bad], gr_value[bad] = np.nan, np.nan
        for values in excess.values():
            values[bad] = np.nan
    combinations = [f"trastuzumab+{partner}" for partner in partners]
    coords: dict[str, Any] = {
        "cell_line": lines,
        "combination": combinations,
        "drug_1": ("combination", ["trastuzumab"] * len(partners)),
        "drug_2": ("combination", list(partners)),
        "concentration_1": (("combination", "dose_1"), np.tile(one, (len(partners), 1)), {"units": "nM"}),
        "concentration_2": (("combination", "dose_2"), np.tile(two, (len(partners), 1)), {"units": "nM"}),
        "time": ("time", list(times), {"units": "h"}),
    }
    pakt = 900 * viability * np.linspace(0.2, 2, len(lines))[:, None, None, None, None]
    root = xr.Dataset(
        {
            "viability": (DIMS, viability, {"units": "1", "long_name": "viability (fraction of vehicle)"}),
            "gr_value": (DIMS, gr_value, {"units": "1", "long_name": "GR value"}),
            "pAKT_S473": (DIMS, pakt, {"units": "nM", "long_name": "AKT phosphorylated at S473"}),
            "status": (
                DIMS[:4],
                status,
                {"flag_values": np.array([0, 1, 2], np.int8), "flag_meanings": "solved reference failed"},
            ),
        },
        coords=coords,
    )
    panel = xr.Dataset(
        {
            "parent": ("cell_line", parent),
            "HER2": ("cell_line", rng.lognormal(0, 1, len(lines))),
            "PTEN": ("cell_line", np.where(np.arange(len(lines)) % 3 == 0, 0.1, 1.0)),
            "IGF2": ("cell_line", np.where(sensitive, 1.0, rng.uniform(2, 5, len(lines))), {"units": "nM"}),
            "IRS1": ("cell_line", np.where(sensitive, 1.0, rng.uniform(1.5, 3, len(lines))), {"units": "nM"}),
            "PPP3CB": (
                "cell_line",
                np.where(sensitive, 1.0, rng.uniform(0.1, 0.6, len(lines))),
                {"units": "nM"},
            ),
            "growth_rate": ("cell_line", rng.uniform(0.005, 0.02, len(lines)), {"units": "1/h"}),
        },
        coords={"cell_line": lines},
    )
    config = {"name": "synthetic", "seed": seed, "note": "</script><script>alert('config')</script>"}
    provenance = xr.Dataset(
        {
            "config": json.dumps(config),
            "model_sbml": "<sbml>" + "x" * 70_000 + "</sbml>",
            "model_sha256": "ab" * 32,
            "seed": seed,
            "versions": json.dumps({"herscreen": "0.1.0", "numpy": "2.4.6"}),
            "solver": json.dumps({"rtol": 1e-6, "atol": 1e-9}),
            "host": "workstation",
            "started": "2026-11-23T10:00:00Z",
            "peak_nM": ("drug", [PEAK_nM.get(name, np.nan) for name in ("trastuzumab", *partners)]),
        },
        coords={"drug": ["trastuzumab", *partners]},
    )
    scores = xr.Dataset(coords=coords)
    for model, values in excess.items():
        notes = {
            "readout": "viability",
            "units": "percent points of inhibition",
            "sign": "positive = synergy",
        }
        scores[f"{model}_excess"] = (DIMS, values, notes)
        inner = values[:, :, 1:, 1:, :]
        scores[model] = (("cell_line", "combination", "time"), np.nanmean(inner, axis=(2, 3)), notes)
        scores[f"{model}_max"] = (("cell_line", "combination", "time"), best_window(values), notes)
        reason = np.full((len(lines), len(partners), len(times)), "", dtype=object)
        if model == "loewe" and failures:
            reason[-1, -1, :] = "the curve of lapatinib does not reach the effect"
            for name in ("loewe", "loewe_max"):
                scores[name][-1, -1, :] = np.nan
        scores[f"{model}_reason"] = (("cell_line", "combination", "time"), reason)
    found = xr.DataTree.from_dict({"/": root, "/panel": panel, "/scores": scores, "/provenance": provenance})
    return with_draws(found, draws) if draws else found


def with_draws(cube: xr.DataTree, draws: int) -> xr.DataTree:
    """`cube` as a run with an ensemble leaves it that keeps its draws: these in `/ensemble`, and their ends."""
    exponent = xr.DataArray(1 + 0.06 * np.linspace(-1, 1, draws), dims="draw")
    kept = cube["viability"] ** exponent
    found = with_intervals(cube, count=draws)
    low, high = (kept.quantile(end, "draw", skipna=False).drop_vars("quantile") for end in (0.05, 0.95))
    root = found.to_dataset().assign(viability_mean=kept.mean("draw"), viability_low=low, viability_high=high)
    groups = {name: node.to_dataset(inherit=False) for name, node in found.children.items()}
    ensemble = xr.Dataset({"viability": kept.transpose(*DIMS, "draw")}, coords={"draw": np.arange(draws)})
    return xr.DataTree.from_dict({"/": root, **groups, "ensemble": ensemble})


def scores_of(viability: np.ndarray) -> dict[str, np.ndarray]:
    one, two = viability[:, :, :, :1, :], viability[:, :, :1, :, :]
    bliss, hsa = 100 * (one * two - viability), 100 * (np.minimum(one, two) - viability)
    both = {"hsa": hsa, "bliss": bliss, "loewe": 0.7 * bliss + 0.1 * hsa - 0.4, "zip": 0.9 * bliss}
    for values in both.values():
        values[:, :, 0], values[:, :, :, 0] = 0, 0
    return both


def best_window(excess: np.ndarray) -> np.ndarray:
    inner = excess[:, :, 1:, 1:, :]
    width = min(3, inner.shape[2])
    windows = np.lib.stride_tricks.sliding_window_view(inner, (width, width), axis=(2, 3))
    return np.asarray(np.nanmax(np.nanmean(windows, axis=(-1, -2)), axis=(2, 3)))


@pytest.fixture(scope="session")
def make_cube() -> Callable[..., xr.DataTree]:
    return build


@pytest.fixture(scope="session")
def nasty_names() -> list[str]:
    return NASTY


@pytest.fixture(scope="session")
def cube() -> xr.DataTree:
    return build()


@pytest.fixture(scope="session")
def cube_file(cube: xr.DataTree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cube") / "synthetic.h5"
    cube.to_netcdf(path, engine="h5netcdf")
    return path


def with_intervals(
    cube: xr.DataTree, half: float = 0.03, points: float = 2.0, count: int = 20
) -> xr.DataTree:
    """`cube` as a run with an ensemble of `count` draws leaves it: ends of 90 % intervals, and no draws."""
    root, scores = cube.to_dataset(), cube["scores"].to_dataset()
    wide = half * (root["viability"] < 0.999)
    low, high = root["viability"] - wide, root["viability"] + wide
    root = root.assign(viability_low=low.clip(min=0), viability_high=high.clip(max=1))
    for model in MODELS:
        scores[f"{model}_low"], scores[f"{model}_high"] = scores[model] - points, scores[model] + points
        scores[f"{model}_probability"] = (scores[model] > 0) * 0.9 + 0.05
    scores["ci50"], scores["ci50_low"], scores["ci50_high"] = (
        scores["bliss"],
        scores["bliss"],
        scores["bliss"],
    )
    provenance = (
        cube["provenance"]
        .to_dataset()
        .assign(
            config=json.dumps({"name": "sure", "ensemble": count}),
            ensemble=json.dumps({"draws": list(range(count)), "quantiles": [0.05, 0.95]}),
        )
    )
    groups = {"/": root, "/panel": cube["panel"].to_dataset(), "/scores": scores, "/provenance": provenance}
    return xr.DataTree.from_dict(groups)


@pytest.fixture(scope="session")
def sure_cube(cube: xr.DataTree) -> xr.DataTree:
    return with_intervals(cube)


EDGES = {
    "IRS_PI3K": ("IRS1", "PI3K", "IRS1 recruits PI3K", 9.0),
    "FOXO3a_HER3": ("FOXO3a", "HER3", "FOXO3a makes HER3", -1.2),
    "miR193a_IGF2": ("miR-193a", "IGF2", "miR-193a-5p removes IGF2 mRNA", 1.6),
    "ERK_RAF": ("ERK", "RAF", "ERK inhibits RAF", 0.0),
}


def explanation(at: str, excess: float = 10.0, line: str = "SKBR3-pool2") -> Explanation:
    rows = [
        Counterfactual(
            id=name,
            kind="edge",
            source=source,
            target=target,
            words=words,
            excess=excess - carried,
            carried=carried,
            share=carried / excess if excess >= 1 else math.nan,
            inhibition=2 * carried,
            failed=0,
        )
        for name, (source, target, words, carried) in EDGES.items()
    ]
    drugs = ("trastuzumab", "linsitinib")
    return Explanation(line, "+".join(drugs), drugs, "bliss", 120.0, excess, 40.0, tuple(rows), at)


def fake_why(excess: float = 10.0) -> Why:
    return Why(2, 0, *(explanation(at, excess) for at in ("untreated", "trastuzumab", "linsitinib")))


@pytest.fixture(scope="session")
def why_of() -> Callable[..., Why]:
    return fake_why


@pytest.fixture
def explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    cube = build(lines=["SKBR3", "BT474", "SKBR3-pool2"], size=5, failures=False)
    path = tmp_path / "screen.h5"
    cube.to_netcdf(path, engine="h5netcdf")
    monkeypatch.setattr(findings, "whys_of", lambda *_: ((fake_why(),), ""))
    return write_report(path, None, tmp_path / "page.html", explain=1)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    pytest.importorskip("selenium", reason="selenium drives the browser")
    yield from driver.started(tmp_path_factory.mktemp("profile"), tmp_path_factory.mktemp("downloads"))
