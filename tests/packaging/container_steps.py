"""The steps of the two container recipes as shell scripts, for `.ci/containers`, which runs them in a change of root
where no builder of images can be had:

    python -m tests.packaging.container_steps docs/packaging/containers/Containerfile build | final
    python -m tests.packaging.container_steps docs/packaging/containers/herscreen.def

A script is run as root inside the new root. `$CONTEXT` is the clone, `$STAGES/<name>` the root of an earlier stage,
`$ARGUMENTS` what the finished container is called with, a call a line. What a recipe may say is what is known here;
anything else is an error, so that nothing of it is left out without a word.
"""

import json
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

WORDS = ("ARG", "COPY", "ENV", "RUN", "USER", "WORKDIR", "ENTRYPOINT", "CMD")
SECTIONS = ("header", "files", "post", "environment", "test", "runscript", "labels")

HEAD = """set -eu
user=
run() { # a command, as the user of the recipe
    if [ -z "$user" ]; then /bin/sh -ec "$1"; else
        setpriv --reuid "$user" --regid "$user" --clear-groups env HOME=/tmp /bin/sh -ec "$1"; fi
}
"""
CALLS = 'printf "%s\\n" "$ARGUMENTS" | while read -r arguments; do run "{entry} $arguments"; done\n'


@dataclass(frozen=True)
class Stage:
    """One `FROM` with what follows it: name, base image, instructions as (word, rest of the line)."""

    name: str
    base: str
    steps: tuple[tuple[str, str], ...]


def instructions(text: str) -> list[tuple[str, str]]:
    """(word, rest) of every instruction of a Containerfile; lines that end in a backslash go on."""
    whole = re.sub(r"\\\n\s*", "", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    found = [line.split(None, 1) for line in whole.splitlines() if line.strip()]
    return [(word.upper(), rest) for word, rest in found]


def stages(text: str) -> list[Stage]:
    """The stages of a Containerfile; the last, which has no name, is called `final`. Raises ValueError."""
    found: list[Stage] = []
    for word, rest in instructions(text):
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append(Stage(name or "final", base, ()))
        elif found:
            if word not in WORDS:
                raise ValueError(f"found {word}, expected one of {', '.join(WORDS)}")
            last = found.pop()
            found.append(Stage(last.name, last.base, (*last.steps, (word, rest))))
        elif word != "ARG":
            raise ValueError(f"found {word} before FROM, expected ARG")
    return found


def copied(rest: str) -> str:
    """Shell that does a COPY: from the clone, or a folder of an earlier stage, which is not copied but bound."""
    *sources, target = rest.split()
    if not sources[0].startswith("--"):
        names = " ".join(f'"$CONTEXT"/{name}' for name in sources)
        folder = target if target.endswith("/") or len(sources) > 1 else str(Path(target).parent)
        return f"mkdir -p {folder} && cp -r {names} {target}\n"
    stage, (source,) = sources[0].removeprefix("--from="), sources[1:]
    return f'mkdir -p {target} && mount --bind "$STAGES"/{stage}{source} {target}\n'


def of_stage(stage: Stage) -> str:
    """The script of a stage of a Containerfile."""
    script, entry = HEAD, ""
    for word, rest in stage.steps:
        if word == "RUN":
            script += f"run {shlex.quote(rest)}\n"
        elif word == "COPY":
            script += copied(rest)
        elif word == "USER":
            script += f"user={rest}\n"
        elif word == "WORKDIR":
            script += f"mkdir -p {rest} && cd {rest}\n"
        elif word == "ENV":
            script += f"export {rest}\n"
        elif word == "ARG":
            name, _, usual = rest.partition("=")
            script += f"export {name}=${{{name}-{usual}}}\n"
        elif word == "ENTRYPOINT":
            entry = shlex.join(json.loads(rest))
    return script + (CALLS.format(entry=entry) if entry else "")


def sections(text: str) -> dict[str, str]:
    """The sections of an Apptainer definition, without comments and indentation. Raises ValueError."""
    found = {"header": ""}
    name = "header"
    for line in text.splitlines():
        if line.startswith("%"):
            name = line[1:].strip()
            if name not in SECTIONS:
                raise ValueError(f"found %{name}, expected one of {', '.join(SECTIONS)}")
            found[name] = ""
        elif not line.lstrip().startswith("#"):
            found[name] += line.strip() + "\n"
    return found


def of_definition(text: str) -> str:
    """The script of an Apptainer definition: files, `%post`, then test and calls as another user."""
    part = sections(text)
    script = HEAD
    for source, target in (line.split() for line in part["files"].splitlines() if line):
        script += f'mkdir -p {Path(target).parent} && rm -rf {target} && cp -r "$CONTEXT"/{source} {target}\n'
    script += f"run {shlex.quote(part['post'])}\n{part['environment']}user=1000\ncd /tmp\n"
    entry = part["runscript"].strip().removesuffix(' "$@"').removeprefix("exec ")
    return script + f"run {shlex.quote(part['test'])}\n" + CALLS.format(entry=entry)


def main(path: str, stage: str = "final") -> str:
    """The script of a recipe."""
    text = Path(path).read_text(encoding="utf-8")
    if path.endswith(".def"):
        return of_definition(text)
    return of_stage(next(each for each in stages(text) if each.name == stage))


if __name__ == "__main__":
    print(main(*sys.argv[1:]), end="")
