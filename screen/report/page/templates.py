"""The environment of all pages' templates. What they are compiled to, 0.1 s of the processor, is kept where the machine
code of models is: in a folder and files of this user's own, each with its SHA-256.
"""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from screen.kinetics.compiler.cache import load_entry, store_entry, text_key

if TYPE_CHECKING:
    import jinja2


class KeptTemplates:
    """A cache as `jinja2.MemcachedBytecodeCache` asks for one; that looks whether an entry is of the same source."""

    def __init__(self, of: str) -> None:
        self._of = f"template {sys.implementation.cache_tag} {of}"

    def get(self, key: str) -> bytes:
        """The entry; `LookupError` where there is none."""
        found = load_entry(text_key(f"{self._of} {key}"))
        if found is None:
            raise LookupError(key)
        return found[1]

    def set(self, key: str, value: bytes, timeout: int | None = None) -> None:  # noqa: ARG002  as jinja2 calls it
        store_entry(text_key(f"{self._of} {key}"), {}, value)


def environment(template: Callable[[str], str]) -> "jinja2.Environment":
    """An environment in which what is filled in is escaped; `template` gives the text of a template by its name."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(template),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=jinja2.MemcachedBytecodeCache(KeptTemplates(jinja2.__version__)),
    )
