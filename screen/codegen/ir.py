"""A small writer of LLVM IR text: functions, values as register names, structured loops and branches. In place of
`llvmlite.ir` for speed: 20,000 fused multiply-adds are written in 0.01 s, there in 0.26 s (the same size of
text); the built-in model's program has 11,000 lines.

Vectors are `<width x double>`. The optimiser's passes are not run over this text, only code generation, so
what is written here is what runs.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

Value = str


@cache
def number(value: float) -> str:
    """A double as LLVM writes it exactly."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


class Function:
    """The text of one function. Methods that compute append a line and return the register of the result."""

    def __init__(
        self, name: str, arguments: dict[str, str], width: int, result: str = "void", exported: bool = False
    ):
        self.width = width
        self.vector = f"<{width} x double>"
        self.integers = f"<{width} x i64>"
        self.mask = f"<{width} x i1>"
        linkage = "" if exported else "internal "
        inside = ", ".join(f"{kind} %{key}" for key, kind in arguments.items())
        self.lines = [f"define {linkage}{result} @{name}({inside}) #0 {{", "entry:"]
        self.block = "entry"
        self._count = 0
        self._in_block = 0
        self._splats: dict[float, str] = {}

    # ---- text ---------------------------------------------------------------------------------------
    def fresh(self) -> str:
        self._count += 1
        return f"%r{self._count}"

    def compute(self, text: str) -> Value:
        self._count += 1
        self._in_block += 1
        register = f"%r{self._count}"
        self.lines.append(f"  {register} = {text}")
        return register

    def line(self, text: str) -> None:
        self._in_block += 1
        self.lines.append(f"  {text}")

    def text(self) -> str:
        return "\n".join([*self.lines, "}"])

    def label(self, stem: str = "b") -> str:
        self._count += 1
        return f"{stem}{self._count}"

    def begin(self, label: str) -> None:
        self.lines.append(f"{label}:")
        self.block = label
        self._in_block = 0

    def jump(self, label: str) -> None:
        self.lines.append(f"  br label %{label}")

    def branch(self, condition: Value, yes: str, no: str) -> None:
        self.lines.append(f"  br i1 {condition}, label %{yes}, label %{no}")

    def split(self, longest: int) -> bool:
        """Starts a new basic block when the current one is longer; bounds the compiler's work per block."""
        if self._in_block < longest:
            return False
        label = self.label()
        self.jump(label)
        self.begin(label)
        return True

    # ---- vectors of doubles -------------------------------------------------------------------------
    def splat(self, value: float) -> str:
        found = self._splats.get(value) if value else None
        if found is None:
            lane = f"double {number(value)}"
            found = "<" + ", ".join([lane] * self.width) + ">"
            if value:
                self._splats[value] = found
        return found

    def broadcast(self, scalar: Value) -> Value:
        one = self.compute(f"insertelement {self.vector} poison, double {scalar}, i32 0")
        return self.compute(
            f"shufflevector {self.vector} {one}, {self.vector} poison, <{self.width} x i32> zeroinitializer"
        )

    def add(self, a: Value, b: Value) -> Value:
        return self.compute(f"fadd {self.vector} {a}, {b}")

    def sub(self, a: Value, b: Value) -> Value:
        return self.compute(f"fsub {self.vector} {a}, {b}")

    def mul(self, a: Value, b: Value) -> Value:
        return self.compute(f"fmul {self.vector} {a}, {b}")

    def div(self, a: Value, b: Value) -> Value:
        return self.compute(f"fdiv {self.vector} {a}, {b}")

    def neg(self, a: Value) -> Value:
        return self.compute(f"fneg {self.vector} {a}")

    def fma(self, a: Value, b: Value, c: Value) -> Value:
        v = self.vector
        return self.compute(f"call {v} @llvm.fma.v{self.width}f64({v} {a}, {v} {b}, {v} {c})")

    def intrinsic(self, name: str, a: Value) -> Value:
        return self.compute(f"call {self.vector} @llvm.{name}.v{self.width}f64({self.vector} {a})")

    def call(self, name: str, *arguments: Value) -> Value:
        inside = ", ".join(f"{self.vector} {a}" for a in arguments)
        return self.compute(f"call {self.vector} @{name}({inside})")

    def by_lane(self, name: str, *arguments: Value) -> Value:
        """A function of the C library, one lane after the other; slow."""
        result = "poison"
        for lane in range(self.width):
            scalars = [self.compute(f"extractelement {self.vector} {a}, i32 {lane}") for a in arguments]
            one = self.compute(f"call double @{name}({', '.join('double ' + s for s in scalars)})")
            result = self.compute(f"insertelement {self.vector} {result}, double {one}, i32 {lane}")
        return result

    def compare(self, predicate: str, a: Value, b: Value) -> Value:
        return self.compute(f"fcmp {predicate} {self.vector} {a}, {b}")

    def select(self, condition: Value, a: Value, b: Value) -> Value:
        return self.compute(f"select {self.mask} {condition}, {self.vector} {a}, {self.vector} {b}")

    def and_(self, a: Value, b: Value) -> Value:
        return self.compute(f"and {self.mask} {a}, {b}")

    def or_(self, a: Value, b: Value) -> Value:
        return self.compute(f"or {self.mask} {a}, {b}")

    def xor(self, a: Value, b: Value) -> Value:
        return self.compute(f"xor {self.mask} {a}, {b}")

    def not_(self, a: Value) -> Value:
        return self.compute(f"xor {self.mask} {a}, <{', '.join(['i1 true'] * self.width)}>")

    def movemask(self, mask: Value) -> Value:
        """A mask as an integer `i<width>`, one bit a lane."""
        return self.compute(f"bitcast {self.mask} {mask} to i{self.width}")

    def any(self, mask: Value) -> Value:
        return self.compute(f"icmp ne i{self.width} {self.movemask(mask)}, 0")

    def at(self, pointer: Value, index: int | Value) -> Value:
        """The address of vector number `index`."""
        if index == 0:
            return pointer
        return self.compute(f"getelementptr inbounds {self.vector}, ptr {pointer}, i64 {index}")

    def load(self, pointer: Value, index: int | Value = 0) -> Value:
        return self.compute(f"load {self.vector}, ptr {self.at(pointer, index)}, align {8 * self.width}")

    def store(self, value: Value, pointer: Value, index: int | Value = 0) -> None:
        self.line(f"store {self.vector} {value}, ptr {self.at(pointer, index)}, align {8 * self.width}")

    def fetch(self, pointer: Value, index: int | Value, to_write: bool = False) -> None:
        """Asks for a vector from memory some time before it is needed."""
        address = self.at(pointer, index)
        self.line(f"call void @llvm.prefetch.p0(ptr {address}, i32 {int(to_write)}, i32 3, i32 1)")

    # ---- vectors of integers ------------------------------------------------------------------------
    def splat_integer(self, value: int) -> str:
        return "<" + ", ".join([f"i64 {value}"] * self.width) + ">"

    def integer(self, op: str, a: Value, b: Value) -> Value:
        return self.compute(f"{op} {self.integers} {a}, {b}")

    def as_integer(self, a: Value) -> Value:
        return self.compute(f"bitcast {self.vector} {a} to {self.integers}")

    def as_double(self, a: Value) -> Value:
        return self.compute(f"bitcast {self.integers} {a} to {self.vector}")

    # ---- scalars ------------------------------------------------------------------------------------
    def element(self, kind: str, pointer: Value, index: int | Value) -> Value:
        return self.compute(f"getelementptr inbounds {kind}, ptr {pointer}, i64 {index}")

    def get(self, kind: str, pointer: Value, index: int | Value = 0) -> Value:
        address = pointer if index == 0 else self.element(kind, pointer, index)
        return self.compute(f"load {kind}, ptr {address}")

    def put(self, kind: str, value: Value | int, pointer: Value, index: int | Value = 0) -> None:
        address = pointer if index == 0 else self.element(kind, pointer, index)
        self.line(f"store {kind} {value}, ptr {address}")

    def scalar(self, op: str, kind: str, a: Value | int, b: Value | int) -> Value:
        """Any two-operand instruction on scalars: `add i64`, `fmul double`, `icmp slt i64`, `fcmp ogt
        double`.
        """
        return self.compute(f"{op} {kind} {a}, {b}")

    # ---- control ------------------------------------------------------------------------------------
    @contextmanager
    def loop(self, count: Value | int, start: Value | int = 0) -> Iterator[Value]:
        """`for i in range(start, count)`; yields the register of i."""
        head, body, latch, done = (self.label(s) for s in ("head", "body", "latch", "done"))
        index, after = self.fresh(), self.fresh()
        before = self.block
        self.jump(head)
        self.begin(head)
        self.lines.append(f"  {index} = phi i64 [ {start}, %{before} ], [ {after}, %{latch} ]")
        go = self.scalar("icmp slt", "i64", index, count)
        self.branch(go, body, done)
        self.begin(body)
        yield index
        self.jump(latch)
        self.begin(latch)
        self.lines.append(f"  {after} = add i64 {index}, 1")
        self.jump(head)
        self.begin(done)

    @contextmanager
    def when(self, condition: Value) -> Iterator[None]:
        yes, done = self.label("yes"), self.label("done")
        self.branch(condition, yes, done)
        self.begin(yes)
        yield
        self.jump(done)
        self.begin(done)

    def mend(self, good: Value, usual: Sequence[Value], rare: Callable[[], Sequence[Value]]) -> list[Value]:
        """Values by lane: the usual ones where a mask holds; elsewhere others, computed only when a lane needs them."""
        odd, done, before, count = self.label("odd"), self.label("done"), self.block, self._in_block
        every = self.scalar("icmp eq", f"i{self.width}", self.movemask(good), -1)
        self.lines.append(f"  br i1 {every}, label %{done}, label %{odd}, !prof !0")
        self.begin(odd)
        mended = [self.select(good, value, other) for value, other in zip(usual, rare())]
        last = self.block
        self.jump(done)
        self.begin(done)
        self._in_block = count
        return [
            self.compute(f"phi {self.vector} [ {value}, %{before} ], [ {other}, %{last} ]")
            for value, other in zip(usual, mended)
        ]

    @contextmanager
    def forever(self) -> Iterator[str]:
        """An endless loop; yields the label to branch to in order to leave it."""
        head, done = self.label("head"), self.label("exit")
        self.jump(head)
        self.begin(head)
        yield done
        self.jump(head)
        self.begin(done)

    def break_if(self, condition: Value, done: str) -> None:
        stay = self.label("next")
        self.branch(condition, done, stay)
        self.begin(stay)


