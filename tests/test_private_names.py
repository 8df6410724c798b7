"""Private names of other libraries are used by the workarounds alone, and those of a class by itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "swift_demo"
WORKAROUNDS = [PACKAGE / "model" / "workarounds.py", PACKAGE / "ui" / "workarounds.py"]
FILES = [
    path
    for folder in (PACKAGE, ROOT / "training", ROOT / "custom_generate")
    for path in sorted(folder.rglob("*.py"))
    if path not in WORKAROUNDS
]
SCRIPTS = sorted(PACKAGE.rglob("static/*.js"))
BY_NAME = {"getattr", "hasattr", "setattr", "delattr"}
# As an attribute, as an item, or taken out of an object.
PRIVATE_IN_SCRIPT = re.compile(r"(?<![\w$])_[A-Za-z]\w*")


def is_private(name):
    return name.startswith("_") and not name.endswith("__")


def is_own(node):
    """Whether what stands before the dot is the object itself, its class, or what it inherits."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "super"
    return isinstance(node, ast.Name) and node.id in {"self", "cls"}


def defined(tree):
    """Names that a file gives to its functions and to what it keeps in objects."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_own(node.value):
            yield node.attr
        elif isinstance(node, ast.ClassDef):
            yield from (part.target.id for part in node.body if isinstance(part, ast.AnnAssign))
            yield from (
                target.id for part in node.body if isinstance(part, ast.Assign) for target in part.targets
            )


def private_names(tree, ours):
    """Private names that a file uses and that are not its own objects' or are none of ``ours``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            if not is_own(node.value) or node.attr not in ours:
                yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom):
            names = [*node.module.split("."), *(alias.name for alias in node.names)]
            yield from filter(is_private, names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if any(map(is_private, alias.name.split("."))))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BY_NAME:
            name = node.args[1]
            if isinstance(name, ast.Constant) and is_private(name.value):
                yield ast.unparse(node)


def private_words(text):
    return [line.strip() for line in text.splitlines() if PRIVATE_IN_SCRIPT.search(line)]


@pytest.fixture(scope="module")
def trees():
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def test_only_workarounds_use_private_names_of_others(trees):
    ours = {name for tree in trees.values() for name in defined(tree)}
    assert {
        str(path.relative_to(ROOT)): found
        for path, tree in trees.items()
        if (found := list(private_names(tree, ours)))
    } == {}


@pytest.mark.parametrize("path", WORKAROUNDS, ids=lambda path: path.parent.name)
def test_every_file_of_workarounds_has_some(path):
    assert list(private_names(ast.parse(path.read_text(encoding="utf-8")), set()))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_uses_a_private_name(path):
    assert private_words(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "config._attn", "self.model._hooks", "self._theirs", "getattr(module, '_hook', None)", "f()._x = 1",
        "from torch._C import x", "from torch import _x", "import torch._dynamo", "model._from_config(c)",
    ],
)  # fmt: skip
def test_a_breach_is_seen(line):
    assert list(private_names(ast.parse(line), {"_ours"}))


@pytest.mark.parametrize(
    "line", ["self._ours", "cls._ours()", "super()._ours()", "_ours", "a.__class__", "a.b_"]
)
def test_what_is_ones_own_is_no_breach(line):
    assert not list(private_names(ast.parse(line), {"_ours"}))


def test_a_breach_in_a_script_is_seen():
    for line in ("plot._fullLayout", "const { _offset } = axis;", 'axis["_length"]', "axis?._m"):
        assert private_words(line)
    assert not private_words("const a_b = LEAST_ROW + row.num_tokens;")
