"""Running values: rows whose newest, at any moment, are the sums of the run until then."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import synthetic

from swift_demo import SwiftConfig, SwiftDecoder, VanillaDecoder
from swift_demo.events import GenerationFinished, RoundVerified
from swift_demo.metrics import lane_metrics
from swift_demo.trace import Trace
from swift_demo.viewer import figures
from swift_demo.viewer.points import SERIES, points_of
from swift_demo.viewer.running import judged
from swift_demo.viewer.spans import Span
from swift_demo.viewer.spoken import SpokenPlots
from swift_demo.viewer.view import view_of


def spans(*tokens):
    """Spans of one round: a state and the draft's confidence each."""
    return [Span("", state, 1, confidence, 0.5) for state, confidence in tokens]


def newest(points, series, **values):
    """The last row of a series with these values, by column."""
    rows = [dict(zip(SERIES[series], row, strict=True)) for row in points[series]]
    return [row for row in rows if values.items() <= row.items()][-1]


def trace_named(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def test_only_what_the_target_judged_counts_for_calibration():
    chain = spans(("accepted", 0.9), ("rejected", 0.6), ("rejected", 0.95), ("corrected", None))
    assert judged(chain) == [(0.9, True), (0.6, False)]


def test_a_sibling_is_not_the_drafts_own_choice():
    tree = spans(("rejected", 0.4), ("rejected", 0.9), ("accepted", 0.4), ("accepted", 0.8), ("bonus", None))
    assert judged(tree) == [(0.4, False), (0.8, True)]


def test_calibration_counts_each_judged_token_in_its_tenth():
    trace = synthetic.race()
    rows = {row[1]: row for row in points_of(trace)["calibration"]}
    rounds = [event for event in trace.events if isinstance(event, RoundVerified)]
    accepted = sum(len(event.accepted) for event in rounds)
    rejected = sum(event.next_token_kind == "corrected" for event in rounds)
    assert sum(row[3] for row in rows.values()) == accepted
    assert sum(row[2] for row in rows.values()) == accepted + rejected
    figure = figures.calibration(trace)
    assert sorted(figure.data[0].x) == sorted(rows)
    assert all(0 <= share <= 1 for share in figure.data[0].y)


def test_rounds_end_with_the_metrics_mean():
    trace = synthetic.race()
    points, metrics = points_of(trace), lane_metrics(trace.events, "swift")
    assert len(points["rounds"]) == metrics.num_rounds
    assert newest(points, "rounds")["mean_tokens_per_round"] == pytest.approx(
        metrics.mean_tokens_per_round, abs=1e-4
    )
    figure = figures.tokens_per_round(trace)
    assert sum(trace_named(figure, "accepted").y) == metrics.num_accepted
    assert sum(trace_named(figure, "rescued").customdata) == metrics.num_rescued


def test_rescued_tokens_lie_on_top_of_the_accepted_ones_of_their_round():
    trace = Trace.load(Path(__file__).parents[2] / "assets" / "traces" / "story-greedy.jsonl")
    figure = figures.tokens_per_round(trace)
    accepted, rescued = trace_named(figure, "accepted"), trace_named(figure, "rescued")
    drafted = trace_named(figure, "drafted")
    assert all(low <= most for low, most in zip(accepted.y, drafted.y, strict=True))
    assert [high - low for low, high in zip(accepted.y, rescued.y, strict=True)] == list(rescued.customdata)
    assert set(rescued.customdata) == {0, 1}


def test_time_per_token_is_the_clocks_own_account(tiny_target):
    lanes = [VanillaDecoder(tiny_target), SwiftDecoder(tiny_target, SwiftConfig(confidence_threshold=0.0))]
    events = [event for lane in lanes for event in lane.stream("a tiny text", max_new_tokens=48)]
    trace = Trace(synthetic.header(), events, [()] * len(events))
    points = points_of(trace)
    assert points["trials"]
    for event in trace.events:
        if isinstance(event, GenerationFinished):
            row = newest(points, "costs", lane=event.lane)
            for part in ("draft", "verify", "search"):
                expected = 1000 * getattr(event, f"{part}_s") / event.num_tokens
                assert row[f"{part}_ms"] == pytest.approx(expected, abs=0.05), (event.lane, part)
    bars = [bar for bar in figures.time_per_token(trace).data if bar.type == "bar"]
    assert len(bars) == 3 and all(sorted(bar.y) == ["swift", "vanilla"] for bar in bars)


def test_the_race_goes_from_nothing_to_all_tokens_of_both_lanes():
    trace = synthetic.race()
    figure = figures.race(trace)
    for lane, name in (("vanilla", "vanilla"), ("swift", "SWIFT")):
        drawn, metrics = trace_named(figure, name), lane_metrics(trace.events, lane)
        assert (drawn.x[0], drawn.y[0]) == (0, 0)
        assert (drawn.x[-1], drawn.y[-1]) == (pytest.approx(metrics.seconds, abs=1e-4), metrics.num_tokens)
    assert figure.layout.xaxis.range[1] > max(trace.events[-1].clock_s, trace.events[-2].clock_s)


def test_every_plot_is_told_in_words_at_the_end():
    trace = synthetic.race()
    told = {}
    points = {index: [] for index in range(len(trace))}
    for series, rows in points_of(trace).items():
        for row in rows:
            points[row[0]].append((series, row))
    alternatives = SpokenPlots()
    for index, event in enumerate(trace.events):
        told |= alternatives.add(event, points[index])
    assert set(told) == {f"alt.{name}" for name in figures.SPECS}
    metrics = lane_metrics(trace.events, "swift")
    assert f"{metrics.mean_tokens_per_round:.2f} tokens per round" in told["alt.rounds"]
    assert f"SWIFT {metrics.num_tokens} tokens" in told["alt.race"]
    assert "searching" in told["alt.time"] and "Phase: optimising" in told["alt.matchness"]


def test_words_are_part_of_the_view():
    text = "".join(view_of(synthetic.race()))
    assert all(f'"alt.{name}"' in text for name in figures.SPECS)
