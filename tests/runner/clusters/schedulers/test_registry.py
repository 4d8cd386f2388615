"""Every scheduler is found, whole, and spoken of in the pages."""

import pytest

from screen.errors import InputError
from screen.runner.clusters.schedulers.registry import SCHEDULERS, scheduler_of
from screen.runner.clusters.schedulers.scheduler import Job, Resources, Scheduler
from tests.paths import ROOT


def test_the_schedulers_are_found_under_their_names_slurm_first() -> None:
    assert next(iter(SCHEDULERS)) == "slurm"
    assert {"slurm", "pbs", "sge", "lsf"} <= set(SCHEDULERS)
    assert all(name == one.name for name, one in SCHEDULERS.items())


@pytest.mark.parametrize("scheduler", SCHEDULERS.values(), ids=SCHEDULERS)
def test_a_scheduler_says_what_a_script_needs(scheduler: Scheduler) -> None:
    use = Resources(3600, 1234, processors=3, partition="short", account="lab", throttle=7)
    array = " ".join(scheduler.directives(Job("hs-x", 5, use)))
    for words in ("hs-x", "short", "lab", "7"):
        assert words in array
    assert "1234" in array or "412M" in array  # by the job, or by the processor
    single = " ".join(scheduler.directives(Job("hs-x", 0, use)))
    assert "hs-x" in single
    assert "0-4" not in single
    assert "1-5" not in single
    assert scheduler.sign.startswith("#")
    assert all(first in (0, 1) for first in scheduler.variables.values())
    assert any(name in scheduler.index for name in scheduler.variables)


@pytest.mark.parametrize("scheduler", SCHEDULERS.values(), ids=SCHEDULERS)
def test_a_scheduler_has_an_entry_in_the_pages(scheduler: Scheduler) -> None:
    page = (ROOT / "docs" / "clusters.md").read_text()
    assert scheduler.title in page
    assert f"`{scheduler.name}`" in page


def test_an_unknown_scheduler_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"found 'slrm', expected one of slurm, .* did you mean 'slurm'"):
        scheduler_of("slrm")
