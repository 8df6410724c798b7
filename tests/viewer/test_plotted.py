"""Running values: rows whose newest, at any moment, are the sums of the run until then."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from support import synthetic
from support.views import folded

from swift_demo import SwiftConfig, SwiftDecoder, VanillaDecoder
from swift_demo.events import GenerationFinished, RoundVerified, TokensDrafted
from swift_demo.metrics import lane_metrics
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Trace
from swift_demo.viewer import figures
from swift_demo.viewer.fold import tables_of
from swift_demo.viewer.fold.spans import judged
from swift_demo.viewer.fold.spoken import SpokenFold


def drafted(confidences, parents):
    """A draft of one round."""
    ids = tuple(range(len(parents)))
    return TokensDrafted(
        "swift", 1, 0.1, ids, parents, confidences, (1.0,) * len(ids), 0.5, "draft limit", SkipSet()
    )


def verified(num_drafted, accepted, kind):
    """Its verification, with one token of the target's own."""
    ids = (*accepted, 9)
    return RoundVerified("swift", 1, 0.2, num_drafted, accepted, (0.5,) * num_drafted, 9, kind, 0.5, ids)


def newest(rows, **values):
    """The last row with these values."""
    return [row for row in rows if values.items() <= row.items()][-1]


def trace_named(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def test_only_what_the_target_judged_counts_for_calibration():
    chain = drafted((0.9, 0.6, 0.95), (-1, 0, 1))
    assert judged(chain, verified(3, (0,), "corrected")) == [(0.9, True), (0.6, False)]
    assert judged(chain, verified(3, (0, 1, 2), "bonus")) == [(0.9, True), (0.6, True), (0.95, True)]


def test_a_sibling_is_not_the_drafts_own_choice():
    # 0 ── 1         accepted: 2, which stood beside 0, and what hung under it
    # 2 ── 3
    tree = drafted((0.4, 0.9, 0.3, 0.8), (-1, 0, -1, 2))
    assert judged(tree, verified(2, (2, 3), "bonus")) == [(0.4, False), (0.8, True)]


def test_what_was_drafted_behind_the_end_of_the_text_is_not_judged():
    chain = drafted((0.9, 0.6), (-1, 0))
    end = {"next_token_id": None, "next_token_kind": None, "next_token_prob": None, "token_ids": (0,)}
    ended = dataclasses.replace(verified(2, (0, 1), "bonus"), **end)
    assert judged(chain, ended) == [(0.9, True)]


def test_calibration_counts_each_judged_token_in_its_tenth():
    trace = synthetic.race()
    rows = {row["confidence"]: row for row in tables_of(trace)["calibration"]}
    rounds = [event for event in trace.events if isinstance(event, RoundVerified)]
    accepted = sum(len(event.accepted) for event in rounds)
    rejected = sum(event.next_token_kind == "corrected" for event in rounds)
    assert sum(row["num_accepted"] for row in rows.values()) == accepted
    assert sum(row["num_judged"] for row in rows.values()) == accepted + rejected
    figure = figures.calibration(trace)
    assert sorted(figure.data[0].x) == sorted(c for c, row in rows.items() if row["num_judged"] >= 10)
    assert sorted(figure.data[1].x) == sorted(rows)  # every tenth tells its number
    assert all(0 <= share <= 1 for share in figure.data[0].y)


def test_rounds_end_with_the_metrics_mean():
    trace = synthetic.race()
    tables, metrics = tables_of(trace), lane_metrics(trace.events, "swift")
    assert len(tables["rounds"]) == metrics.num_rounds
    assert newest(tables["rounds"])["mean_tokens_per_round"] == pytest.approx(
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
    tables = tables_of(trace)
    assert tables["trials"]
    for event in trace.events:
        if isinstance(event, GenerationFinished):
            row = newest(tables["costs"], lane=event.lane)
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
    told = {table: rows[-1]["text"] for table, rows in folded(SpokenFold(), *trace.entries()).items()}
    assert set(told) == {f"spoken.{name}" for name in figures.SPECS}
    metrics = lane_metrics(trace.events, "swift")
    assert f"{metrics.mean_tokens_per_round:.2f} tokens per round" in told["spoken.rounds"]
    assert f"SWIFT {metrics.num_tokens} tokens" in told["spoken.race"]
    assert "searching" in told["spoken.time"] and "Phase: optimising" in told["spoken.matchness"]
