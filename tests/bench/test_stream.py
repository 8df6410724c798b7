"""Figures of the changing stream follow from its runs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from swift_demo.bench import stream
from swift_demo.bench.stream import KEPT, OFF, ON, TASKS, Change, StreamRun, as_table, summary
from swift_demo.bench.stream_picture import stream_figure


def run(way, number, task, num_accepted, **others):
    values = {
        "num_tokens": 20,
        "num_rounds": 5,
        "num_drafted": 10,
        "num_trials": 0,
        "seconds": 1.0,
        "vanilla_s": 2.0,
        "is_identical": True,
        "phases": (),
    }
    return StreamRun(way=way, number=number, task=task, num_accepted=num_accepted, **values | others)


@pytest.fixture
def runs():
    """Six prompts of one task, all accepted; six of another: half at first, then nearly all."""
    story = [run(ON, n, "story", 10) for n in range(1, 7)]
    code = [run(ON, n, "code", 5 if n < 9 else 9) for n in range(7, 13)]
    code[1] = replace(
        code[1], phases=(Change(4, "optimising again", "acceptance fell"),), num_trials=3, seconds=3.0
    )
    return story + code


def test_a_change_is_told_by_what_was_before_at_and_after_it(runs):
    change, whole = summary(runs)
    assert (change["way"], change["change"]) == (ON, "story to code")
    assert (change["before"], change["at"], change["after"]) == (1.0, 0.5, 0.9)
    assert change["speedup_on_new_task"] == 12 / 8
    assert whole["acceptance_rate"] == (60 + 46) / 120
    assert (whole["begun_again_at_prompts"], whole["num_trials"]) == ([8], 3)
    assert whole["is_identical"]
    assert not summary([*runs, run(ON, 13, "code", 1, is_identical=False)])[-1]["is_identical"]
    assert "100%     50%     90%" in as_table([change, whole])


def test_the_plot_has_a_line_for_each_task_and_marks_where_was_searched(runs):
    lines = [trace for trace in stream_figure(runs).data if trace.mode == "lines"]
    assert [list(line.x) for line in lines] == [list(range(1, 7)), list(range(7, 13))]
    assert list(lines[1].y)[:3] == [50, 50, pytest.approx(63.33, abs=0.01)]
    assert [list(trace.x) for trace in stream_figure(runs).data if trace.yaxis == "y2"] == [[8]]


def test_the_stream_is_decoded_all_ways_and_its_raw_results_can_be_drawn_again(
    demo_target, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(stream, "load", lambda _: demo_target)
    path = tmp_path / "stream.json"
    stream.main(["--prompts", "1", "--tokens", "20", "--json", str(path)])
    table = capsys.readouterr().out
    content = json.loads(path.read_text())
    assert [(r["way"], r["task"]) for r in content["runs"]] == [(w, t) for t in TASKS for w in (ON, OFF, KEPT)]
    assert all(r["is_identical"] for r in content["runs"])
    assert content["hardware"] and content["arguments"]["tokens"] == 20
    stream.main(["--redraw", str(path)])
    assert capsys.readouterr().out == table
