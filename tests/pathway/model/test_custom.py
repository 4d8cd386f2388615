"""A model of the user's own: what its drugs, lines and stimulus do to it, against closed forms."""

from pathlib import Path
from typing import Any

import libsbml
import numpy as np
import pytest

from screen.config.screen import parse_config
from screen.errors import InputError
from screen.kinetics import load_model, simulate
from screen.pathway import Assay, CellLine, Clone, Dosing, Exposure, Pathway
from screen.pathway.dosing.exposure import Piece
from screen.runner import make_plan
from screen.runner.simulate.model import compile_assay, pathway_of

MODEL = """
model decay
  compartment cell = 2;
  species S in cell, L in cell, $M in cell;
  made: -> S; cell*(k_in*(1 + L) + M);
  lost: S -> ; cell*k_out*S;
  gone: L -> ; cell*k_gone*L;
  S = 0; L = 0; M = 0; k_in = 3; k_out = 0.5; k_gone = 0;
  half := S/2;
end
"""
DRUGS: dict[str, Any] = {
    "stopper": {"action": "inhibits", "target": "k_in", "IC50": "10 nM", "hill": 2},
    "other": {"action": "inhibits", "target": "k_in", "IC50": "1 uM"},
    "driver": {"action": "activates", "target": "k_in", "EC50": "10 nM", "fold": 5},
    "ligand": {"action": "sets concentration of", "target": "L", "units_per_nM": 0.1},
    "medium": {"action": "sets concentration of", "target": "M", "units_per_nM": 0.01},
    "both": {
        "action": "inhibits",
        "target": "k_in",
        "IC50": "10 nM",
        "also": [{"action": "activates", "target": "k_out", "EC50": "10 nM", "fold": 3}],
    },
}


def settings(folder: Path, **changes: Any) -> dict[str, Any]:
    """A screen of the model in `folder`, its mapping changed."""
    (folder / "decay.ant").write_text(MODEL)
    mapping = {
        "file": str(folder / "decay.ant"),
        "time_unit": "min",
        "drugs": {name: drug | {"low": 1, "high": 1000} for name, drug in DRUGS.items()},
        "varies": {"synthesis": "k_in", "both rates": ["k_in", "k_out"]},
        "cell_lines": {
            "usual": {},
            "slow": {"factors": {"synthesis": 0.5}},
            "quick": {"factors": {"both rates": 4}},
            "set": {"values": {"k_out": 2}},
        },
        "readouts": {"S": "S", "twice": "2*S + L*0", "amount": "amount(S)"},
        "viability": "S",
    }
    return {
        "cell_lines": "all",
        "combinations": {"pairs": [["stopper", "driver"]]},
        "times": "6 min",
        "model": mapping | changes,
    }


def own(folder: Path, **changes: Any) -> Pathway:
    return pathway_of(parse_config(settings(folder, **changes)))


def dosed(pathway: Pathway, line: str, minutes: float, **doses: float) -> dict[str, float]:
    """The readouts of one well, and its viability."""
    assay = Assay.compile(pathway, pathway.observables, rtol=1e-9, atol=1e-12)
    untreated = assay.untreated([pathway.cell_line(line)])
    rows = np.zeros(2, np.intp)
    wells = {name: np.array([0.0, dose]) for name, dose in doses.items()}
    found = assay.dose(untreated, rows, wells, np.array([minutes / 60]))
    cells = found.log_cells[:, 0]
    return dict(zip(assay.readouts, found.values[1, 0])) | {"viability": float(np.exp(cells[1] - cells[0]))}


def grown(start: float, made: float, lost: float, minutes: float) -> float:
    """S(t) of S' = made - lost S."""
    return made / lost + (start - made / lost) * np.exp(-lost * minutes)


def test_an_inhibited_constant_follows_the_hill_curve_from_the_line_s_own_steady_state(
    tmp_path: Path,
) -> None:
    found = dosed(own(tmp_path), "usual", 6, stopper=30)
    expected = grown(6.0, 3 / (1 + 3**2), 0.5, 6)
    assert found["S"] == pytest.approx(expected, rel=1e-7)
    assert found["viability"] == pytest.approx(expected / 6, rel=1e-7)
    assert found["twice"] == pytest.approx(2 * expected, rel=1e-7)
    assert found["amount"] == pytest.approx(2 * expected, rel=1e-7), "the compartment holds two litres"


