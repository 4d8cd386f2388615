"""Markdown tables, and the machine and versions that stand above them."""

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from screen.codegen.target import host


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def machine() -> str:
    """Processor, lanes, cores and load in one line."""
    info = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line]
    name = names[0] if names else platform.processor()
    here = host()
    return (
        f"{name} ({here.cpu}), {here.width} lanes, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at "
        f"the start; Python {platform.python_version()}, LLVM {here.llvm.split('/')[1]}"
    )


def installed(names: Iterable[str]) -> str:
    """Versions of packages in one line."""
    return ", ".join(f"{name} {_version(name)}" for name in names)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
