"""The configuration: what may stand in it; errors are one line: place, found, expected, nearest match."""

from pathlib import Path

import pytest

from screen.config.screen import ScreenConfig, load_config, parse_config
from screen.errors import InputError
from tests.paths import ROOT

QUICKSTART = ROOT / "configs" / "quickstart.yaml"
SMALL = "cell_lines: [SKBR3]\ncombinations:\n  anchor: trastuzumab\n  partners: linsitinib\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


def test_a_short_configuration_is_whole(path: Path) -> None:
    config = load_config(path)
    assert config.name == "small"
    assert config.combinations.partners == ["linsitinib"]
    assert config.times == [72.0]
    assert config.doses.points == 8


def test_the_quickstart_is_as_described() -> None:
    config = load_config(QUICKSTART)
    assert config.name == "quickstart"
    assert config.times == [120.0]
    assert len(config.combinations.partners) == 6
    assert config.ensemble is not None, "its page says how sure it is"


def test_settings_can_be_changed_from_outside(path: Path) -> None:
    config = load_config(
        path,
        [
            "doses.points=6",
            "times=[1 d, 72 h]",
            "combinations.partners=[alpelisib, lapatinib]",
            "combinations.partners.0=MK-2206",
            "seed=3",
        ],
    )
    assert config.doses.points == 6
    assert config.times == [24.0, 72.0]
    assert config.combinations.partners == ["MK-2206", "lapatinib"]
    assert config.seed == 3


def test_a_resolved_configuration_reads_back_as_itself() -> None:
    config = load_config(
        QUICKSTART, ["doses.drugs.trastuzumab={low: 0.1 ug/mL, high: 100 ug/mL}", "times=3 d"]
    )
    dumped = config.model_dump(mode="json")
    assert parse_config(dumped).model_dump(mode="json") == dumped


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("dozes: {points: 4}", "line 5: dozes: unknown key 'dozes'.*did you mean 'doses'"),
        ("doses:\n  pts: 4", "line 6: doses.pts: unknown key 'pts', expected one of points, "),
        ("doses:\n  points: 1", "line 6: doses.points: found 1, a grid of one dose, expected 2 or more"),
        ("doses:\n  points: many", "line 6: doses.points: found 'many', expected a valid integer"),
        ("doses:\n  drugs:\n    linsitinib: [1 nM, -2 nM]", r"line 7: .*found '-2 nM'"),
        ("doses:\n  drugs:\n    linsitinib: [.nan]", "line 7: .*finite number that is not negative"),
        ("doses:\n  drugs:\n    linsitinib: [.inf]", "finite number that is not negative"),
        ("doses:\n  drugs:\n    linsitinib: [1e300 M]", "expected at most 1 M"),
        ("doses:\n  drugs:\n    linsitinib: [5 nN]", "unknown unit 'nN'.*did you mean 'nM'"),
        ("doses:\n  drugs:\n    linsitinib: [5 parsecs]", "unknown unit 'parsecs'; known: M, mM, uM, nM"),
        ("doses:\n  drugs:\n    linsitinib: {low: 1, values: [1]}", "one or the other"),
        ("doses:\n  drugs:\n    linsitinib: {low: 0}", "lowest dose above zero"),
        ("times: [72 h, 24 h]", "line 5: times: .*ascending"),
        ("times: 3 weeks", "unknown unit 'weeks'"),
        ("times: .nan", "finite"),
        ("times: 1e9", "at most 8760 h"),
        ("times: []", "line 5: times: found nothing, expected at least one"),
        ("readouts: []", "found nothing"),
        ("seed: -1", "seed: found -1"),
        ("seed: 1.5", "seed: found 1.5"),
        ("name: ../elsewhere", "no path separators"),
        ("name: ..", "expected a name for a file"),
        ("solver: {rtol: 0}", "solver.rtol: found 0"),
        ("solver: {rtol: .nan}", "solver.rtol: found nan, expected a finite number"),
        ("seed: 1\nseed: 2", "line 6: seed: duplicate key, expected it once"),
        ("seed: [1", "not valid YAML"),
        ("shard_simulations: 0", "shard_simulations: found 0"),
    ],
)
def test_what_does_not_fit_is_one_line_with_its_place(path: Path, written: str, words: str) -> None:
    path.write_text(SMALL + written + "\n")
    with pytest.raises(InputError, match=words) as caught:
        load_config(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "found an empty file"),
        ("- 1\n", "found a list"),
        ("cell_lines: all\n", "combinations: the key is missing"),
        ("cell_lines: []\ncombinations: {anchor: a, partners: b}\n", "line 1: cell_lines: found nothing"),
        ("cell_lines: all\ncombinations: {}\n", "line 2: combinations: found no combination"),
        ("cell_lines: all\ncombinations: {anchor: a}\n", "found no combination"),
        ("cell_lines: all\ncombinations: {partners: b}\n", "partners without an anchor"),
        (
            "cell_lines: [{parent: SKBR3}]\ncombinations: {anchor: a, partners: b}\n",
            "cell_lines.0: .*one of name, sample, table or expression",
        ),
        (
            "cell_lines: [{name: x, sample: 3}]\ncombinations: {anchor: a, partners: b}\n",
            "found name and sample",
        ),
        ("cell_lines: [{sample: 0}]\ncombinations: {anchor: a, partners: b}\n", "sample: found 0"),
        ("cell_lines: [{nme: x}]\ncombinations: {anchor: a, partners: b}\n", "did you mean 'name'"),
        (
            "cell_lines: [{name: x, perturbation: {IRS1: 2}}]\ncombinations: {anchor: a, partners: b}\n",
            "parent",
        ),
        ("cell_lines: &a [*a]\ncombinations: {anchor: a, partners: b}\n", "more than 1000000 values"),
        ("\x00", "not valid YAML"),
    ],
)
def test_a_text_that_is_no_configuration_is_named(path: Path, text: str, words: str) -> None:
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        load_config(path)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("seed", "expected key=value"),
        ("doses.points=1", "--set doses.points=1: doses.points: found 1"),
        ("seed.deep=1", "--set seed.deep=1"),
        ("combinations.partners.7=x", "expected an index below"),
        ("seed=[", "not valid YAML"),
        ("nonsense=1", "--set nonsense=1: nonsense: unknown key"),
    ],
)
def test_an_override_that_does_not_fit_is_named(path: Path, override: str, words: str) -> None:
    path.write_text(SMALL.replace("linsitinib", "[linsitinib]") + "seed: 1\n")
    with pytest.raises(InputError, match=words):
        load_config(path, [override])


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_config(tmp_path / "absent.yaml")
    with pytest.raises(InputError, match="found a folder"):
        load_config(tmp_path)
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        load_config(tmp_path / "binary.yaml")