def test_pressures_of_two_inhibitors_add_up(tmp_path: Path) -> None:
    found = dosed(own(tmp_path), "usual", 6, stopper=30, other=2000)
    assert found["S"] == pytest.approx(grown(6.0, 3 / (1 + 9 + 2), 0.5, 6), rel=1e-7)


def test_an_activated_constant_rises_to_its_fold(tmp_path: Path) -> None:
    found = dosed(own(tmp_path), "usual", 6, driver=10)
    assert found["S"] == pytest.approx(grown(6.0, 3 * (1 + 4 / 2), 0.5, 6), rel=1e-7)


def test_a_drug_acts_on_several_symbols(tmp_path: Path) -> None:
    found = dosed(own(tmp_path), "usual", 6, both=10)
    assert found["S"] == pytest.approx(grown(6.0, 3 / 2, 0.5 * (1 + 2 / 2), 6), rel=1e-7)


@pytest.mark.parametrize(("drug", "made"), [("ligand", 3 * (1 + 0.1 * 20)), ("medium", 3 + 0.01 * 20)])
def test_a_dose_adds_to_a_species_in_its_own_units(tmp_path: Path, drug: str, made: float) -> None:
    found = dosed(own(tmp_path), "usual", 6, **{drug: 20.0})
    assert found["S"] == pytest.approx(grown(6.0, made, 0.5, 6), rel=1e-7)


@pytest.mark.parametrize(
    ("line", "made", "lost"), [("slow", 1.5, 0.5), ("quick", 12.0, 2.0), ("set", 3.0, 2.0)]
)
def test_lines_differ_by_factors_and_by_values(tmp_path: Path, line: str, made: float, lost: float) -> None:
    found = dosed(own(tmp_path), line, 6, stopper=10)
    assert found["S"] == pytest.approx(grown(made / lost, made / 2, lost, 6), rel=1e-7)


def test_lines_start_where_the_model_does_when_asked_to(tmp_path: Path) -> None:
    found = dosed(own(tmp_path, start="initial"), "usual", 6, stopper=10)
    assert found["S"] == pytest.approx(grown(0.0, 1.5, 0.5, 6), rel=1e-7)
    assert found["viability"] == pytest.approx(0.5, rel=1e-7)


@pytest.mark.parametrize(("start", "first"), [("initial", 0.0), ("steady state", 6.0)])
@pytest.mark.parametrize(("symbol", "made"), [("L", 3 * 3.0), ("M", 3 + 2.0)])
def test_a_stimulus_begins_with_the_doses_in_every_well(
    tmp_path: Path, start: str, first: float, symbol: str, made: float
) -> None:
    pathway = own(tmp_path, start=start, stimulus={symbol: 2.0})
    found = dosed(pathway, "usual", 6, stopper=0.0)
    assert found["S"] == pytest.approx(grown(first, made, 0.5, 6), rel=1e-7)
    assert found["viability"] == pytest.approx(1.0)


def test_without_doses_it_is_the_user_s_model(tmp_path: Path) -> None:
    pathway = own(tmp_path, start="initial")
    theirs = simulate(load_model(MODEL), [6.0], None, ["S"], rtol=1e-9, atol=1e-12)
    assert dosed(pathway, "usual", 6, stopper=0.0)["S"] == pytest.approx(theirs["S"].item(), rel=1e-8)


def test_the_rewritten_model_runs_elsewhere_to_the_same_numbers(tmp_path: Path) -> None:
    roadrunner = pytest.importorskip("roadrunner")
    pathway = own(tmp_path, start="initial", stimulus={"L": 2.0})
    runner = roadrunner.RoadRunner(pathway.source)
    runner.integrator.absolute_tolerance, runner.integrator.relative_tolerance = 1e-12, 1e-10
    runner["dose_stopper"], runner["f_synthesis"] = 30.0, 0.5
    runner.simulate(0, 6, 2)
    assert dosed(pathway, "slow", 6, stopper=30)["S"] == pytest.approx(runner["[S]"], rel=1e-6)


