"""A fuzzing target for each reader: sound input is damaged by Hypothesis, and must be read or refused in one line.

    python -m tests.hardening.fuzz --seconds 300                  # all targets, in turn
    python -m tests.hardening.fuzz --seconds 60 --target plates

Not part of `make test`, whose `test_fuzz.py` gives each target a few seeded examples. The first input that breaks a
target is made as small as it can be, printed, and ends it with exit status 1.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screen.config.screen import load_config
from screen.errors import InputError
from screen.kinetics import InvalidModel, UnsupportedModel, load_model
from screen.pathway import load_pathway
from screen.synergy.plates.read_plates import read_plates
from tests.hardening.flips import everything, groups_of, made
from tests.hardening.seeds import DRAWS, EVIDENCE, EXPRESSION, LARGER, MODEL, PANEL, PLATES, SBML, SCREENS

NASTY = (
    b"", b"\0", b"\xff", b"\n", b",", b"\t", b";", b'"', b"'", b"nan", b"inf", b"-1", b"1e999", b"0", b"=1+1",
    b"\x1b[31m", b"&a ", b"*a", b"<<: *a", b"!!int ", b"- ", b": ", b"{", b"[", b"#",
    b"<!DOCTYPE x>", b"<![CDATA[", b"&amp;", b"()",
    b"x*x*x", b"S1", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"1,5", b"9" * 400,
)  # fmt: skip
EXAMPLES = 100
Edit = tuple[float, int, bytes]
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True), st.integers(0, 40), st.sampled_from(NASTY) | st.binary(max_size=6)
    ),
    min_size=1,
    max_size=6,
)


def damaged(content: bytes, edits: list[Edit]) -> bytes:
    """`content` with pieces replaced: where, as a share of its length, how many bytes go, and what comes instead."""
    for share, length, piece in edits:
        place = int(share * (len(content) + 1))
        content = content[:place] + piece + content[place + length :]
    return content


def refused_in_one_line(
    read: Callable[[], object], kinds: tuple[type[Exception], ...] = (InputError,)
) -> None:
    """Have something read, which may only be refused as it should."""
    try:
        read()
    except kinds as error:
        if "\n" in str(error):
            raise AssertionError(f"more than one line: {error}") from error


def of_file(name: str, content: bytes, read: Callable[[Path], object], **others: str) -> None:
    """Have the file `name` read, with `others` beside it."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        for other, text in others.items():
            (Path(folder) / other.replace("_", ".")).write_text(text)
        (Path(folder) / name).write_bytes(content)
        refused_in_one_line(lambda: read(Path(folder) / name))


def planned(path: Path) -> None:
    """The plan of a configuration, and of the tables that it names."""
    from screen.runner.plan.plan import make_plan
    from screen.runner.simulate.model import named_pathway

    config = load_config(path)
    make_plan(config, named_pathway(config))


def configuration(edits: list[Edit]) -> None:
    of_file("x.yaml", damaged(LARGER.encode(), edits), planned)


def panel(edits: list[Edit]) -> None:
    table = damaged(PANEL.encode(), edits)
    of_file("t.csv", table, lambda path: planned(path.with_name("x.yaml")), x_yaml=SCREENS["panel"])


def draws(edits: list[Edit]) -> None:
    table = damaged(DRAWS.encode(), edits)
    of_file("t.tsv", table, lambda path: planned(path.with_name("x.yaml")), x_yaml=SCREENS["draws"])


def expression(edits: list[Edit]) -> None:
    table = damaged(EXPRESSION.encode(), edits)
    of_file("x.csv", table, lambda path: planned(path.with_name("x.yaml")), x_yaml=SCREENS["expression"])


def evidence(edits: list[Edit]) -> None:
    from screen.analysis.evidence.evidence_table import read_evidence

    of_file("e.csv", damaged(EVIDENCE.encode(), edits), lambda path: read_evidence(path, load_pathway()))


def plates(edits: list[Edit]) -> None:
    of_file("p.csv", damaged(PLATES.encode(), edits), lambda path: read_plates(path, drugs=3))


def _model(text: bytes) -> None:
    refused = (InputError, InvalidModel, UnsupportedModel)
    refused_in_one_line(lambda: load_model(text.decode("utf-8", "replace")), refused)


def sbml(edits: list[Edit]) -> None:
    _model(damaged(SBML.encode(), edits))


def antimony(edits: list[Edit]) -> None:
    _model(damaged(MODEL.encode(), edits))


def cube(edits: list[Edit]) -> None:
    content, groups = _cube()
    of_file("c.h5", damaged(content, edits), lambda path: everything(path, groups))


@cache
def _cube() -> tuple[bytes, list[str]]:
    """A small cube and its groups."""
    with tempfile.TemporaryDirectory() as folder:
        path = made(Path(folder))
        return path.read_bytes(), groups_of(path)


TARGETS: dict[str, Callable[[list[Edit]], None]] = {
    each.__name__: each
    for each in (configuration, panel, draws, expression, evidence, plates, sbml, antimony, cube)
}


def explore(target: Callable[[list[Edit]], None], examples: int) -> None:
    """Have a target meet so many damaged inputs, other ones at each call."""
    rules = settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    rules(given(EDITS)(target))()  # type: ignore[call-arg]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=300)
    options.add_argument("--target", choices=list(TARGETS))
    asked = options.parse_args()
    chosen = {asked.target: TARGETS[asked.target]} if asked.target else TARGETS
    failed = 0
    for name, target in chosen.items():
        begun, tried = time.monotonic(), 0
        share = asked.seconds / len(chosen)

        try:
            while time.monotonic() - begun < share:
                explore(target, EXAMPLES)
                tried += EXAMPLES
        except Exception as error:
            failed += 1
            notes = " ".join(getattr(error, "__notes__", []))
            print(f"{name}: {type(error).__name__}: {error}\n{notes}", flush=True)
        print(f"{name}: {tried} examples in {time.monotonic() - begun:.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