def test_editors_are_told_of_every_short_form() -> None:
    """The JSON Schema takes what the reader takes: one value for a list, a name for a line or a schedule."""
    schema = ScreenConfig.model_json_schema()
    text = {"type": "string"}
    for key in ("cell_lines", "schedules", "readouts", "times", "synergy", "extends"):
        options = schema["properties"][key]["anyOf"]
        (many,) = [option for option in options if option.get("type") == "array"]
        assert len(options) > 1, key
        if key != "times":
            assert text in options or any(option.get("type") == "string" for option in options), key
            assert text in many["items"].get("anyOf", [many["items"]]) or key == "synergy", key
    drugs = schema["$defs"]["Doses"]["properties"]["drugs"]["patternProperties"]
    (options,) = (option["anyOf"] for option in drugs.values())
    assert [option.get("type", "object") for option in options] == ["object", "array"]


def test_a_table_of_expression_is_found_beside_its_configuration(path: Path) -> None:
    path.write_text(SMALL.replace("[SKBR3]", "{expression: mine/e.csv, unit: tpm, lines: s1, prefix: my}"))
    (line,) = load_config(path).cell_lines
    assert line.expression == str(path.parent / "mine" / "e.csv")
    assert (line.unit, line.panel, line.lines, line.prefix) == ("tpm", None, ["s1"], "my")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{expression: e.csv, unit: rpm}", "cell_lines.0.unit"),
        ("{expression: e.csv, name: SKBR3}", "found name and expression"),
        ("{table: e.csv, unit: tpm}", "found unit without expression"),
        ("{sample: 3, lines: [a]}", "found lines without expression"),
    ],
)
def test_keys_of_expression_are_held_to_it(path: Path, written: str, said: str) -> None:
    path.write_text(SMALL.replace("[SKBR3]", written))
    with pytest.raises(InputError, match=said):
        load_config(path)
