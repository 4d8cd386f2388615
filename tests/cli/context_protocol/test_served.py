"""No path that a server is given, and none that a configuration names, leads out of the folder served."""

import pytest

from screen.cli.context_protocol.served import Served, plain_name
from screen.errors import InputError
from tests.hardening.test_bad_input import BOMB


@pytest.mark.parametrize("path", ["../secret.yaml", "/etc/passwd", "link.yaml", "a\0b"])
def test_no_path_leads_outside(served: Served, path: str) -> None:
    (served.root / "link.yaml").symlink_to(served.root.parent / "secret.yaml")
    with pytest.raises(InputError, match="folder served"):
        served.config(path)


@pytest.mark.parametrize(
    "text",
    [
        "extends: ../secret.yaml\n",
        "extends: [inner.yaml]\n",
        "cell_lines: [{expression: /etc/hostname}]\n",
        "plates: ['*.csv']\n",
        "ensemble: {from: ../results/../secret.h5}\n",
        "model: !!binary L2V0Yy9ob3N0bmFtZQ==\n",
    ],
)
def test_no_file_that_a_configuration_names_lies_outside(served: Served, text: str) -> None:
    (served.root / "inner.yaml").write_text("model: ../secret.ant\n")
    (served.root / "outside.csv").symlink_to("/etc/hostname")
    (served.root / "mine.yaml").write_text(text)
    with pytest.raises(InputError, match="outside the folder served"):
        served.config("mine.yaml")


def test_settings_name_no_file_outside_either(served: Served) -> None:
    assert served.config("small.yaml", ["doses.points=4", "times=[24 h]"]) == served.root / "small.yaml"
    with pytest.raises(InputError, match="outside"):
        served.config("small.yaml", ["model=../secret.ant"])


def test_files_that_extend_each_other_are_walked_once(served: Served) -> None:
    (served.root / "one.yaml").write_text("extends: two.yaml\n")
    (served.root / "two.yaml").write_text("extends: one.yaml\n")
    assert served.config("one.yaml").name == "one.yaml"


@pytest.mark.slow
@pytest.mark.parametrize("text", [f"{BOMB}\n", "times: &a [*a]\n", f"times: {'[' * 3000}\n"])
def test_a_configuration_that_grows_without_end_is_refused(served: Served, text: str) -> None:
    (served.root / "bomb.yaml").write_text(text)
    with pytest.raises(InputError, match=r"bomb\.yaml"):
        served.config("bomb.yaml")
    with pytest.raises(InputError, match="a setting"):
        served.config("small.yaml", [f"times={'[' * 3000}"])


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\0"])
def test_a_result_stays_in_its_folder(name: str) -> None:
    assert plain_name("small") == "small"
    with pytest.raises(InputError, match="expected a name for a file"):
        plain_name(name)
