"""The workspace of one call of the driver, and functions that know its arrays by name."""

from dataclasses import dataclass

from screen.codegen.ir import Function, Value
from screen.kinetics.compiler import rodas5p as method
from screen.kinetics.compiler.kernels import ProgramLayout

STOPPING = ("stop", "resume", "unclipped", "fresh", "stop_row", "stop_end", "allowed")
"""Vectors of a program whose trajectories have stops."""


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

    def larger(self, a: Value, b: Value) -> Value:
        return self.select(self.compare("ogt", a, b), a, b)

    def smaller(self, a: Value, b: Value) -> Value:
        return self.select(self.compare("olt", a, b), a, b)
