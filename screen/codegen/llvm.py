"""llvmlite's binding to LLVM, loaded when its first name is asked for: a run that finds nothing to compile or to
load does without.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    import llvmlite.binding

    return getattr(llvmlite.binding, name)
