"""LLVM for the processor at hand: IR text to an object file, object file to callable code. No optimiser
passes.
"""

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Any

from screen.codegen import llvm

KINDS = {"i64": ctypes.c_int64, "ptr": ctypes.c_void_p, "double": ctypes.c_double}


@dataclass(frozen=True)
class Host:
    """What machine code depends on besides its text."""

    triple: str
    cpu: str
    features: str
    llvm: str

    @property
    def width(self) -> int:
        """How many doubles a vector holds: 8 where 512-bit registers are, else 4."""
        return 8 if "+avx512f" in self.features and "+avx512dq" in self.features else 4


@cache
def host() -> Host:
    """This machine."""
    version = ".".join(str(part) for part in llvm.llvm_version_info)
    return Host(
        triple=llvm.get_process_triple(),
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        llvm=f"{metadata.version('llvmlite')}/{version}",
    )


@cache
def _initialise() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def target_machine() -> Any:
    """A new target machine for this processor; an execution engine takes over the one it is given."""
    _initialise()
    here = host()
    return llvm.Target.from_triple(here.triple).create_target_machine(
        cpu=here.cpu, features=here.features, opt=2, reloc="pic", codemodel="default", jit=True
    )


def compile_object(text: str) -> bytes:
    """Machine code (an object file) of IR text."""
    machine = target_machine()
    module = llvm.parse_assembly(text)
    module.triple = host().triple
    module.data_layout = str(machine.target_data)
    emitted: bytes = machine.emit_object(module)
    return emitted


def load_object(image: bytes) -> Any:
    """An engine that holds the machine code of an object file as long as it lives."""
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
    engine.add_object_file(llvm.object_file.ObjectFileRef.from_data(image))
    engine.finalize_object()
    return engine


def function_of(engine: Any, name: str, arguments: Mapping[str, str]) -> Any:
    """A function of loaded code, called without the interpreter's lock; `arguments` are its types by name."""
    kinds = [KINDS[kind] for kind in arguments.values()]
    return ctypes.CFUNCTYPE(None, *kinds)(engine.get_function_address(name))
