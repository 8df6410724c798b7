"""Chunks are append-only: however often the view is flushed, their sum is the same."""

from __future__ import annotations

import json

import pytest
from support import synthetic

from swift_demo.viewer.view import View, view_of


def merged(chunks):
    whole = {"tokens": {}, "points": {}, "numbers": [], "status": [], "rounds": []}
    for number, text in enumerate(chunks):
        chunk = json.loads(text)
        for key in ("run", "figures"):
            assert (key in chunk) == (number == 0)
            whole.setdefault(key, chunk.get(key))
        for part in ("tokens", "points"):
            for name, rows in chunk.get(part, {}).items():
                whole[part].setdefault(name, []).extend(rows)
        for part in ("numbers", "status", "rounds"):
            whole[part].extend(chunk.get(part, []))
    return whole


def chunked(trace, every):
    view, chunks = View(trace.header), []
    for number, (event, pieces) in enumerate(zip(trace.events, trace.texts, strict=True)):
        view.add(event, pieces)
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
    view.add(race.events[0], race.texts[0])
    assert view.flush() is not None
    assert view.flush() is None


def test_event_indices_never_decrease_and_name_events_of_the_run(race):
    whole = merged(view_of(race))
    lists = [
        *whole["tokens"].values(),
        *whole["points"].values(),
        whole["numbers"],
        whole["status"],
        whole["rounds"],
    ]
    for rows in lists:
        indices = [row[0] for row in rows]
        assert indices == sorted(indices)
        assert indices[-1] < len(race)


def test_a_prefix_of_the_rows_is_the_view_of_a_prefix_of_the_run(race):
    moment = len(race) // 2
    view = View(race.header)
    for event, pieces in zip(race.events[:moment], race.texts[:moment], strict=True):
        view.add(event, pieces)
    early, whole = merged([view.flush()]), merged(view_of(race))
    for part in ("tokens", "points"):
        for name, rows in whole[part].items():
            assert [row for row in rows if row[0] < moment] == early[part].get(name, [])
    for part in ("numbers", "rounds"):
        assert [row for row in whole[part] if row[0] < moment] == early[part]


def test_hostile_text_arrives_as_typed():
    trace = synthetic.race(hostile=True)
    whole = merged(view_of(trace))
    for lane in ("vanilla", "swift"):
        texts = {row[1].strip() for row in whole["tokens"][lane]}
        assert {text.strip() for text in synthetic.HOSTILE} <= texts


def test_a_recorded_run_says_where_and_when(race):
    run = merged(view_of(race))["run"]
    assert run["is_recorded"] is True
    assert run["label"] == "swift-demo-24L · 8-core laptop · 2026-03-14"
