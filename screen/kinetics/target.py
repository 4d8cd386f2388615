"""LLVM for the processor at hand: IR text to an object file, object file to callable code. No optimiser
passes.
"""

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any

from .driver import POINTS_ARGUMENTS, RUN_ARGUMENTS


@dataclass(frozen=True)
class Host:
    """What generated code depends on besides the model."""

    triple: str
    cpu: str
    features: str
    llvm: str

    @property
    def width(self) -> int:
        """How many trajectories run side by side: 8 where 512-bit registers are, else 4."""
        return 8 if "+avx512f" in self.features and "+avx512dq" in self.features else 4


@cache
def host() -> Host:
    """This machine."""
    import llvmlite
    import llvmlite.binding as llvm

    version = ".".join(str(part) for part in llvm.llvm_version_info)
    return Host(
        triple=llvm.get_process_triple(),
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        llvm=f"{llvmlite.__version__}/{version}",
    )


@cache
def _initialise() -> None:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def target_machine() -> Any:
    """A new target machine for this processor; an execution engine takes over the one it is given."""
    import llvmlite.binding as llvm

    _initialise()
    here = host()
    return llvm.Target.from_triple(here.triple).create_target_machine(
        cpu=here.cpu, features=here.features, opt=2, reloc="pic", codemodel="default", jit=True
    )


def compile_object(text: str) -> bytes:
    """Machine code (an object file) of IR text."""
    import llvmlite.binding as llvm

    machine = target_machine()
    module = llvm.parse_assembly(text)
    module.triple = host().triple
    module.data_layout = str(machine.target_data)
    emitted: bytes = machine.emit_object(module)
    return emitted


_KIND = {"i64": ctypes.c_int64, "ptr": ctypes.c_void_p, "double": ctypes.c_double}


class Code:
    """Loaded machine code: `run` and `points`, called without the interpreter's lock."""

    def __init__(self, image: bytes) -> None:
        import llvmlite.binding as llvm

        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
        self._engine.add_object_file(llvm.object_file.ObjectFileRef.from_data(image))
        self._engine.finalize_object()
        self.run = self._function("run", RUN_ARGUMENTS)
        self.points = self._function("points", POINTS_ARGUMENTS)

    def _function(self, name: str, arguments: dict[str, str]) -> Any:
        address = self._engine.get_function_address(name)
        kinds = [_KIND[kind] for kind in arguments.values()]
        return ctypes.CFUNCTYPE(None, *kinds)(address)
