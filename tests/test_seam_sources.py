"""What Python's sources may do at the seam: none reads words, and none reads an item by its place in a row."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest
from support.seam import columns_of_words

from swift_demo import config, events
from swift_demo.viewer import value

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "swift_demo"
# What Python may take apart: colours, prompts, names of types, settings and files; never what a row says.
TAKEN_APART = {
    ("filling.py", "startswith"),
    ("export.py", "startswith"),
    ("fields.py", "partition"),
    ("knobs.py", "partition"),
    ("handlers.py", "removeprefix"),
    ("page_files.py", "endswith"),
}
PARTING = {
    "partition",
    "rpartition",
    "split",
    "rsplit",
    "startswith",
    "endswith",
    "removeprefix",
    "removesuffix",
}
# Words compared that are no codes of a run: bits, kinds and columns of files, keys of figures, plotly's axes.
OWN_WORDS = {"0", "bind", "html", "speedup", "from", "last_of", "grid", "share", "y3", "y5"}
OWN_WORDS |= {"__main__", "SPACE_ID"}
SOURCES = [path for room in ("viewer", "ui") for path in sorted((PACKAGE / room).rglob("*.py"))]


def codes():
    """All words that code may compare: those of the seam and of the events."""
    return {
        code
        for module in (value, events, config)
        for kind in vars(module).values()
        if get_origin(kind) is Literal
        for code in get_args(kind)
    }


def walked():
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield path, node


def strings(node):
    return {
        part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


def test_no_text_is_taken_apart():
    found = {
        (path.name, node.func.attr)
        for path, node in walked()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PARTING
    }
    assert found == TAKEN_APART


def test_code_compares_codes_and_never_words():
    compared = {
        word
        for _, node in walked()
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Constant | ast.Tuple | ast.Set | ast.List)
        for word in strings(side)
    }
    assert compared - codes() == OWN_WORDS


def test_words_for_people_are_compared_with_nothing():
    compared = [
        f"{path.name}: {ast.unparse(node)}"
        for path, node in walked()
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Subscript) and strings(side.slice) & columns_of_words()
    ]
    assert compared == []


# ---- no item is read by its place in a row ----

ROOMS = ("viewer", "ui", "bench")
# Lists whose first or last item may be read, beside all that are named in the plural.
LISTS = {"chain", "new", "old", "own", "said", "timed", "argv", "left", "path", "accepted", "num_judged"}
LISTS |= {"num_accepted", "_held", "measured"}
ENDS = (0, -1)


def read_by_place(text):
    """The subscripts that read an item by its place in a row, where a column or a name would say what it is.

    The first and the last item of a list are no such thing.
    """
    tree = ast.parse(text)
    rows = _rows_of(tree)
    found = []
    for node in ast.walk(tree):
        place = _place(node)
        if place is None or _name(node.value) in ("shape", "parents"):
            continue
        is_list = _name(node.value) in LISTS or _name(node.value).lower().endswith("s")
        if place not in ENDS or not is_list or _name(node.value) in rows or _place(node.value) is not None:
            found.append(ast.unparse(node))
    return found


def _place(node):
    """The number that a subscript names, None for any other code."""
    if not isinstance(node, ast.Subscript):
        return None
    try:
        place = ast.literal_eval(node.slice)
    except ValueError:
        return None
    return place if isinstance(place, int) else None


def _name(node):
    """What a value is called: by itself, by its owner, in the mapping that holds it, or by its method."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value, slice=ast.Constant(value=name)) if isinstance(name, str):
            return name
        case ast.Subscript(value=value):
            return _name(value)
        case ast.Call(func=ast.Attribute(attr=name)) if name in ("split", "splitlines"):
            return "lines"
        case _:
            return ""


def _is_row(kind):
    """Whether a type is that of a tuple of so many items, if with others to choose from."""
    if isinstance(kind, ast.BinOp):
        return _is_row(kind.left) or _is_row(kind.right)
    return bool(re.match(r"tuple\[(?!.*\.\.\.\]$)", ast.unparse(kind)))


def _rows_of(tree):
    """Names of the values that are declared, or made, as so many items of their own kinds each."""
    rows = set()
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(target=target, annotation=kind) if _is_row(kind):
                rows.add(_name(target))
            case ast.arg(arg=name, annotation=ast.AST() as kind) if _is_row(kind):
                rows.add(name)
            case ast.Assign(targets=[target], value=ast.Tuple()) if not _name(target).isupper():
                rows.add(_name(target))  # a constant is a list that does not change
    return rows - {""}


@pytest.mark.parametrize(
    "text",
    [
        "row[3]",
        "row[0]",
        "rows[-1][2]",
        "self.known[1]",
        "next(rows)[0]",
        "chunks[1:][0][1]",
        "lanes: tuple[int, float] | None = None\nlanes[0]",
        "def f(costs: tuple[int, str]): return costs[-1]",
        "costs = a, b\ncosts[0]",
    ],
)
def test_an_item_that_is_read_by_its_place_is_found(text):
    assert read_by_place(text)


@pytest.mark.parametrize(
    "text",
    [
        "rows[0]",
        "self.runs[-1]['event']",
        "row['event']",
        "rows[i]",
        "ids.shape[1]",
        "text.splitlines()[0]",
        "measured[task][0]",
        "ids: tuple[int, ...] = ()\nids[0]",
        "rows[1:]",
    ],
)
def test_the_ends_of_a_list_may_be_read(text):
    assert read_by_place(text) == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_item_is_read_by_its_place(room):
    found = {
        path.name: places
        for path in sorted((PACKAGE / room).rglob("*.py"))
        if (places := read_by_place(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "folder", ["tests/viewer", "tests/support", "tests/ui", "tests/bench", "tests/browser"]
)
def test_no_test_reads_a_row_by_place(folder):
    by_position = re.compile(r"\brow\[-?\d|\brows?\[-?\d+\]\[-?\d")
    lines = [
        f"{path.name}: {line.strip()}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if by_position.search(line)
    ]
    assert lines == []
