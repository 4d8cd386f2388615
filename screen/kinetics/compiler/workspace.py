"""The workspace of one call of the driver, and functions that know its arrays by name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from screen.codegen.ir import Function, Value
from screen.kinetics.compiler.event_layouts import MOST_SUMS
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.numerics import rodas5p as method

STOPPING = ("stop", "resume", "unclipped", "fresh", "stop_row", "stop_end", "allowed")
"""Vectors of a program whose trajectories have stops."""


CROSSING = ("place", "length", "cross", "low", "flag", "suspect", "sign", "left", "right")
HAPPENING = ("pending", "gap", "due", "until", "broken")
"""Vectors of a program with events."""


@dataclass(frozen=True)
class Workspace:
    """Where each array of lane vectors stands in the workspace, in vectors."""

    offsets: dict[str, int]
    size: int


def workspace(layout: ProgramLayout) -> Workspace:
    """The workspace of one call for a layout."""
    s, q, r = len(layout.states), layout.hoisted, layout.readouts
    sizes = {
        "t": 1, "h": 1, "d": 1, "hg": 1, "ts": 1, "tn": 1, "error": 1, "why": 1, "tout": 1, "rejected": 1,
        "live": 1, "least": 1, "leapt": 1,
        "steps": 1, "row": 1, "next_out": 1, "finite": 1, "stage_h": 1, "stage_t": 1, "stage_ok": 1,
        "y": s, "new": s, "at": s, "b": s, "ft": s, "u": s * method.STAGES,
        "out": r, "q": q, "lu": layout.factors,
        "stage_p": layout.parameters, "stage_y": s, "stage_q": q, "stage_f": s, "stage_out": r,
        "jac": len(layout.jacobian),
    }  # fmt: skip
    if layout.timed:
        sizes |= dict.fromkeys(STOPPING, 1) | {"fresh_f": s}
    if layout.discrete is not None:
        sizes |= dict.fromkeys(CROSSING, 1) | dict.fromkeys(HAPPENING, 1)
        sizes |= {
            "looks": 14 * layout.discrete.switches, "look": 2 * layout.discrete.switches,
            "base": layout.discrete.switches, "carry": layout.discrete.carried,
            "now": 3 * len(layout.discrete.events) + layout.discrete.values,
            "later": 3 * len(layout.discrete.events) + layout.discrete.values,
        }  # fmt: skip
    if layout.slopes is not None:
        p, entries = layout.slopes.parameters, layout.slopes.entries
        sizes |= {
            "stage_y": s + p * s, "length": 1, "entered": 1, "turn": 1, "inside": 3 * s,
            "tangents": 6 * entries, "tangents_t": entries,
            "r_tangent": len(layout.slopes.read) + len(layout.slopes.read_direct),
        }  # fmt: skip
    if layout.beside:
        sizes |= {
            "y": s + p * s, "dense": len(method.DENSE) * s,
            "new_s": p * s, "s_slope": s, "s_at": s, "s_b": s, "s_b2": s, "su": s * method.STAGES,
            "s_rtol": 1, "s_atol": p, "s_error": 1,
            "s_dense": len(method.DENSE) * p * s, "s_read": p * s,
        }  # fmt: skip
    if layout.adjoint:
        sizes |= dict.fromkeys(("lambda_new", "bar_b", "bar_t", "nothing", "counted"), s)
        sizes |= dict.fromkeys(("bar_r", "bar_y"), s * method.STAGES)
        sizes |= dict.fromkeys(("lambda", "lambda_old"), MOST_SUMS * s)
        sizes |= {"bar": MOST_SUMS * s * method.STAGES, "mu": MOST_SUMS * p}
        sizes |= {"mu_step": p, "r_weight": r, "leaving": 1}
        if layout.discrete is not None:
            jumps = layout.sensitive.jumps
            sizes |= {"since": 1, "passed": MOST_SUMS, "owed": MOST_SUMS}
            sizes |= {"executing": 1, "spoiled": 1, "jump": max((jump.entries for jump in jumps), default=0)}
    offsets, total = {}, 0
    for name, size in sizes.items():
        offsets[name] = total
        total += max(size, 1)
    return Workspace(offsets, total)


class Body(Function):
    """A function with the workspace's arrays by name."""

    def __init__(
        self,
        layout: ProgramLayout,
        name: str,
        arguments: dict[str, str],
        result: str = "void",
        exported: bool = False,
    ):
        super().__init__(name, arguments, layout.width, result, exported)
        self.layout = layout
        self.place = workspace(layout).offsets
        self.size = len(layout.states)
        self.columns = layout.columns
        self._address: dict[str, Value] = {}

    def array(self, name: str) -> Value:
        """The address of a workspace array, computed once at the function's start."""
        if name not in self._address:
            register = f"%w_{name}"
            offset = self.place[name]
            self.lines.insert(
                2, f"  {register} = getelementptr inbounds {self.vector}, ptr %work, i64 {offset}"
            )
            self._address[name] = register
        return self._address[name]

    def read(self, name: str, index: int | Value = 0) -> Value:
        return self.load(self.array(name), index)

    def write(self, value: Value, name: str, index: int | Value = 0) -> None:
        self.store(value, self.array(name), index)

    def lane(self, name: str, row: int | Value, lane: int | Value) -> Value:
        """The address of one lane of vector `row` of an array."""
        flat: int | Value = lane
        if row != 0:
            first = (
                self.scalar("mul", "i64", row, self.width) if isinstance(row, str) else str(row * self.width)
            )
            flat = self.scalar("add", "i64", first, lane)
        return self.element("double", self.array(name), flat)

    def run(self, name: str, *arrays: Value) -> None:
        self.line(f"call void @{name}({', '.join('ptr ' + a for a in arrays)})")

    def gather(self, first: Value, table: Value, columns: int, target: str) -> None:
        """Copies `width` rows of a row-major table from row `first` into the lanes of an array."""
        rest = f"ptr {table}, i64 {columns}, ptr {self.array(target)}, ptr %work"
        self.line(f"call void @gather(i64 {first}, i64 %n, {rest})")

    @contextmanager
    def lanes_of(self, mask: Value) -> Iterator[Value]:
        """A loop over the lanes in a mask."""
        bits = self.compute(f"zext i{self.width} {self.movemask(mask)} to i64")
        with self.loop(self.width) as lane:
            bit = self.scalar("and", "i64", self.scalar("lshr", "i64", bits, lane), 1)
            with self.when(self.scalar("icmp ne", "i64", bit, 0)):
                yield lane

    def next_back(self, lane: Value) -> None:
        """Moves a lane to the output before its present one."""
        k = self.scalar("sub", "i64", self.get("i64", self.array("next_out"), lane), 1)
        self.put("i64", k, self.array("next_out"), lane)
        self.put("double", "0xFFF0000000000000", self.lane("tout", 0, lane))
        with self.when(self.scalar("icmp sge", "i64", k, 0)):
            self.put("double", self.get("double", "%times", k), self.lane("tout", 0, lane))

    def hand_out(self, lanes: Value) -> None:
        """Writes `out`, of the lanes in an integer mask, to where their next output goes, and moves on to the next."""
        lanes = self.compute(f"zext i{self.width} {lanes} to i64")
        with self.loop(self.width) as lane:
            bit = self.scalar("and", "i64", self.scalar("lshr", "i64", lanes, lane), 1)
            with self.when(self.scalar("icmp ne", "i64", bit, 0)):
                row = self.get("i64", self.array("row"), lane)
                k = self.get("i64", self.array("next_out"), lane)
                flat = self.scalar("add", "i64", self.scalar("mul", "i64", row, "%nt"), k)
                target = self.element(
                    "double", "%values", self.scalar("mul", "i64", flat, self.layout.readouts)
                )
                with self.loop(self.layout.readouts) as r:
                    self.put("double", self.get("double", self.lane("out", r, lane)), target, r)
                k = self.scalar("add", "i64", k, 1)
                self.put("i64", k, self.array("next_out"), lane)
                self.put("double", "0x7FF0000000000000", self.lane("tout", 0, lane))
                with self.when(self.scalar("icmp slt", "i64", k, "%nt")):
                    self.put("double", self.get("double", "%times", k), self.lane("tout", 0, lane))

    def between(self, k: int | Value, s: Value) -> Value:
        """State k at the place s (0 to 1) of a step, from the stages and both ends."""
        u, size = self.array("u"), self.size
        stages = [
            self.load(u, k + j * size if isinstance(k, int) else self.scalar("add", "i64", k, j * size))
            for j in range(method.STAGES)
        ]
        parts = []
        for row in method.DENSE:
            part = self.mul(self.splat(row[0]), stages[0])
            for c, value in zip(row[1:], stages[1:]):
                part = self.fma(self.splat(c), value, part)
            parts.append(part)
        r = self.sub(self.splat(1.0), s)
        inner = self.fma(s, self.fma(s, parts[2], parts[1]), parts[0])
        if (
            self.layout.discrete is not None
        ):  # what stands still does so to the last bit, or triggers would see it move
            first, last = self.read("y", k), self.read("new", k)
            inside = self.fma(s, self.fma(r, inner, self.sub(last, first)), first)
            return self.select(self.compare("oeq", s, self.splat(1.0)), last, inside)
        return self.fma(s, self.fma(r, inner, self.read("new", k)), self.mul(r, self.read("y", k)))

    def larger(self, a: Value, b: Value) -> Value:
        return self.select(self.compare("ogt", a, b), a, b)

    def smaller(self, a: Value, b: Value) -> Value:
        return self.select(self.compare("olt", a, b), a, b)
