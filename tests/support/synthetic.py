"""A plausible race, made up: about 150 tokens, 24 layers, 60 trials."""

from __future__ import annotations

import random

from swift_demo.config import SamplingConfig, SwiftConfig
from swift_demo.events import (
    Event,
    GenerationFinished,
    GenerationStarted,
    PhaseChanged,
    PromptRead,
    RoundVerified,
    SkipSetTried,
    TokenDecoded,
    TokensDrafted,
)
from swift_demo.skip_set import SkipSet, num_skippable
from swift_demo.trace import Trace, TraceHeader

NUM_LAYERS = 24
HOSTILE = ["<img src=x onerror=alert(1)>", "${1+1}", "{{x}}", "\\u0041", "🦉", "\u2028", "</script>"]

_STORY = """Once upon a time there was a small owl who lived in an old oak tree at the edge of the wood. \
Every night she counted the stars, and every morning she forgot how many there were.

One evening a mouse climbed up to her branch. "Why do you count them," he asked, "if you never \
remember?" The owl thought for a long while. "Because each time I count," she said, "I find one that \
I had not seen before." So the mouse sat down beside her, and they counted together until the moon \
went down behind the hills. In the morning neither of them knew the number, but both of them were \
very happy. And from that day on the mouse came every night, and the two friends never once agreed \
on how many stars there were in the sky."""


def header() -> TraceHeader:
    return TraceHeader(
        prompt="Tell me a story about an owl.",
        model="swift-demo-24L",
        device="cpu",
        dtype="float32",
        hardware="8-core laptop",
        created="2026-03-14T15:09:26+00:00",
        versions={"torch": "2.13.0"},
    )


def story_pieces() -> list[str]:
    """About 150 pieces of text, with a space before a word as tokenizers have it."""
    words = _STORY.replace("\n\n", " \n\n ").split(" ")
    return [
        word if i == 0 or "\n" in word or "\n" in words[i - 1] else " " + word for i, word in enumerate(words)
    ]


def started(lane: str, num_layers: int = NUM_LAYERS, temperature: float = 0.0) -> GenerationStarted:
    config = SwiftConfig(threshold_rule="fixed")
    skip_set = SkipSet.uniform(num_layers, config.skip_ratio) if lane == "swift" else SkipSet()
    return GenerationStarted(
        lane,
        0,
        0.0,
        (1, 2, 3),
        256,
        num_layers,
        SamplingConfig(temperature=temperature),  # type: ignore
        config if lane == "swift" else None,
        skip_set,
    )


def race(num_trials: int = 60, seed: int = 1, hostile: bool = False) -> Trace:
    """A finished greedy race: SWIFT optimises for ``num_trials`` rounds, then accelerates."""
    pieces = story_pieces()
    if hostile:
        pieces[20:20] = [" " + text for text in HOSTILE]
    lanes = [list(_vanilla(pieces)), list(_swift(pieces, num_trials, random.Random(seed)))]
    trace = Trace(header())
    while any(lanes):  # by their clocks, as the viewer tells them
        lane = min((lane for lane in lanes if lane), key=lambda lane: lane[0][0].clock_s)
        event, texts = lane.pop(0)
        trace.events.append(event)
        trace.texts.append(texts)
    return trace


def _vanilla(pieces: list[str]):
    yield started("vanilla"), ()
    yield PromptRead("vanilla", 0, 0.05, 2), ()
    clock = 0.05
    for i, piece in enumerate(pieces):
        clock += 0.025
        yield TokenDecoded("vanilla", i + 1, clock, 100 + i, 0.9), (piece,)
    yield (
        GenerationFinished(
            "vanilla", len(pieces), clock, "end of text", len(pieces), 0.05, 0.0, clock - 0.05, 0.0
        ),
        (),
    )


