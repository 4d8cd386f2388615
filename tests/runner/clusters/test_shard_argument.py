"""`--shard I/N` and `auto/N`: the part that a task does."""

import pytest

from screen.errors import InputError
from screen.runner.clusters.shard_argument import parse_part


@pytest.mark.parametrize(
    ("environment", "part"),
    [
        ({"SLURM_ARRAY_TASK_ID": "3"}, 3),
        ({"PBS_ARRAY_INDEX": "0"}, 0),
        ({"PBS_ARRAYID": "2"}, 2),
        ({"SGE_TASK_ID": "1"}, 0),
        ({"LSB_JOBINDEX": "4"}, 3),
        ({"SGE_TASK_ID": "undefined", "LSB_JOBINDEX": "2"}, 1),
        ({"LSB_JOBINDEX": "0", "SLURM_ARRAY_TASK_ID": "1"}, 1),
    ],
)
def test_the_part_comes_from_the_scheduler_s_environment(environment: dict[str, str], part: int) -> None:
    assert parse_part("auto/5", environment) == (part, 5)


@pytest.mark.parametrize("text", ["", "1", "1/", "/2", "2/2", "-1/2", "a/2", "1/0", "1.5/2", "1/2/3"])
def test_parts_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_part(text, {})


@pytest.mark.parametrize("environment", [{}, {"SGE_TASK_ID": "undefined"}, {"LSB_JOBINDEX": "0"}])
def test_auto_outside_an_array_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(InputError, match="found no job array"):
        parse_part("auto/2", environment)
