"""Malformed and hostile models: one clear line, in bounded time and memory."""

import time
from pathlib import Path

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics import InvalidModel, UnsupportedModel, compile_engine, load_model, simulate
from screen.kinetics.compiler import kernels

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SBML = 'xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"'
MATH = "http://www.w3.org/1998/Math/MathML"


def wrap(inner: str, attributes: str = SBML) -> str:
    return f'{HEAD}<sbml {attributes}><model id="m">{inner}</model></sbml>'


def rule(math: str, name: str = "x") -> str:
    """A model with one parameter and one assignment rule."""
    return wrap(
        f'<listOfParameters><parameter id="{name}" constant="false"/></listOfParameters>'
        f'<listOfRules><assignmentRule variable="{name}"><math xmlns="{MATH}">{math}</math></assignmentRule>'
        "</listOfRules>"
    )


def nested(depth: int) -> str:
    return "<apply><minus/>" * depth + "<cn> 1 </cn>" + "</apply>" * depth


LAUGHS = (
    HEAD
    + '<!DOCTYPE sbml [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + k)} "{("&" + chr(97 + k) + ";") * 10}">' for k in range(9))
    + f']><sbml {SBML}><model id="m"><notes>&j;</notes></model></sbml>'
)
OUTSIDE = (
    HEAD + f'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><sbml {SBML}><model id="&x;"/></sbml>'
)


def functions(*bodies: str) -> str:
    definitions = "".join(
        f'<functionDefinition id="f{k}"><math xmlns="{MATH}"><lambda><bvar><ci> x </ci></bvar>{body}</lambda>'
        "</math></functionDefinition>"
        for k, body in enumerate(bodies)
    )
    call = f"<apply><ci> f{len(bodies) - 1} </ci><cn> 1 </cn></apply>"
    return rule(call).replace(
        "<listOfParameters>",
        f"<listOfFunctionDefinitions>{definitions}</listOfFunctionDefinitions><listOfParameters>",
    )


def doubling(count: int) -> str:
    """Each function calls the one before twice: 2**count calls if every call is expanded anew."""
    first = "<apply><plus/><ci> x </ci><cn> 1 </cn></apply>"
    rest = [
        "<apply><plus/>" + 2 * f"<apply><ci> f{k} </ci><ci> x </ci></apply>" + "</apply>"
        for k in range(count)
    ]
    return functions(first, *rest)


HOSTILE = {
    "entities that explode": (LAUGHS, "document type"),
    "entity from a file": (OUTSIDE, "document type"),
    "nested too deep": (rule(nested(100_000)), "nested"),
    "cut off": (wrap("<listOfParameters>")[:-20], "malformed XML"),
    "not SBML": ("<html><body/></html>", "SBML"),
    "empty": (HEAD + f"<sbml {SBML}/>", "model"),
    "no id": (wrap('<listOfParameters><parameter constant="true"/></listOfParameters>'), "id"),
    "unknown symbol": (rule("<ci> y </ci>"), "unknown symbol 'y'"),
    "unknown function": (rule("<apply><ci> g </ci><cn> 1 </cn></apply>"), "g"),
    "circular rule": (rule("<apply><plus/><ci> x </ci><cn> 1 </cn></apply>"), "circle: x -> x"),
    "recursive function": (functions("<apply><ci> f0 </ci><ci> x </ci></apply>"), "calls itself|f0"),
    "nonsense": ("this is not a model;", "Antimony"),
    "unknown compartment": (
        wrap(
            '<listOfSpecies><species id="S" compartment="c" hasOnlySubstanceUnits="false" '
            'boundaryCondition="false" constant="false"/></listOfSpecies>'
        ),
        "compartment 'c'",
    ),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_bad_models_are_one_clear_line(name: str) -> None:
    text, words = HOSTILE[name]
    begin = time.process_time()
    with pytest.raises(InvalidModel, match=words) as caught:
        load_model(text)
    assert len(str(caught.value).splitlines()) == 1
    assert time.process_time() - begin < 5


UNSUPPORTED = {
    "fbc": (
        wrap(
            "",
            SBML + ' xmlns:fbc="http://www.sbml.org/sbml/level3/version1/fbc/version2" fbc:required="false"',
        ).replace('<model id="m"', '<model id="m" fbc:strict="false"'),
        "fbc",
    ),
    "no kinetic law": (
        wrap('<listOfReactions><reaction id="J7" reversible="false"/></listOfReactions>'),
        "J7.*kinetic law",
    ),
}


@pytest.mark.parametrize("name", sorted(UNSUPPORTED))
def test_what_is_refused_is_named(name: str) -> None:
    text, words = UNSUPPORTED[name]
    with pytest.raises(UnsupportedModel, match=words) as caught:
        load_model(text)
    assert len(str(caught.value).splitlines()) == 1


def test_functions_that_double_cost_no_more_than_they_are_long() -> None:
    begin = time.process_time()
    found = simulate(load_model(doubling(40)), [0.0], readouts=["x"], solver="scipy")
    assert found["x"].item() == 2.0 * 2**40
    assert time.process_time() - begin < 5


def test_deep_but_honest_mathematics_is_read() -> None:
    found = simulate(load_model(rule(nested(400))), [0.0], readouts=["x"], solver="scipy")
    assert found["x"].item() == 1.0


@pytest.mark.slow
def test_a_long_chain_of_rules_is_read() -> None:
    count = 3000
    parameters = "".join(f'<parameter id="a{k}" constant="false"/>' for k in range(1, count))
    rules = "".join(
        f'<assignmentRule variable="a{k}"><math xmlns="{MATH}"><apply><plus/><ci> a{k - 1} </ci><cn> 1 </cn>'
        "</apply></math></assignmentRule>"
        for k in reversed(range(1, count))
    )
    text = wrap(
        f'<listOfParameters><parameter id="a0" value="1" constant="true"/>{parameters}</listOfParameters>'
        f"<listOfRules>{rules}</listOfRules>"
    )
    found = simulate(load_model(text), [0.0], readouts=[f"a{count - 1}"], solver="scipy")
    assert found[f"a{count - 1}"].item() == count


def dense(states: int) -> str:
    names = [f"x{k}" for k in range(states)]
    return f"s := {' + '.join(names)}; " + "; ".join(f"{n}' = -{n} * s; {n} = 1" for n in names)


def test_networks_too_dense_are_refused_in_time_and_solved_by_the_reference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kernels, "MOST_ENTRIES", 300)
    model = load_model(dense(20))
    with pytest.raises(UnsupportedModel, match=r"20 densely coupled states.*solver='scipy'"):
        compile_engine(model, ["s"])
    found = simulate(model, [0.0, 0.1, 1.0], readouts=["s"], rtol=1e-8)  # s' = -s^2, by the reference solver
    np.testing.assert_allclose(found["s"][0], 20 / (1 + 20 * np.array([0, 0.1, 1.0])), rtol=1e-6)


