"""Run the benchmarks and print their tables: `python -m tests.benchmarks [name ...]`.

Each `bench_<name>.py` beside this file has a `main()` that prints its table. All run when none is named.
"""

import sys
from importlib import import_module
from pathlib import Path


def main() -> int:
    known = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    unknown = [name for name in sys.argv[1:] if name not in known]
    if unknown:
        print(f"no benchmark named {', '.join(unknown)}; known: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in sys.argv[1:] or known:
        print(f"## {name}\n", flush=True)
        import_module(f"tests.benchmarks.bench_{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
