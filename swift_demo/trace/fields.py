"""One line of a trace: a dataclass to JSON and back, every field checked against its annotation."""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from swift_demo.brief import brief
from swift_demo.events import EVENT_TYPES, Event
from swift_demo.json_lines import is_whole

Read = Callable[[Any], Any]


class _Unfit(Exception):
    """A value is not what its annotation says; the caller names the field that holds it."""


def event_values(event: Event, pieces: Sequence[str]) -> dict[str, Any]:
    """An event and its pieces of text as JSON holds them; see ``event_of``."""
    values: dict[str, Any] = {"event": type(event).__name__, **dataclasses.asdict(event)}
    return values | {"texts": pieces} if pieces else values


def event_of(values: dict[str, Any]) -> tuple[Event, tuple[str, ...]]:
    """An event and its pieces of text.

    Raises:
        ValueError: If the values are not those of an event; the message says why.
    """
    values = dict(values)
    name, texts = values.pop("event", None), values.pop("texts", [])
    if not isinstance(name, str) or name not in EVENT_TYPES:
        raise ValueError(f"unknown event {brief(name)}")
    try:
        pieces = _reader(tuple[str, ...])(texts)
    except _Unfit:
        raise ValueError("texts must be a list of texts, without halves of characters") from None
    return build(EVENT_TYPES[name], values), pieces


def json_line(values: dict[str, Any]) -> str:
    """One line of JSON, in ASCII; half a character, which no file or reply may hold, is replaced."""
    text = json.dumps(values)
    if r"\ud" in text and (whole := _whole(values)) != values:
        text = json.dumps(whole)
    return text


def build(cls: type, values: dict[str, Any]) -> Any:
    """An instance of a dataclass from parsed JSON.

    Raises:
        ValueError: If a field is missing, unknown, not what its annotation says, or refused by the class.
    """
    fields = _fields(cls)
    if unknown := values.keys() - fields:
        raise ValueError(f"{cls.__name__} has no field {brief(min(unknown))}")
    # A field with a default may be younger than the file.
    if missing := [name for name, (_, is_needed, _) in fields.items() if is_needed and name not in values]:
        raise ValueError(f"{cls.__name__} lacks the field {missing[0]!r}")
    arguments = {}
    for name, value in values.items():
        read, _, words = fields[name]
        try:
            arguments[name] = read(value)
        except _Unfit:
            raise ValueError(f"{name}={brief(value)} is not {words}") from None
    return cls(**arguments)


@cache
def _fields(cls: type) -> dict[str, tuple[Read, bool, str]]:
    """By name: how a field is read, whether it must be there, and what it is in words."""
    hints = typing.get_type_hints(cls)
    return {
        field.name: (
            _reader(hints[field.name]),
            field.default is field.default_factory is dataclasses.MISSING,
            _words(hints[field.name]),
        )
        for field in dataclasses.fields(cls)
    }


@cache
def _reader(hint: Any) -> Read:
    """What turns a value of JSON into one of this annotation, or raises ``_Unfit``."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return partial(_object, hint)
    if origin is tuple:
        return partial(_list, _reader(args[0]))
    if origin in (types.UnionType, typing.Union):
        return partial(_optional, _reader(next(arg for arg in args if arg is not type(None))))
    if origin is typing.Literal:
        return partial(_choice, args)
    if origin is dict:
        return _texts_by_name
    return {int: _whole_number, float: _number, str: _text, bool: _truth}[hint]


def _object(cls: type, value: Any) -> Any:
    if type(value) is not dict:
        raise _Unfit
    return build(cls, value)


def _list(read: Read, value: Any) -> tuple:
    if type(value) is not list:
        raise _Unfit
    return tuple(map(read, value))


def _optional(read: Read, value: Any) -> Any:
    return None if value is None else read(value)


def _choice(choices: tuple, value: Any) -> Any:
    if type(value) is not str or value not in choices:
        raise _Unfit
    return value


def _texts_by_name(value: Any) -> dict[str, str]:
    if type(value) is not dict:
        raise _Unfit
    return {_text(name): _text(text) for name, text in value.items()}


def _whole_number(value: Any) -> int:
    if type(value) is not int:
        raise _Unfit
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise _Unfit
    return float(value)


def _text(value: Any) -> str:
    if type(value) is not str or not is_whole(value):
        raise _Unfit
    return value


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise _Unfit
    return value


def _words(hint: Any) -> str:
    """An annotation as a message names it."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return f"{_words(next(arg for arg in args if arg is not type(None)))} or null"
    if origin is typing.Literal:
        return f"one of {', '.join(map(repr, args))}"
    if origin is tuple:
        return f"a list, each item {_words(args[0])}"
    if origin is dict:
        return "an object of texts"
    return {
        int: "a whole number",
        float: "a finite number",
        str: "a text of whole characters",
        bool: "true or false",
    }.get(hint, "an object")


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole(name): _whole(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_whole, value))
    return value
