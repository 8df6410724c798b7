"""The seam between Python and browser: what is told of a run is as ``value.py`` says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NotRequired, get_args, get_origin, get_type_hints

import pytest
from support import made_rounds, standing_aside, synthetic
from support.seam import faults
from support.views import merged

from swift_demo import events
from swift_demo.trace import Trace
from swift_demo.viewer import value
from swift_demo.viewer.export import value_of
from swift_demo.viewer.figures import SPECS
from swift_demo.viewer.view import view_of

ROOT = Path(__file__).parent.parent
TRACES = sorted((ROOT / "assets" / "traces").glob("*.jsonl"))
LANES = get_args(events.Lane)
ROWS = {
    **{f"tokens.{lane}": value.TokenRow for lane in LANES},
    **{f"numbers.{lane}": value.NumbersRow for lane in LANES},
    **{f"status.{lane}": value.StatusRow for lane in LANES},
    **{f"spoken.{plot}": value.SpokenRow for plot in SPECS},
    "verdicts": value.VerdictRow,
    "drafting": value.DraftingRow,
    "worth": value.WorthRow,
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
    return [Trace.load(path) for path in TRACES] + [
        synthetic.race(hostile=True),
        made_rounds.sampled_trace(),
        standing_aside.run(),
    ]


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
    tables = {table: rows for view in reversed(views) for table, rows in view["tables"].items()}
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
