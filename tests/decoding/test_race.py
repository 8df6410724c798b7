"""The race: the lane whose clock is behind moves next, and nobody pays for anybody else's time."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from support.doubles import ScriptedTarget, eager_search, ids_of, swift_config

from swift_demo.decoding import clock as clock_module
from swift_demo.decoding.race import Race
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import GenerationFinished
from swift_demo.model.prompts import PromptError

PROMPT = (2, 3)
TEXT = (*PROMPT, *([10, 11, 12, 13, 14, 15, 16, 17, 18, 19] * 4))


class Timer:
    """A time that passes only when told to."""

    def __init__(self):
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def timer(monkeypatch):
    timer = Timer()
    monkeypatch.setattr(clock_module, "time", SimpleNamespace(perf_counter=timer.perf_counter))
    return timer


class SlowTarget(ScriptedTarget):
    """Each forward takes a second for the whole target, and ``draft_s`` for a draft."""

    def __init__(self, timer, *args, draft_s=0.25, **others):
        super().__init__(*args, **others)
        self._timer, self._draft_s = timer, draft_s

    def forward(self, token_ids, cache, slot, skip_set, *args, **others):
        self._timer.now += self._draft_s if len(skip_set) else 1.0
        return super().forward(token_ids, cache, slot, skip_set, *args, **others)


def race_on(target, **settings):
    config = swift_config(**({"max_draft_tokens": 4, "confidence_threshold": 0.5} | settings))
    return Race(VanillaDecoder(target), SwiftDecoder(target, config))


def assert_the_lane_behind_moved(events):
    """Replay the turns: every event came from the lane whose clock was not ahead, while both ran."""
    clocks = {"vanilla": 0.0, "swift": 0.0}
    finished = set()
    for number, event in enumerate(events):
        other = "swift" if event.lane == "vanilla" else "vanilla"
        if other not in finished:
            assert clocks[event.lane] <= clocks[other], f"event {number}: {event}"
        assert event.clock_s >= clocks[event.lane]
        clocks[event.lane] = event.clock_s
        if isinstance(event, GenerationFinished):
            finished.add(event.lane)
    assert finished == {"vanilla", "swift"}


@pytest.mark.parametrize("draft_s", [0.05, 0.25, 1.0, 3.0])
@pytest.mark.parametrize("drafts", [{}, {4: (30, 0.9), 5: (30, 0.9), 12: (30, 0.3), 20: (30, 0.9)}])
def test_the_lane_whose_clock_is_behind_moves_next(timer, draft_s, drafts):
    target = SlowTarget(timer, TEXT, drafts, draft_s=draft_s)
    events = list(race_on(target).stream(PROMPT, max_new_tokens=30))
    assert_the_lane_behind_moved(events)
    assert ids_of(events, "vanilla") == ids_of(events, "swift") == TEXT[2:32]


def test_real_lanes_take_turns_by_their_clocks_and_agree(tiny_target):
    search = eager_search(max_time_share=1.0, min_context=4, context_window=8)
    events = list(race_on(tiny_target, search=search, skip_ratio=0.3).stream("Anna draws", max_new_tokens=40))
    assert_the_lane_behind_moved(events)
    assert ids_of(events, "vanilla") == ids_of(events, "swift")
    assert len(ids_of(events, "vanilla")) == 40


def test_the_demo_model_races_to_the_same_text(demo_target):
    events = list(race_on(demo_target).stream("Anna has", max_new_tokens=30))
    assert_the_lane_behind_moved(events)
    assert ids_of(events, "vanilla") == ids_of(events, "swift")


def test_a_finished_lane_leaves_the_rest_to_the_other(timer):
    target = SlowTarget(timer, TEXT, draft_s=0.01)
    events = list(race_on(target, max_draft_tokens=20).stream(PROMPT, max_new_tokens=30))
    last_of_swift = max(i for i, e in enumerate(events) if e.lane == "swift")
    assert isinstance(events[last_of_swift], GenerationFinished)
    assert len(events) - last_of_swift > 20
    assert {e.lane for e in events[last_of_swift + 1 :]} == {"vanilla"}


def clocks_of(events):
    return [(type(e).__name__, e.lane, e.round, round(e.clock_s, 9)) for e in events]


def test_clocks_count_the_lanes_own_compute_exactly(timer):
    target = SlowTarget(timer, TEXT, draft_s=0.25)
    events = list(race_on(target).stream(PROMPT, max_new_tokens=10))
    finish = {e.lane: e for e in events if isinstance(e, GenerationFinished)}
    vanilla, swift = finish["vanilla"], finish["swift"]
    assert (vanilla.prompt_s, vanilla.verify_s, vanilla.clock_s) == (1.0, 10.0, 11.0)
    assert (vanilla.draft_s, vanilla.search_s) == (0.0, 0.0)
    assert (swift.prompt_s, swift.draft_s, swift.verify_s, swift.clock_s) == (1.0, 2.0, 2.0, 5.0)


def test_trials_are_on_the_clock_as_search(timer):
    target = SlowTarget(timer, TEXT, {i: (30, 0.9) for i in range(2, 40)}, draft_s=0.5)
    search = eager_search(max_time_share=1.0, min_context=2, context_window=4, hidden_states_interval=0)
    events = list(race_on(target, search=search).stream(PROMPT, max_new_tokens=20))
    num_trials = sum(type(e).__name__ == "SkipSetTried" for e in events)
    finish = next(e for e in events if isinstance(e, GenerationFinished) and e.lane == "swift")
    assert num_trials > 5
    assert finish.search_s == pytest.approx(0.5 * num_trials)


def test_clocks_stand_still_while_the_consumer_is_busy(timer):
    def events(pause_s):
        for event in race_on(SlowTarget(timer, TEXT, {5: (30, 0.9)})).stream(PROMPT, max_new_tokens=20):
            yield event
            timer.now += pause_s

    assert clocks_of(events(0)) == clocks_of(events(1000))


def test_clocks_stand_still_while_the_other_lane_computes(timer):
    def lane(name):
        race = race_on(SlowTarget(timer, TEXT, {5: (30, 0.9)}))
        return list(getattr(race, name).stream(PROMPT, max_new_tokens=20))

    together = list(race_on(SlowTarget(timer, TEXT, {5: (30, 0.9)})).stream(PROMPT, max_new_tokens=20))
    for name in ("vanilla", "swift"):
        assert clocks_of(e for e in together if e.lane == name) == clocks_of(lane(name))


def test_callbacks_are_not_on_the_clock(timer):
    def slow_callback(_event):
        timer.now += 60

    swift = race_on(SlowTarget(timer, TEXT)).swift
    quick = swift.generate(PROMPT, max_new_tokens=10)
    slow = swift.generate(PROMPT, max_new_tokens=10, callbacks=[slow_callback])
    assert clocks_of(slow.trace.events) == clocks_of(quick.trace.events)


@pytest.mark.parametrize(
    ("prompt", "max_new_tokens", "words"),
    [
        ("Anna", 0, "max_new_tokens=0: must be at least 1"),
        ([], 5, "the prompt is empty"),
        ([5, 300], 5, "token id 300 is not in the vocabulary of 300"),
        ([5] * 2048, 1, "shorten the prompt"),
    ],
)
def test_a_prompt_that_cannot_be_continued_is_refused_before_any_event(
    tiny_target, prompt, max_new_tokens, words
):
    race = race_on(tiny_target)
    for decoder in (race, race.vanilla, race.swift):
        with pytest.raises(PromptError, match=words):
            next(decoder.stream(prompt, max_new_tokens=max_new_tokens))
