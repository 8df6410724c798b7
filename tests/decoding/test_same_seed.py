"""A sampled run, and a greedy one that weighs no costs, is the same however busy the machine is."""

from __future__ import annotations

import itertools
import random
import time

import pytest
from support.doubles import NO_SEARCH, eager_config, eager_search, swift_config, timeless

from swift_demo.config import SamplingConfig, SearchConfig, SwiftConfig
from swift_demo.decoding.ledger import CREDIT
from swift_demo.decoding.race import Race
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import SkipSetTried
from swift_demo.search.costs import PassCosts
from swift_demo.skip_set import SkipSet

PROMPTS = ("The café", "Anna draws")
SEARCH = {"min_context": 4, "context_window": 8, "max_time_share": 0.3}
CONFIGS = [
    eager_config(skip_ratio=0.4, confidence_threshold=0.2, search=eager_search(**SEARCH)),
    eager_config(
        skip_ratio=0.4, confidence_threshold=0.2, threshold_rule="adaptive", search=eager_search(**SEARCH)
    ),
    eager_config(confidence_threshold=0.2, search=eager_search(**SEARCH, objective="speed")),
    SwiftConfig(skip_ratio=0.2, search=SearchConfig(**SEARCH, max_loss_share=0.3)),
    SwiftConfig(skip_ratio=0.1, search=NO_SEARCH),
]


def erratic(seed):
    """A clock of a machine that is busy now and then, rising all the same."""
    rng = random.Random(seed)
    times = itertools.accumulate(rng.choice([1e-7, 1e-3, 5.0, 1e4]) for _ in itertools.count())
    return lambda: next(times)


def runs(target, config, sampling, clock, monkeypatch):
    """Events of two prompts one after the other, without their seconds, and how many sets were tried."""
    monkeypatch.setattr(time, "perf_counter", clock)
    decoder = SwiftDecoder(target, config)
    events = [
        event
        for prompt in PROMPTS
        for event in timeless(decoder.stream(prompt, max_new_tokens=40, sampling=sampling))
    ]
    monkeypatch.undo()
    return events, sum(isinstance(event, SkipSetTried) for event in events)


@pytest.mark.parametrize(
    ("config", "sampling"),
    [
        (CONFIGS[0], SamplingConfig(1.0, seed=5)),
        (CONFIGS[1], SamplingConfig(0.7, top_p=0.9, top_k=50, seed=1)),
        (CONFIGS[2], SamplingConfig(1.0, seed=2)),
        (CONFIGS[3], SamplingConfig(0.7, seed=3)),
        (CONFIGS[4], SamplingConfig(0.7, seed=4)),
    ],
    ids=["fixed", "adaptive", "speed", "as far as it pays", "as far as it pays, without a search"],
)
def test_a_sampled_run_does_not_look_at_the_clock(tiny_target, config, sampling, monkeypatch):
    usual, num_trials = runs(tiny_target, config, sampling, time.perf_counter, monkeypatch)
    assert num_trials > 2 or not config.search.is_enabled
    for clock in (erratic(1), lambda: 0.0):
        assert runs(tiny_target, config, sampling, clock, monkeypatch)[0] == usual


def test_a_greedy_run_tries_the_same_sets_at_the_same_rounds(tiny_target, monkeypatch):
    usual, _ = runs(tiny_target, CONFIGS[0], SamplingConfig(), time.perf_counter, monkeypatch)
    assert runs(tiny_target, CONFIGS[0], SamplingConfig(), erratic(3), monkeypatch)[0] == usual


def test_another_seed_gives_another_text(tiny_target):
    decoder = SwiftDecoder(tiny_target, swift_config())
    first, again, other = (
        decoder.generate("Anna", max_new_tokens=20, sampling=SamplingConfig(1.0, seed=seed)).token_ids
        for seed in (0, 0, 2**64 - 1)
    )
    assert first == again != other


def test_each_lane_of_a_race_is_the_same_whoever_moves_first(tiny_target, monkeypatch):
    lanes = []
    for seed in (1, 2):
        monkeypatch.setattr(time, "perf_counter", erratic(seed))
        race = Race(VanillaDecoder(tiny_target), SwiftDecoder(tiny_target, CONFIGS[0]))
        events = timeless(race.stream(PROMPTS[0], max_new_tokens=25, sampling=SamplingConfig(1.0, seed=9)))
        monkeypatch.undo()
        lanes.append([[event for event in events if event.lane == lane] for lane in ("vanilla", "swift")])
    assert lanes[0] == lanes[1]


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3])
def test_the_search_keeps_to_its_share_of_what_is_computed(tiny_target, share):
    search = eager_search(max_time_share=share, min_context=4, max_score=1.0, hidden_states_interval=0)
    decoder = SwiftDecoder(tiny_target, eager_config(skip_ratio=0.4, search=search))
    events = list(decoder.stream("Anna", max_new_tokens=150, sampling=SamplingConfig(1.0)))
    tried = [event for event in events if isinstance(event, SkipSetTried)]
    costs = PassCosts(tiny_target, is_measured=False)
    searched = sum(costs.of_pass(e.num_positions, e.skip_set) for e in tried)
    least = 150 / 5  # a round gives few tokens here
    if share == 0:
        assert searched <= CREDIT + 1.5  # what may be lost, and the trial that was begun within it
    else:
        assert share * least < searched < 3 * share * 150


def test_counted_costs_read_no_clock(tiny_target, demo_target, monkeypatch):
    monkeypatch.setattr(time, "perf_counter", lambda: pytest.fail("looked at the clock"))
    for target in (tiny_target, demo_target):
        found, again = (PassCosts(target, is_measured=False) for _ in range(2))
        assert found.numbers() == again.numbers()
        inner = tuple(range(1, target.num_layers - 1))
        assert 0 < found.of_draft(SkipSet(inner, inner)) < 0.5
        assert found.of_draft(SkipSet()) == 1 < found.of_verification(2)