def test_a_perturbation_multiplies_what_varies(tmp_path: Path) -> None:
    pathway = own(tmp_path)
    assay = Assay.compile(pathway, ["S"])
    lines = [pathway.cell_line("slow"), pathway.cell_line("usual")]
    untreated = assay.untreated(lines, [{"synthesis": 0.5}, {}])
    assert untreated.readouts[:, 0] == pytest.approx([6 * 0.25, 6.0])


def test_an_untreated_well_that_ends_at_nothing_has_failed(tmp_path: Path) -> None:
    pathway = own(tmp_path, cell_lines={"none": {"factors": {"synthesis": 0}}})
    assay = Assay.compile(pathway, ["S"])
    untreated = assay.untreated([pathway.cell_line("none")])
    wells = assay.dose(untreated, np.zeros(1, np.intp), {"stopper": np.zeros(1)}, np.array([0.1]))
    assert wells.status[0] > 2


def test_a_scheduled_drug_comes_and_goes_by_the_model_s_clock(tmp_path: Path) -> None:
    pathway = own(tmp_path)
    assay = Assay.compile(pathway, ["S"], rtol=1e-9, atol=1e-12)
    untreated = assay.untreated([pathway.cell_line("usual")])
    pulse = Exposure((Piece(0.0, 1.0), Piece(2 / 60, 0.0)))
    for name in ("stopper", "medium"):
        dosing = Dosing((pulse,), {name: np.zeros(1, np.intp)})
        times, doses = np.array([6 / 60]), {name: np.array([20.0])}
        found = assay.dose(untreated, np.zeros(1, np.intp), doses, times, dosing=dosing)
        made = 3 / (1 + 2**2) if name == "stopper" else 3 + 0.01 * 20
        assert found.values[0, 0, 0] == pytest.approx(grown(grown(6.0, made, 0.5, 2), 3.0, 0.5, 4), rel=1e-7)
    dosing = Dosing((pulse,), {"ligand": np.zeros(1, np.intp)})
    with pytest.raises(InputError, match=r"ligand is administered as the species 'L'.*no schedule"):
        assay.dose(untreated, np.zeros(1, np.intp), {"ligand": np.ones(1)}, np.array([0.1]), dosing=dosing)


def test_a_mixture_is_the_mean_of_its_clones(tmp_path: Path) -> None:
    pathway = own(tmp_path)
    assay = Assay.compile(pathway, ["S"], rtol=1e-9, atol=1e-12)
    slow, usual = pathway.cell_line("slow"), pathway.cell_line("usual")
    mixed = CellLine("mixed", {}, clones=(Clone(slow, 0.25), Clone(usual, 0.75)))
    untreated = assay.untreated([mixed])
    doses = {"stopper": np.array([0.0, 10.0])}
    found = assay.dose(untreated, np.zeros(2, np.intp), doses, np.array([0.1]))
    parts = [0.25 * grown(3.0, 0.75, 0.5, 6) + 0.75 * grown(6.0, 1.5, 0.5, 6), 0.25 * 3 + 0.75 * 6]
    assert found.values[1, 0, 0] == pytest.approx(parts[0], rel=1e-7)
    assert np.exp(found.log_cells[1, 0] - found.log_cells[0, 0]) == pytest.approx(parts[0] / parts[1])


def test_doses_around_a_gr50_need_cells_to_count(tmp_path: Path) -> None:
    config = parse_config(settings(tmp_path) | {"doses": {"gr50": [0.1, 1, 10]}})
    with pytest.raises(
        InputError, match=r"doses\.gr50: found with a model of your own, which counts no cells"
    ):
        make_plan(config, pathway_of(config))


