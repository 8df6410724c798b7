"""The seam between Python and browser: every row is as ``value.py`` says, and no code reads words."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from types import UnionType
from typing import Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest
from support import made_rounds, synthetic
from support.views import merged

from swift_demo import events
from swift_demo.trace import Trace
from swift_demo.viewer import value
from swift_demo.viewer.export import value_of
from swift_demo.viewer.figures import SPECS
from swift_demo.viewer.view import view_of

ROOT = Path(__file__).parent.parent
VIEWER = ROOT / "swift_demo" / "viewer"
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


def faults(given, kind, at="value"):
    """Where JSON differs from a type: a line for each place, none if it conforms."""
    origin, of = get_origin(kind), get_args(kind)
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
    needed = {name for name, hint in hints.items() if get_origin(hint) is not NotRequired}
    found = [f"{at}: no column {name}" for name in sorted(needed - set(given))]
    for name, item in given.items():
        hint = hints.get(name)
        of = get_args(hint)[0] if get_origin(hint) is NotRequired else hint
        found += [f"{at}: column {name} is not named"] if hint is None else faults(item, of, f"{at}.{name}")
    return found


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
        assert faults(view["run"], value.Run) == []


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

# What Python may take apart: colours and prompts, never what a row says.
TAKEN_APART = {("filling.py", "startswith"), ("export.py", "startswith")}
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
OWN_WORDS = {"1", "bind", "html", "speedup", "from", "last_of", "grid", "share", "y3", "y5", "__main__"}
SOURCES = sorted(VIEWER.rglob("*.py"))


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


@pytest.mark.parametrize("folder", ["swift_demo/viewer", "tests/viewer", "tests/support", "tests/ui"])
def test_no_row_is_read_by_position(folder):
    by_position = re.compile(r"\brow\[-?\d|\brows?\[-?\d+\]\[-?\d")
    lines = [
        f"{path.name}: {line.strip()}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if by_position.search(line)
    ]
    assert lines == []