def _swift(pieces: list[str], num_trials: int, rng: random.Random):
    yield started("swift"), ()
    yield PhaseChanged("swift", 0, 0.0, "optimising", "start"), ()
    yield PromptRead("swift", 0, 0.05, 2), ()
    skip_set, incumbent = started("swift").skip_set, 0.0
    clock, done, number, trial = 0.05, 0, 0, 0
    while done < len(pieces):
        number += 1
        if done >= 8 and trial < num_trials:
            for _ in range(min(2, num_trials - trial)):
                trial += 1
                clock += 0.004
                proposer = (
                    "start"
                    if trial == 1
                    else "incumbent"
                    if trial % 20 == 0
                    else ("bayesian" if trial % 2 else "random" if trial % 4 else "swap")
                )
                candidate = skip_set if proposer in ("start", "incumbent") else _candidate(rng)
                low = 0.35 if proposer == "random" else 0.55
                score = round(min(0.97, rng.uniform(low, 0.75 + trial / 250)), 3)
                if proposer == "incumbent":
                    score = max(0.0, incumbent - 0.02)
                is_kept = score > incumbent or proposer in ("start", "incumbent")
                if is_kept:
                    skip_set, incumbent = candidate, score
                yield (
                    SkipSetTried(
                        "swift",
                        number,
                        clock,
                        trial,
                        proposer,
                        candidate,
                        score,
                        min(32, done),
                        is_kept,
                        incumbent,
                    ),
                    (),
                )
            if trial == num_trials:
                yield PhaseChanged("swift", number, clock, "accelerating", "trials used up"), ()
        skill = 0.70 + 0.27 * min(1.0, trial / 40)
        length = min(rng.randint(1, 3 + trial // 12), len(pieces) - done)
        num_right = next((i for i in range(length) if rng.random() > skill), length)
        drafted = [100 + done + i if i < num_right else 5000 + i for i in range(length)]
        texts = tuple(
            pieces[done + i] if i < num_right else rng.choice([" a", " the", " moon", "\n", " was"])
            for i in range(length)
        )
        confidences = tuple(
            rng.uniform(0.8, 1.0) if i < length - 1 else rng.uniform(0.35, 1.0) for i in range(length)
        )
        clock += 0.0085 * length
        yield (
            TokensDrafted(
                "swift",
                number,
                clock,
                tuple(drafted),
                tuple(range(-1, length - 1)),
                confidences,
                (1.0,) * length,
                0.8,
                "low confidence",
                skip_set,
            ),
            texts,
        )
        clock += 0.027
        ids = list(range(100 + done, 100 + min(done + num_right + 1, len(pieces))))
        has_next = len(ids) > num_right
        kind = None if not has_next else "bonus" if num_right == length else "corrected"
        yield (
            RoundVerified(
                "swift",
                number,
                clock,
                length,
                tuple(range(num_right)),
                tuple(rng.uniform(0.7, 1) if i < num_right else rng.uniform(0, 0.3) for i in range(length)),
                ids[-1] if has_next else None,
                kind,
                0.8 if has_next else None,
                tuple(ids),
            ),
            tuple(pieces[done : done + len(ids)]),
        )
        done += len(ids)
    yield (
        GenerationFinished(
            "swift",
            number,
            clock,
            "end of text",
            len(pieces),
            0.05,
            clock - 0.05 - 0.027 * number - 0.004 * trial,
            0.027 * number,
            0.004 * trial,
        ),
        (),
    )


def _candidate(rng: random.Random) -> SkipSet:
    size = num_skippable(NUM_LAYERS)
    marked = set(rng.sample(range(size), int(size * 0.45)))
    return SkipSet.from_bits([i in marked for i in range(size)], NUM_LAYERS)


def add_all(view, trace: Trace) -> None:
    for entry in trace.entries():
        view.add(entry)


def events_of(trace: Trace, kind: type[Event]) -> list[tuple[int, Event]]:
    return [(index, event) for index, event in enumerate(trace.events) if isinstance(event, kind)]