ATTRIBUTES = (
    'attributes #0 = { nounwind "stackrealign" "prefer-vector-width"="512" "min-legal-vector-width"="512" }'
)
"""Of every function; once a module. Spilled registers lie at multiples of their size: one that crosses two lines of the
cache costs the solver 5 % of its time."""

SELDOM = '!0 = !{!"branch_weights", i32 1000, i32 1}'
"""What `Function.mend` says of its branches; once a module."""

LIBM = {
    1: (
        "acos", "acosh", "asin", "asinh", "atan", "atanh", "cbrt", "cos", "cosh", "erf", "erfc", "exp2", "expm1",
        "lgamma", "log10", "log1p", "log2", "rint", "round", "sin", "sinh", "tan", "tanh", "tgamma", "trunc",
    ),
    2: ("atan2", "fmod", "hypot", "remainder"),
}  # fmt: skip
"""Functions of the C library (C99) that `Function.by_lane` may call, by their number of arguments."""


def preamble(width: int) -> str:
    """Declarations that every module starts with."""
    v = f"<{width} x double>"
    one = "".join(
        f"declare {v} @llvm.{name}.v{width}f64({v})\n" for name in ("sqrt", "fabs", "floor", "ceil", "trunc")
    )
    libm = "".join(
        f"declare double @{name}({', '.join(['double'] * count)})\n"
        for count, names in LIBM.items()
        for name in names
    )
    prefetch = "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)\n"
    return f"{prefetch}declare {v} @llvm.fma.v{width}f64({v}, {v}, {v})\n{one}{libm}"
