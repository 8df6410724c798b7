"""A run made up in which SWIFT stands aside, looks again, and drafts: 60 tokens, 0.01 s each."""

from __future__ import annotations

from dataclasses import replace

from support.synthetic import header, started
from swift_demo.config import SwiftConfig
from swift_demo.events import (
    DraftingWeighed,
    GenerationFinished,
    PhaseChanged,
    PromptRead,
    RoundVerified,
    SkipSetTried,
    TokenDecoded,
    TokensDrafted,
)
from swift_demo.trace import Trace

NUM_TOKENS = 60
ASIDE_FROM, DRAFTS_FROM = 17, 42  # rounds
TICK_S = 0.01


def weighed(round_, clock_s, is_drafting, **changes):
    speedup = 1.25 if is_drafting else 0.8
    numbers = {
        "draft_cost": 0.5 if is_drafting else 0.83,
        "num_verified": 4,
        "verification_cost": 1.2,
        "acceptance": 0.9 if is_drafting else 0.73,
        "num_judged": 24,
        "best_length": 3,
        "predicted_speedup": speedup,
        "is_drafting": is_drafting,
        "plain_token_s": TICK_S,
        "drafted_token_s": TICK_S / speedup,
        "pause": 0 if is_drafting else 64,
    }
    return DraftingWeighed("swift", round_, clock_s, **numbers | changes)


def plain(round_, clock_s):
    own = 100 + round_
    return RoundVerified("swift", round_, clock_s, 0, (), (), own, "plain", 0.9, (own,))


def drafted(round_, clock_s, ids, skip_set):
    chain = tuple(range(-1, len(ids) - 1))
    thresholds = tuple(0.3 + 0.1 * i for i in range(len(ids)))
    sure = (0.95,) * len(ids)
    return TokensDrafted(
        "swift",
        round_,
        clock_s,
        ids,
        chain,
        sure,
        (1.0,) * len(ids),
        thresholds[-1],
        "token limit",
        skip_set,
        thresholds,
    )


def swift_lane(is_searching=True):
    """Events of SWIFT's lane, each with its pieces."""
    first = started("swift")
    search = replace(SwiftConfig().search, is_enabled=is_searching)
    first = replace(first, swift=SwiftConfig(search=search), max_new_tokens=NUM_TOKENS)
    clock_s = 0.05
    yield first, ()
    phase, reason = ("optimising", "start") if is_searching else ("accelerating", "search is off")
    yield PhaseChanged("swift", 0, 0.0, phase, reason), ()
    yield PromptRead("swift", 0, clock_s, 2), ()
    num_tokens, round_, draft_s, search_s = 0, 0, 0.0, 0.0
    while num_tokens < NUM_TOKENS:
        round_ += 1
        looks = round_ in (ASIDE_FROM, DRAFTS_FROM)
        if looks and is_searching:
            trial = 1 + (round_ == DRAFTS_FROM)
            clock_s, search_s = clock_s + TICK_S, search_s + TICK_S
            scored = (trial, "start" if trial == 1 else "incumbent", first.skip_set, 0.7, 16, True, 0.7)
            yield SkipSetTried("swift", round_, clock_s, *scored), ()
        if looks or (ASIDE_FROM < round_ < DRAFTS_FROM and round_ % 8 == 0):
            yield weighed(round_, clock_s, round_ == DRAFTS_FROM), ()
        if round_ == ASIDE_FROM:
            yield PhaseChanged("swift", round_, clock_s, "standing aside", "drafting does not pay"), ()
        if round_ == DRAFTS_FROM:
            yield PhaseChanged("swift", round_, clock_s, phase, "drafting pays"), ()
        left = NUM_TOKENS - num_tokens
        if round_ < DRAFTS_FROM or left == 1:
            clock_s += TICK_S
            yield plain(round_, clock_s), (" word",)
            num_tokens += 1
            continue
        ids = tuple(100 + num_tokens + i for i in range(min(3, left - 1)))
        clock_s, draft_s = clock_s + TICK_S, draft_s + TICK_S
        yield drafted(round_, clock_s, ids, first.skip_set), (" word",) * len(ids)
        clock_s += TICK_S
        own = 100 + num_tokens + len(ids)
        nodes = tuple(range(len(ids)))
        right = (0.9,) * len(ids)
        verdict = RoundVerified(
            "swift", round_, clock_s, len(ids), nodes, right, own, "bonus", 0.9, (*ids, own)
        )
        yield verdict, (" word",) * (len(ids) + 1)
        num_tokens += len(ids) + 1
    verify_s = clock_s - 0.05 - draft_s - search_s
    parts = (0.05, draft_s, verify_s, search_s)
    yield GenerationFinished("swift", round_, clock_s, "token limit", NUM_TOKENS, *parts), ()


def vanilla_lane():
    """Events of vanilla's lane, each with its pieces."""
    yield replace(started("vanilla"), max_new_tokens=NUM_TOKENS), ()
    yield PromptRead("vanilla", 0, 0.05, 2), ()
    clock_s = 0.05
    for i in range(NUM_TOKENS):
        clock_s += TICK_S
        yield TokenDecoded("vanilla", i + 1, clock_s, 100 + i, 0.9), (" word",)
    yield (
        GenerationFinished(
            "vanilla", NUM_TOKENS, clock_s, "token limit", NUM_TOKENS, 0.05, 0.0, clock_s - 0.05, 0.0
        ),
        (),
    )


def run(is_searching=True):
    """Both lanes by their clocks."""
    trace = Trace(header())
    lanes = [list(vanilla_lane()), list(swift_lane(is_searching))]
    while any(lanes):
        lane = min((lane for lane in lanes if lane), key=lambda lane: lane[0][0].clock_s)
        event, texts = lane.pop(0)
        trace.events.append(event)
        trace.texts.append(texts)
    return trace
