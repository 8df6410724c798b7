"""The seam between Python and browser: every row is as ``value.py`` says, and no code reads words."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Literal, NotRequired, get_args, get_origin, get_type_hints

import pytest
from support import made_rounds, synthetic
from support.seam import columns_of_words, faults
from support.views import merged

from swift_demo import events
from swift_demo.trace import Trace
from swift_demo.viewer import value
from swift_demo.viewer.export import value_of
from swift_demo.viewer.figures import SPECS
from swift_demo.viewer.view import view_of

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "swift_demo"
TRACES = sorted((ROOT / "assets" / "traces").glob("*.jsonl"))
LANES = get_args(events.Lane)
ROWS = {
    **{f"tokens.{lane}": value.TokenRow for lane in LANES},
    **{f"numbers.{lane}": value.NumbersRow for lane in LANES},
    **{f"status.{lane}": value.StatusRow for lane in LANES},
    **{f"spoken.{plot}": value.SpokenRow for plot in SPECS},
    "verdicts": value.VerdictRow,
    "bands": value.BandRow,
    "trials": value.TrialRow,
    "skip_sets": value.SkipSetRow,
    "phases": value.PhaseRow,
    "drafts": value.DraftRow,
    "thresholds": value.ThresholdRow,
    "rounds": value.RoundRow,
    "calibration": value.CalibrationRow,
    "progress": value.ProgressRow,
    "costs": value.CostRow,
    "inspections": value.InspectionRow,
}


def without_some_columns(row, kind):
    """The rows that lack one of the columns that the type needs."""
    hints = get_type_hints(kind, include_extras=True)
    needed = [name for name in hints if get_origin(hints[name]) is not NotRequired]
    return [{name: item for name, item in row.items() if name != gone} for gone in needed]


@pytest.fixture(scope="module")
def traces():
    return [Trace.load(path) for path in TRACES] + [synthetic.race(hostile=True), made_rounds.sampled_trace()]


@pytest.fixture(scope="module")
def views(traces):
    return [merged(view_of(trace)) for trace in traces]


def test_every_row_has_the_columns_that_its_table_names(views):
    for view in views:
        for table, rows in view["tables"].items():
            assert [line for row in rows for line in faults(row, ROWS[table], table)] == []


def test_every_chunk_has_the_parts_that_are_named(traces):
    for trace in traces:
        first, *others = [json.loads(text) for text in view_of(trace)]
        assert [line for chunk in (first, *others) for line in faults(chunk, value.Chunk)] == []
        assert set(first) == set(value.Chunk.__annotations__)
        assert set(first["figures"]) == set(SPECS)
        assert all(set(chunk) <= {"clocks", "tables"} for chunk in others)


def test_every_table_that_is_named_is_told(views):
    assert {table for view in views for table in view["tables"]} == set(ROWS)


def test_swifts_own_figures_stand_in_its_own_lane(views):
    alone = {
        name
        for name in value.NumbersRow.__annotations__
        if name not in views[0]["tables"]["numbers.vanilla"][0]
    }
    assert alone == {"acceptance_rate", "rescued", "tokens_per_round"}
    assert all(alone <= set(row) for view in views for row in view["tables"]["numbers.swift"])


def test_a_whole_run_is_a_value(traces):
    told = json.loads(json.dumps(value_of(traces[0], "run", link={"run": "first"})))
    assert faults(told, value.Value) == []


def test_a_row_that_differs_is_found(views):
    """The checker itself: every column that is missing, foreign or of another type."""
    tables = views[0]["tables"]
    for table, kind in ROWS.items():
        row = tables[table][0]
        assert all(faults(broken, kind) for broken in without_some_columns(row, kind)), table
        assert faults({**row, "extra": 1}, kind)
        assert faults({**row, "event": str(row["event"])}, kind)
        assert faults(list(row.values()), kind)
    assert faults({**tables["trials"][0], "became_incumbent": 1}, value.TrialRow)
    assert faults({**tables["verdicts"][0], "tone": "quick"}, value.VerdictRow)
    inspection = tables["inspections"][0]
    assert faults({**inspection, "spent": [["draft", 1.0]]}, value.InspectionRow)


# ---- what the sources may do with words ----

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
        for module in (value, events)
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
    """Whether a type is that of a tuple with so many items, or that or another one."""
    if isinstance(kind, ast.BinOp):
        return _is_row(kind.left) or _is_row(kind.right)
    return bool(re.match(r"tuple\[(?!.*\.\.\.\]$)", ast.unparse(kind)))


def _rows_of(tree):
    """Names of the values that are declared, or made, as so many items of their own kinds each."""
    rows = set()
    for node in ast.walk(tree):
        match node:
            case (
                ast.AnnAssign(target=target, annotation=kind)
                | ast.arg(arg=target, annotation=ast.AST() as kind)
            ):
                while isinstance(kind, ast.BinOp):
                    kind = kind.left
                parts = ast.unparse(kind)
                if re.match(r"tuple\[(?!.*\.\.\.\]$)", parts):
                    rows.add(target if isinstance(target, str) else _name(target))
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