def test_a_model_that_never_settles_is_sent_to_its_initial_state(tmp_path: Path) -> None:
    config = parse_config(settings(tmp_path, cell_lines={"endless": {"values": {"k_out": 0}}}))
    pathway = pathway_of(config)
    with pytest.raises(InputError, match=r"model\.start: .* endless does not reach.*`start: initial`"):
        compile_assay(config, make_plan(config, pathway), pathway)


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("file", {"file": "nowhere.xml", "obtain": "BioModels"}, "no such file, .*get it from BioModels"),
    (
        "drugs.stopper.target",
        {"stopper": {"target": "k_inn"}},
        "no parameter or species 'k_inn'.*mean 'k_in'",
    ),
    ("drugs.stopper.target", {"stopper": {"target": "S"}}, "'S', which the model changes in time"),
    ("drugs.stopper.target", {"stopper": {"target": "half"}}, "'half', which a rule"),
    ("drugs.stopper.target", {"stopper": {"target": "cell"}}, "the compartment 'cell'"),
    ("drugs.stopper.IC50", {"stopper": {"IC50": "1 ug/mL"}}, "no molar mass is known"),
    ("drugs.stopper", {"stopper": {"low": 10, "high": 1}}, "expected 0 < low < high"),
    ("stimulus.K", {"stimulus": {"K": 1}}, "no parameter or species 'K'"),
    ("varies.x.0", {"varies": {"x": "k_oot"}}, "mean 'k_out'"),
    (
        "cell_lines.a.factors.synthesi",
        {"cell_lines": {"a": {"factors": {"synthesi": 1}}}},
        "mean 'synthesis'",
    ),
    ("cell_lines.a.values.kin", {"cell_lines": {"a": {"values": {"kin": 1}}}}, "mean 'k_in'"),
    ("readouts.a", {"readouts": {"a": "SS"}}, "no such symbol.*mean 'S'"),
    ("readouts.a", {"readouts": {"a": "S + hal"}}, "names 'hal'.*mean 'half'"),
    ("readouts.a", {"readouts": {"a": "S + ("}}, "cannot be read"),
    ("readouts.S/2", {"readouts": ["S/2"]}, "expected a name of its own"),
    ("readouts.time", {"readouts": {"time": "S"}}, "expected a name of its own"),
    ("viability", {"viability": "T"}, "no such symbol 'T'|no such symbol"),
]


@pytest.mark.parametrize(("key", "change", "message"), BAD)
def test_a_mapping_that_does_not_fit_its_model_is_one_line(
    tmp_path: Path, key: str, change: dict[str, Any], message: str
) -> None:
    written = settings(tmp_path)
    for name, value in change.items():
        if name in DRUGS:
            written["model"]["drugs"][name] |= value
        else:
            written["model"][name] = value
    with pytest.raises(InputError, match=message) as raised:
        pathway_of(parse_config(written))
    assert f"model.{key}: " in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.slow
@pytest.mark.parametrize(("start", "first"), [("initial", 0.0), ("steady state", 6.0)])
def test_doses_go_into_every_well_after_the_time_of_dosing(tmp_path: Path, start: str, first: float) -> None:
    """4 of substance in two litres at 1, 3 and 5 minutes; the steady state is the one without them."""
    dose = {"into": "S", "amount": 4, "time": "1 min", "every": "2 min", "times": 3}
    found = dosed(own(tmp_path, start=start, doses=dose), "usual", 6, stopper=10)
    given = sum(2 * np.exp(-0.5 * (6 - t)) for t in (1, 3, 5))
    assert found["S"] == pytest.approx(grown(first, 1.5, 0.5, 6) + given, rel=1e-6)
    untreated = grown(first, 3.0, 0.5, 6) + given
    assert found["viability"] == pytest.approx(found["S"] / untreated, rel=1e-6)


@pytest.mark.parametrize(
    ("dose", "word"),
    [
        ({"into": "k_in", "amount": 1}, r"model.doses.0.into: found 'k_in', expected a species"),
        ({"into": "S", "amount": 1, "times": 3}, "expected `every` above 0"),
    ],
)
def test_a_dose_that_cannot_be_given_is_one_line(tmp_path: Path, dose: dict[str, Any], word: str) -> None:
    with pytest.raises(InputError, match=word):
        own(tmp_path, doses=[dose])


def test_fast_reactions_are_simulated_only_when_asked_for(tmp_path: Path) -> None:
    document = libsbml.readSBMLFromString(load_model(MODEL).sbml)
    document.setLevelAndVersion(3, 1, False)
    document.getModel().getReaction("made").setFast(True)
    file = tmp_path / "fast.xml"
    file.write_text(libsbml.writeSBMLToString(document))
    with pytest.raises(InputError, match=r"model.file: .*fast reactions.*fast_reactions: as written"):
        own(tmp_path, file=str(file))
    pathway = own(tmp_path, file=str(file), fast_reactions="as written")
    assert dosed(pathway, "usual", 6, stopper=10)["S"] == pytest.approx(grown(6.0, 1.5, 0.5, 6), rel=1e-7)
