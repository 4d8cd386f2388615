"""When the drugs of a combination are given, as a configuration says it. Concentrations are multiples of the
dose on the axis. `exposure` in place of schedules has drugs at the concentrations of patients.
"""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from screen.config.doses_and_combinations import Multiples
from screen.config.fields import Hours, Name, Part

CONCURRENT = "concurrent"
ROLES = ("anchor", "partner", "all")


class Timing(Part):
    """How a drug is given: in the medium at its dose, from `start` to `stop`, in pulses, with holidays; or,
    with `half_life`, as one compartment that each administration fills; along a `table`; or as plasma has it
    under a `regimen`.
    """

    start: Hours = Field(default=0.0, description="when it is first given")
    stop: Hours | None = Field(default=None, description="washed out then, or not administered any more")
    pulse: Hours | None = Field(default=None, gt=0, description="there for so long, then `rest`, repeatedly")
    rest: Hours | None = Field(default=None, gt=0, description="not there for so long after each `pulse`")
    holidays: list[tuple[Hours, Hours]] = Field(
        default_factory=list, max_length=1000, description="from when to when it is not given"
    )
    half_life: Hours | None = Field(
        default=None, gt=0, description="one compartment; the dose is what one administration adds"
    )
    every: Hours | None = Field(default=None, gt=0, description="time between administrations")
    table: str | None = Field(
        default=None,
        description="CSV with time_h and relative (to the dose) or concentration_nM (to its peak)",
    )

    regimen: str | None = Field(
        default=None,
        max_length=200,
        description="like 8 mg/kg then 6 mg/kg q3w: plasma of the typical patient, relative to its peak",
    )

    @model_validator(mode="after")
    def _one_way_of_giving(self) -> "Timing":
        if (self.pulse is None) != (self.rest is None):
            found, other = ("rest", "pulse") if self.pulse is None else ("pulse", "rest")
            raise ValueError(f"found {found} without {other}, expected both: how long there, how long not")
        if self.every is not None and self.half_life is None:
            raise ValueError("found every without half_life, expected both, or pulse and rest in the medium")
        ways = [
            name for name in ("pulse", "half_life", "table", "regimen") if getattr(self, name) is not None
        ]
        if len(ways) > 1:
            raise ValueError(f"found {' and '.join(ways)}, expected one of them")
        if self.table is not None and (self.stop is not None or self.holidays):
            raise ValueError(
                "found a table together with stop or holidays, expected them in the table itself"
            )
        if self.regimen is not None and (self.stop is not None or self.holidays):
            raise ValueError("found a regimen together with stop or holidays, expected a table in its place")
        if self.stop is not None and self.stop <= self.start:
            raise ValueError(f"found stop: {self.stop:g} h, expected it after start: {self.start:g} h")
        for begin, end in self.holidays:
            if end <= begin:
                raise ValueError(
                    f"found the holiday {begin:g} to {end:g} h, expected it to end after it begins"
                )
        return self


class Schedule(Part):
    """A named schedule: how the `anchor` (the first drug of a combination), the `partner` (every other drug),
    `all` of them, or single `drugs` by name are given; what is not mentioned is there throughout.
    """

    name: Name
    anchor: Timing | None = None
    partner: Timing | None = None
    all: Timing | None = None
    drugs: dict[Name, Timing] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _no_role_twice(self) -> "Schedule":
        if self.all is not None and (self.anchor is not None or self.partner is not None):
            raise ValueError("found all together with anchor or partner, expected one or the other")
        return self

    @property
    def curved(self) -> bool:
        """Whether a concentration changes between jumps."""
        return any(
            timing.half_life is not None or timing.table is not None for timing in self.timings().values()
        )

    def timings(self) -> dict[str, Timing]:
        """Every timing under its key within the schedule, like `partner` or `drugs.linsitinib`."""
        roles = {role: getattr(self, role) for role in ROLES if getattr(self, role) is not None}
        return roles | {f"drugs.{name}": timing for name, timing in self.drugs.items()}

    def with_paths(self, absolute: Callable[..., str]) -> "Schedule":
        """The same with `absolute(*key, path)` in place of every path."""

        def moved(timing: Timing | None, *key: str) -> Timing | None:
            if timing is None or timing.table is None:
                return timing
            return timing.model_copy(update={"table": absolute(*key, "table", timing.table)})

        changes: dict[str, Any] = {role: moved(getattr(self, role), role) for role in ROLES}
        changes["drugs"] = {name: moved(timing, "drugs", name) for name, timing in self.drugs.items()}
        return self.model_copy(update=changes)


def _named(written: Any) -> Any:
    """A name alone, `concurrent`, is the schedule that delays nothing."""
    if isinstance(written, str):
        if written.strip().lower() != CONCURRENT:
            raise ValueError(
                f"found '{written}', expected '{CONCURRENT}' or a schedule: a name and how drugs are given"
            )
        return {"name": CONCURRENT}
    return written


ScheduleSpec = Annotated[Schedule, BeforeValidator(_named, json_schema_input_type=str | Schedule)]


class PatientRegimen(Part):
    """A drug as plasma of the typical patient has it under a `regimen`: its doses are multiples of that curve, each
    named by its peak in nM.
    """

    regimen: str = Field(
        max_length=200,
        description="like 8 mg/kg then 6 mg/kg q3w, 1250 mg qd, 300 mg bid, 125 mg qd 21 of 28 d",
    )
    multiples: Multiples = Field(
        default=[1.0], description="of the regimen's concentrations, ascending; zero is always added"
    )


def _bare(written: Any) -> Any:
    """A bare regimen as a mapping."""
    return {"regimen": written} if isinstance(written, str) else written


Regimens = dict[
    Name, Annotated[PatientRegimen, BeforeValidator(_bare, json_schema_input_type=str | PatientRegimen)]
]
