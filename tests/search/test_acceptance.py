"""A fall of the acceptance rate is noticed soon; rounds that merely vary are not taken for one."""

from __future__ import annotations

import random

import pytest

from swift_demo.search.acceptance import AcceptanceWatch

NUM_STREAMS = 40
ROUNDS = 200  # of a stream, about those of ten prompts


def rounds(rng, chance, count):
    """Rounds as they come: drafts of one to twelve tokens, each right with this chance after the last one."""
    for _ in range(count):
        num_drafted = rng.randint(1, 12)
        wrong = (i for i in range(num_drafted) if rng.random() > chance)
        yield next(wrong, num_drafted), num_drafted


def first_notice(watch, stream):
    """Number of the round in which a fall was noticed; None if there was none."""
    found = (i for i, (accepted, drafted) in enumerate(stream, 1) if watch.has_fallen(accepted, drafted))
    return next(found, None)


@pytest.mark.parametrize("chance", [0.7, 0.9, 0.97])
def test_a_steady_stream_is_seldom_taken_for_one_that_falls(chance):
    rng = random.Random(0)
    streams = [rounds(rng, chance, ROUNDS) for _ in range(NUM_STREAMS)]
    noticed = [first_notice(AcceptanceWatch(0.1), stream) for stream in streams]
    assert sum(n is not None for n in noticed) <= NUM_STREAMS // 2


def test_a_fall_is_noticed_within_two_prompts():
    rng = random.Random(0)
    for _ in range(NUM_STREAMS):
        watch = AcceptanceWatch(0.1)
        first_notice(watch, rounds(rng, 0.97, 40))
        number = first_notice(watch, rounds(rng, 0.75, ROUNDS))
        assert number is not None and number <= 40


def test_rounds_without_a_draft_say_nothing():
    watch = AcceptanceWatch(0.1)
    assert first_notice(watch, [(10, 10)] * 40 + [(0, 0)] * 100) is None
    assert first_notice(watch, [(0, 10)] * 10) == 3


def test_a_margin_of_one_never_notices_anything():
    assert first_notice(AcceptanceWatch(1.0), [(10, 10)] * 100 + [(0, 10)] * 300) is None
