"""Runs small generated Python functions in a narrow, bounded part of the language."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from types import FrameType
from typing import Any

STEP_LIMIT = 3000
SIZE_LIMIT = 10**7
RANGE_LIMIT = 1000
ALLOWED_NODES = (
    ast.Module, ast.Expr, ast.Constant, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign,
    ast.AugAssign, ast.For, ast.If, ast.Break, ast.Continue, ast.Pass, ast.Name, ast.Load, ast.Store,
    ast.Compare, ast.cmpop, ast.BoolOp, ast.boolop, ast.UnaryOp, ast.unaryop, ast.BinOp, ast.Add, ast.Sub,
    ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Call, ast.Attribute, ast.Subscript, ast.Slice, ast.List,
    ast.Tuple, ast.Dict, ast.Set, ast.IfExp,
)  # fmt: skip
ALLOWED_METHODS = frozenset((
    "append", "items", "keys", "values", "get", "upper", "lower", "isupper", "islower", "startswith",
    "endswith", "join", "add",
))  # fmt: skip


class TooMuch(Exception):
    """The code ran too long or made something too large."""


def _short_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > RANGE_LIMIT:
        raise TooMuch("range")
    return numbers


BUILTINS: dict[str, Any] = {
    "abs": abs, "len": len, "max": max, "min": min, "sum": sum, "sorted": sorted, "set": set, "list": list,
    "str": str, "int": int, "enumerate": enumerate, "zip": zip, "range": _short_range,
}  # fmt: skip


def _is_allowed(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        if not isinstance(node, ALLOWED_NODES):
            return False
        if isinstance(node, ast.Attribute) and node.attr not in ALLOWED_METHODS:
            return False
    return True


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
    """Return what each call yields, written out, or None if the code is not allowed or fails.

    Args:
        code: Function definitions.
        calls: Expressions that call them.
    """
    before = sys.gettrace()
    try:
        tree = ast.parse(code)
        if not _is_allowed(tree):
            return None
        namespace: dict[str, Any] = {"__builtins__": BUILTINS}
        program = compile(tree, "<generated>", "exec")
        sys.settrace(_Guard())
        exec(program, namespace)
        return [repr(eval(call, namespace)) for call in calls]
    except Exception:
        return None
    finally:
        sys.settrace(before)
