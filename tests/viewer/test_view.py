"""Chunks are append-only: however often the view is flushed, their sum is the same."""

from __future__ import annotations

import pytest
from support import synthetic
from support.views import merged, tables_in

from swift_demo.viewer.figures import SPECS
from swift_demo.viewer.view import View, view_of


def chunked(trace, every):
    view, chunks = View(trace.header), []
    for number, entry in enumerate(trace.entries()):
        view.add(entry)
        if number % every == 0:
            chunks.append(view.flush())
    chunks.append(view.flush())
    return [chunk for chunk in chunks if chunk]


@pytest.mark.parametrize("every", [1, 7, 50])
def test_chunks_concatenate_to_one_flush(race, every):
    view = View(race.header)
    synthetic.add_all(view, race)
    assert merged(chunked(race, every)) == merged([view.flush()])


def test_nothing_new_gives_no_chunk(race):
    view = View(race.header)
    assert view.flush() is None
    view.add(next(race.entries()))
    assert view.flush() is not None
    assert view.flush() is None


def test_event_indices_never_decrease_and_name_events_of_the_run(race):
    whole = merged(view_of(race))
    assert len(whole["clocks"]) == len(race)
    for rows in whole["tables"].values():
        indices = [row["event"] for row in rows]
        assert indices == sorted(indices)
        assert indices[-1] < len(race)


def test_a_prefix_of_the_rows_is_the_view_of_a_prefix_of_the_run(race):
    moment = len(race) // 2
    view = View(race.header)
    for entry in list(race.entries())[:moment]:
        view.add(entry)
    early, whole = tables_in([view.flush()]), tables_in(view_of(race))
    for table, rows in whole.items():
        assert [row for row in rows if row["event"] < moment] == early[table], table


def test_hostile_text_arrives_as_typed():
    tables = tables_in(view_of(synthetic.race(hostile=True)))
    for lane in ("vanilla", "swift"):
        texts = {row["text"].strip() for row in tables[f"tokens.{lane}"]}
        assert {text.strip() for text in synthetic.HOSTILE} <= texts


def test_a_recorded_run_says_where_and_when(race):
    run = merged(view_of(race))["run"]
    assert run["label"] == "swift-demo-24L · 8-core laptop · 2026-03-14"


def test_every_plot_is_told_in_words_too(race):
    tables = tables_in(view_of(race))
    assert all(tables[f"spoken.{name}"] for name in SPECS)
