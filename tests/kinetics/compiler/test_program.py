"""The same bits on another kind of processor: code for aarch64 Linux, run by an emulator."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from screen.kinetics import Engine
from screen.kinetics.compiler.program import build_program
from screen.kinetics.compiler.workspace import workspace

COMPILER, EMULATOR = "aarch64-linux-gnu-gcc", "qemu-aarch64"
TRIPLE, LANES = "aarch64-unknown-linux-gnu", 4
DRIVER = Path(__file__).with_name("aarch64_driver.c")

pytestmark = pytest.mark.skipif(
    not (shutil.which(COMPILER) and shutil.which(EMULATOR)),
    reason=f"{COMPILER} and {EMULATOR} are not installed",
)


def object_code(engine: Engine) -> tuple[bytes, int]:
    """The engine's program as an object file for aarch64, and how many numbers its workspace holds."""
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    network = engine.model.network
    text, layout = build_program(network, [network.readout(name) for name in engine.readouts], LANES)
    machine = llvm.Target.from_triple(TRIPLE).create_target_machine(cpu="neoverse-n1", opt=2, reloc="pic")
    module = llvm.parse_assembly(text)
    module.triple, module.data_layout = TRIPLE, str(machine.target_data)
    return machine.emit_object(module), workspace(layout).size * LANES + 8


@pytest.mark.slow
def test_bits_do_not_depend_on_the_processor(engine: Engine, tmp_path: Path) -> None:
    times, rtol, atol = np.array([1.0, 72.0]), 1e-6, 1e-9
    random = np.random.default_rng(0)
    rows = engine.defaults * np.exp(0.3 * random.standard_normal((33, len(engine.parameters))))
    image, room = object_code(engine)
    (tmp_path / "program.o").write_bytes(image)
    sizes = [*rows.shape, len(engine.states), len(engine.readouts), len(times), room]
    np.array(sizes, dtype=np.int64).tofile(tmp_path / "sizes")
    np.concatenate([[rtol, atol], times, rows.ravel()]).tofile(tmp_path / "given")
    build = [COMPILER, "-O1", "-static", "-o", "drive", str(DRIVER), "program.o", "-lm"]
    subprocess.run(build, cwd=tmp_path, check=True)
    subprocess.run([EMULATOR, "./drive"], cwd=tmp_path, check=True)

    found = np.fromfile(tmp_path / "found")
    here = engine.simulate(times, rows, rtol=rtol, atol=atol, retry=False)
    expected = [here.values.ravel(), here.state.ravel(), here.status, here.steps]
    assert np.all(here.status == 0)
    assert found.tobytes() == np.concatenate(expected).astype(float).tobytes()
