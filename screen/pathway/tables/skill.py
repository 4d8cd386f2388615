"""What the built-in model was worth on measured cells that it was not fitted to, by class of prediction.

`herscreen evidence score` finds the figures (docs/model.md); a cube carries those of its own predictions, so that who
reads an answer sees whether a class of prediction is a ranking or a hypothesis.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from screen.errors import InputError
from screen.pathway.tables.drugs import Drug
from screen.pathway.tables.tsv import FOLDER, number, read_table

COLUMNS = ("class", "kind", "measure", "n", "value", "low", "high", "verdict", "source")
SINGLE, PAIRS, HER_PAIRS = "single drugs", "pairs", "pairs with a HER inhibitor"
HER_CLASSES = frozenset({"HER2 antibody", "HER2 inhibitor", "EGFR inhibitor"})
VERDICTS = ("ranking", "hypothesis")


@dataclass(frozen=True)
class ClassSkill:
    """A rank correlation with measured numbers of a class of prediction: `value` over `n` rows with a 95 % interval.

    `verdict` is `hypothesis` where measured skill is nil or too small to rank by.
    """

    name: str
    kind: str
    measure: str
    n: int
    value: float
    low: float
    high: float
    verdict: str
    source: str


def load_skill(path: Path = FOLDER / "skill.tsv") -> dict[str, ClassSkill]:
    """The table by class; `InputError` for a verdict that is none."""
    found = {}
    for row in read_table(path, COLUMNS):
        where = f"{path.name}: {row['class']}"
        if row["verdict"] not in VERDICTS:
            raise InputError(f"{where}: verdict is '{row['verdict']}', expected {' or '.join(VERDICTS)}")
        value, low, high, n = (number(row, name, where) for name in ("value", "low", "high", "n"))
        words = (row["class"], row["kind"], row["measure"])
        found[row["class"]] = ClassSkill(*words, int(n), value, low, high, row["verdict"], row["source"])
    return found


def class_of(drugs: Iterable[Drug]) -> str:
    """The class of what is predicted of drugs given together."""
    classes = [drug.drug_class for drug in drugs]
    if len(classes) < 2:
        return SINGLE
    return HER_PAIRS if HER_CLASSES & set(classes) else PAIRS


def skill_of(
    combinations: Iterable[tuple[str, Iterable[Drug]]], lines: Iterable[str] = (), drugs: Iterable[str] = ()
) -> dict[str, object]:
    """What a cube says: the class of each combination by name, the figures of every class, and which of the screen's
    `lines` and `drugs` the model was calibrated on.
    """
    return {
        "calibrated": {"lines": list(lines), "drugs": list(drugs)},
        "combinations": {name: class_of(drugs) for name, drugs in combinations},
        "classes": {name: asdict(one) for name, one in load_skill().items()},
    }