@pytest.mark.slow
def test_eighty_states_that_all_act_on_each_other_are_compiled_in_time() -> None:
    model = load_model(dense(80))
    begin = time.process_time()
    engine = compile_engine(model, ["s"])
    assert time.process_time() - begin < 8
    found = engine.simulate([0.0, 0.1, 1.0], [engine.defaults], rtol=1e-8)
    np.testing.assert_allclose(found.values[0, :, 0], 80 / (1 + 80 * np.array([0, 0.1, 1.0])), rtol=1e-6)


def test_huge_models_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from screen.kinetics.sbml.files import text as source

    monkeypatch.setattr(source, "LARGEST_BYTES", 1000)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} was read"))
    monkeypatch.setattr(Path, "read_text", lambda path, **_: pytest.fail(f"{path} was read"))
    path = tmp_path / "huge.xml"
    with path.open("wb") as file:
        file.truncate(2**40)
    for huge in (path, "S1 -> S2; k\n" * 100):
        with pytest.raises(InvalidModel, match=r"at most|most that is read"):
            load_model(huge)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.xml", tmp_path, str(tmp_path / "none.ant")):
        with pytest.raises(InvalidModel, match=r"no such file|found a folder"):
            load_model(path)
    (tmp_path / "binary.xml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InvalidModel, match="not Antimony either"):
        load_model(tmp_path / "binary.xml")


def test_division_by_zero_at_the_start_is_a_status() -> None:
    engine = compile_engine(load_model("x' = 1 / x; x = 0"), ["x"])
    assert engine.simulate([1.0], engine.defaults[None]).status[0] == 5


def test_a_missing_value_is_named() -> None:
    with pytest.raises(InputError, match="'k' has no value"):
        simulate(load_model("S -> ; k * S; S = 1"), [1.0])
    found = simulate(load_model("S -> ; k * S; S = 1"), [1.0], conditions={"k": [0.0]}, readouts=["S"])
    assert found["S"].item() == 1.0


@pytest.mark.parametrize("package", ["layout", "layout_L2", "fbc"])
def test_drawings_of_level_3_in_a_file_of_level_2_hinder_no_one(package: str) -> None:
    """As some programs write them."""
    kind = package.partition("_")[0]
    space = f"http://www.sbml.org/sbml/level3/version1/{kind}/version1"
    text = wrap(
        '<listOfParameters><parameter id="x" value="2" constant="false"/></listOfParameters><listOfRules><rateRule '
        f'variable="x"><math xmlns="{MATH}"><cn> 1 </cn></math></rateRule></listOfRules>',
        'xmlns="http://www.sbml.org/sbml/level2/version4" level="2" version="4" '
        f'xmlns:{package}="{space}" {package}:required="false"',
    )
    if kind == "fbc":
        with pytest.raises(InvalidModel, match="line 2"):
            load_model(text)
    else:
        assert simulate(load_model(text), [3.0], readouts=["x"])["x"].item() == pytest.approx(5.0)
