"""Runs small generated Python functions in a narrow, bounded part of the language."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable
from types import FrameType
from typing import Any

from training.tasks.data import table

STEP_LIMIT = 3000
SIZE_LIMIT = 10**7
RANGE_LIMIT = 1000


class TooMuch(Exception):
    """The code ran too long or made something too large."""


def _short_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > RANGE_LIMIT:
        raise TooMuch("range")
    return numbers


def _is_allowed(tree: ast.Module) -> bool:
    allowed = table("code/sandbox.toml")
    kinds = tuple(getattr(ast, name) for name in allowed["nodes"])
    return all(
        isinstance(node, kinds) and (not isinstance(node, ast.Attribute) or node.attr in allowed["methods"])
        for node in ast.walk(tree)
    )


def _allowed_functions() -> dict[str, Any]:
    own = {name: getattr(builtins, name) for name in table("code/sandbox.toml")["functions"]}
    return own | {"range": _short_range}


class _Guard:
    """A trace function that stops code after too many lines or when a local grows too large."""

    def __init__(self) -> None:
        self.steps = 0

    def __call__(self, frame: FrameType, event: str, argument: object) -> _Guard:
        self.steps += 1
        if self.steps > STEP_LIMIT:
            raise TooMuch("steps")
        for value in frame.f_locals.values():
            if isinstance(value, int) and abs(value) > SIZE_LIMIT:
                raise TooMuch("number")
            if isinstance(value, (str, list, dict)) and len(value) > RANGE_LIMIT:
                raise TooMuch("size")
        return self


def results(code: str, calls: Iterable[str]) -> list[str] | None:
    """What each call yields, written out, or None if the code is not allowed or fails.

    Args:
        code: Function definitions.
        calls: Expressions that call them.
    """
    before = sys.gettrace()
    try:
        tree = ast.parse(code)
        if not _is_allowed(tree):
            return None
        namespace: dict[str, Any] = {"__builtins__": _allowed_functions()}
        program = compile(tree, "<generated>", "exec")
        sys.settrace(_Guard())
        exec(program, namespace)
        return [repr(eval(call, namespace)) for call in calls]
    except Exception:
        return None
    finally:
        sys.settrace(before)
