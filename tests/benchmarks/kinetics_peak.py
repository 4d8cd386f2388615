"""The share of the core's peak floating-point rate that the engine reaches, from its own machine code."""

import ctypes
import re
import statistics
import time
from collections import Counter

import numpy as np

from screen.codegen.ir import Function, preamble
from screen.codegen.target import compile_object, host, target_machine
from screen.kinetics.compiler.numerics import rodas5p
from screen.kinetics.compiler.program import build_program
from tests.benchmarks.kinetics_conditions import Screen, screen

CHAINS = 24  # independent sums, enough to hide an fma's latency
CALLED = ("vpow", "vexp", "vlog")


def peak() -> float:
    """What independent fused multiply-adds in registers reach on this core, in GFlop/s."""
    import llvmlite.binding as llvm

    width = host().width
    f = Function("peak", {"n": "i64", "out": "ptr"}, width, exported=True)
    add, numbers = f.lines.append, range(CHAINS)
    add("  br label %turn\nturn:")
    for k in numbers:
        add(f"  %a{k} = phi {f.vector} [ {f.splat(1.0 + k)}, %entry ], [ %b{k}, %turn ]")
    add("  %i = phi i64 [ 0, %entry ], [ %j, %turn ]")
    factor, term = f.splat(0.999), f.splat(0.001)
    for k in numbers:
        arguments = f"{f.vector} %a{k}, {f.vector} {factor}, {f.vector} {term}"
        add(f"  %b{k} = call {f.vector} @llvm.fma.v{width}f64({arguments})")
    add("  %j = add i64 %i, 1\n  %more = icmp slt i64 %j, %n\n  br i1 %more, label %turn, label %done\ndone:")
    for k in numbers:
        add(f"  %p{k} = getelementptr {f.vector}, ptr %out, i64 {k}")
        add(f"  store {f.vector} %b{k}, ptr %p{k}, align 8")
    add("  ret void")
    image = compile_object(preamble(width) + f.text() + "\nattributes #0 = { nounwind }\n")
    code = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
    code.add_object_file(llvm.object_file.ObjectFileRef.from_data(image))
    code.finalize_object()
    call = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_void_p)(code.get_function_address("peak"))
    out, turns, best = np.zeros(width * CHAINS + 8), 10_000_000, np.inf
    for _ in range(4):
        begin = time.process_time()
        call(turns, out.ctypes.data)
        best = min(best, time.process_time() - begin)
    return float(turns * CHAINS * width * 2 / best / 1e9)


def operations(conditions: Screen) -> dict[str, float]:
    """Floating-point operations of one trajectory in one step, by part, counted in the machine code."""
    import llvmlite.binding as llvm

    engine = conditions.engine
    network = engine.model.network
    nodes = [network.readout(name) for name in engine.readouts]
    text, layout = build_program(network, nodes, host().width)
    module = llvm.parse_assembly(text)
    module.triple = host().triple
    counts: dict[str, Counter[str]] = {}
    here: Counter[str] = Counter()
    for line in target_machine().emit_assembly(module).split("\n"):
        label = re.match(r"([a-z]\w*):", line)
        if label:
            here = counts.setdefault(label[1], Counter())
        word = line.split()[:2]
        if word and re.match(r"v?fn?m(add|sub|la|ls)", word[0]):
            here["flop"] += 2
        elif word and re.match(r"v(mul|add|sub|div|sqrt)pd", word[0]):
            here["flop"] += 1
        elif len(word) == 2 and word[0].startswith("call"):
            here[word[1].split("@")[0]] += 1

    def total(name: str) -> float:
        inner = sum(counts[name][called] * total(called) for called in CALLED if counts[name][called])
        return counts[name]["flop"] + inner

    coefficients = sum(len(row) for row in rodas5p.A) + sum(len(row) for row in rodas5p.C)
    return {
        "Jacobian, factors, first stage": total("factor"),
        "rates and substitution of the other stages": (rodas5p.STAGES - 1) * total("stage"),
        "combinations of stages": len(layout.states) * (2 * coefficients + 2 * (rodas5p.STAGES - 1)),
        "error": total("judge"),
    }


def share_of_peak() -> str:
    """Operations by part, and their rate against the peak, on the built-in model at rtol 1e-4."""
    conditions = screen(20_000)
    rows, start = conditions.rows(), conditions.start()
    times, steps = [], 1
    for _ in range(5):
        begin = time.process_time()
        found = conditions.engine.simulate([120.0], rows, start, rtol=1e-4, atol=1e-7)
        times.append(time.process_time() - begin)
        steps = int(found.steps.sum())
    parts = operations(conditions)
    total, top, nanoseconds = sum(parts.values()), peak(), statistics.median(times) / steps * 1e9
    rate = total / nanoseconds
    shares = ", ".join(f"{100 * count / total:.0f} % {name}" for name, count in parts.items())
    return (
        f"{total:,.0f} floating-point operations per trajectory and step of the built-in model (counted in "
        f"its machine code) in {nanoseconds:.0f} ns are {rate:.0f} GFlop/s, {100 * rate / top:.0f} % of the "
        f"{top:.0f} GFlop/s of a loop of independent fma on this core. Of the operations: {shares}.\n"
    )
