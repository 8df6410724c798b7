"""Whether what crosses the seam between Python and browser is as ``value.py`` says, and what is for people."""

from __future__ import annotations

from types import UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from swift_demo.viewer import value

# Columns that name something: code may compare them.
NAMES = {"id", "opened", "name", "task", "kind", "model", "attention", "mlp"}


def columns_of_words():
    """All columns that hold text for people: what is a plain text and names nothing."""
    kinds = [kind for kind in vars(value).values() if is_typeddict(kind)]
    return {name for kind in kinds for name, hint in get_type_hints(kind).items() if hint is str} - NAMES


def faults(given, kind, at="value"):
    """Where JSON differs from a type: a line for each place, none if it conforms."""
    origin, of = get_origin(kind), get_args(kind)
    if kind is Any:
        return []
    if is_typeddict(kind):
        return _faults_of_columns(given, kind, at)
    if origin in (Union, UnionType):
        return [] if any(not faults(given, one) for one in of) else [f"{at}: {given!r} is no {kind}"]
    if origin is Literal:
        return [] if given in of else [f"{at}: {given!r} is none of {of}"]
    if origin is list and isinstance(given, list):
        return [line for i, item in enumerate(given) for line in faults(item, of[0], f"{at}[{i}]")]
    if origin is dict and isinstance(given, dict):
        return [line for key, item in given.items() for line in faults(item, of[1], f"{at}.{key}")]
    expected = {float: (int, float), type(None): type(None)}.get(kind, origin or kind)
    is_right = isinstance(given, expected) and (kind is bool or not isinstance(given, bool))
    return [] if is_right else [f"{at}: {given!r} is no {kind}"]


def _faults_of_columns(given, kind, at):
    if not isinstance(given, dict):
        return [f"{at}: {given!r} has no columns"]
    hints = get_type_hints(kind, include_extras=True)
    needed = {name for name, hint in hints.items() if kind.__total__ and get_origin(hint) is not NotRequired}
    found = [f"{at}: no column {name}" for name in sorted(needed - set(given))]
    for name, item in given.items():
        hint = hints.get(name)
        of = get_args(hint)[0] if get_origin(hint) is NotRequired else hint
        found += [f"{at}: column {name} is not named"] if hint is None else faults(item, of, f"{at}.{name}")
    return found
