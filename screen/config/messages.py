"""What is wrong with a configuration, in one line: where it is, what was found, what was expected."""

import reprlib
import types
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, Discriminator, Tag, ValidationError

from screen.config.yaml_files.yaml_source import Key, Places
from screen.errors import InputError, nearest

M = TypeVar("M", bound=BaseModel)


def validated(model: type[M], settings: dict[str, Any], places: Places) -> M:
    """`settings` as a `model`; raises `InputError`, whose one line names file, line and key."""
    try:
        return model.model_validate(settings)
    except ValidationError as error:
        raise InputError(message(error, model, places)) from None


def message(error: ValidationError, model: type[BaseModel], places: Places) -> str:
    """The first problem of a pydantic error as one line."""
    errors = error.errors(include_url=False)
    first = next((one for one in errors if one["type"] == "extra_forbidden"), errors[0])
    _, key = _walk(model, first["loc"])
    found = " ".join(reprlib.repr(first["input"]).split())
    match first["type"]:
        case "extra_forbidden":
            known = _keys_at(model, first["loc"][:-1])
            text = f"unknown key '{key[-1]}', expected one of {', '.join(known)}{nearest(key[-1], known)}"
        case "missing":
            text = "the key is missing, expected a value"
        case "value_error":
            text = first["msg"].removeprefix("Value error, ")
        case "too_short" if first["input"] in ([], {}):
            text = "found nothing, expected at least one"
        case "literal_error":
            expected = first["ctx"]["expected"]
            close = nearest(str(first["input"]), expected.split("'")[1::2])
            text = f"found {found}, expected {expected}{close}"
        case "model_type":
            text = f"found {found}, expected the keys {', '.join(_keys_at(model, first['loc']))}"
        case "string_too_short" | "string_pattern_mismatch":
            text = f"found {found}, expected a name"
        case _:
            expected = first["msg"].removeprefix("Input should be ").removeprefix("Value should ")
            text = f"found {found}, expected {expected[:1].lower()}{expected[1:]}"
    more = len(errors) - 1
    return f"{places.name(key)}: {text}" + (f" (and {more} more)" if more else "")


def _keys_at(model: type[BaseModel], location: tuple[Any, ...]) -> list[str]:
    """The keys known at a place inside a model."""
    kind, _ = _walk(model, location)
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return []
    return [field.alias or name for name, field in kind.model_fields.items()]


def _walk(model: type[BaseModel], location: tuple[Any, ...]) -> tuple[Any, Key]:
    """The type at a place inside a model, and the place as a file has it: pydantic's own location names the
    alternative that it took of two that are allowed there.
    """
    kind: Any = model
    key: list[str] = []
    tagged = False
    for part in location:
        if tagged:
            alternatives = {tag: one for one in get_args(get_args(kind)[0]) for tag in _tags(one)}
            kind = alternatives.get(part, kind)
        else:
            key.append(str(part))
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                kind = kind.model_fields[part].annotation if part in kind.model_fields else None
            else:
                kind = (get_args(kind) or (None,))[-1]
        kind, tagged = _bare(kind)
    return kind, tuple(key)


def _bare(kind: Any) -> tuple[Any, bool]:
    """A type without its alternatives (None) and checks, and whether it is a choice by tag."""
    while True:
        metadata = getattr(kind, "__metadata__", ())
        if any(isinstance(one, Discriminator) for one in metadata):
            return kind, True
        if not metadata and not isinstance(kind, types.UnionType) and get_origin(kind) is not Union:
            return kind, False
        kind = get_args(kind)[0]


def _tags(kind: Any) -> list[str]:
    return [one.tag for one in getattr(kind, "__metadata__", ()) if isinstance(one, Tag)]
