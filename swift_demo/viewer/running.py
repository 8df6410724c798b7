"""Running values of a run: tokens and time by the lanes' clocks, rounds, and how right confidence was."""

from __future__ import annotations

from collections.abc import Sequence

from swift_demo.events import (
    Event,
    GenerationFinished,
    GenerationStarted,
    Lane,
    PromptRead,
    RoundVerified,
    SkipSetTried,
    TokenDecoded,
    TokensDrafted,
)
from swift_demo.metrics import LaneMetrics
from swift_demo.viewer.spans import Span, rounded

Rows = list[tuple[str, list]]

# What the seconds before an event of a kind were spent on.
_SPENT_ON: dict[type[Event], str] = {
    TokenDecoded: "verify",
    TokensDrafted: "draft",
    RoundVerified: "verify",
    SkipSetTried: "search",
}
_ADVANCES = (GenerationStarted, PromptRead, TokenDecoded, RoundVerified, GenerationFinished)
_NUM_BINS = 10


class ClockFolder:
    """Folds events of both lanes into rows of "progress" and "costs", their event's index left out."""

    def __init__(self) -> None:
        self._clocks: dict[Lane, float] = {}
        self._num_tokens: dict[Lane, int] = {}
        self._seconds: dict[Lane, dict[str, float]] = {}

    def add(self, event: Event) -> Rows:
        """The rows that an event brings."""
        lane = event.lane
        seconds = self._seconds.setdefault(lane, {"draft": 0.0, "verify": 0.0, "search": 0.0})
        if (part := _SPENT_ON.get(type(event))) is not None:
            seconds[part] += event.clock_s - self._clocks.get(lane, 0.0)
        self._clocks[lane] = event.clock_s
        added = len(event.token_ids) if isinstance(event, RoundVerified) else isinstance(event, TokenDecoded)
        num_tokens = self._num_tokens[lane] = self._num_tokens.get(lane, 0) + added
        rows: Rows = []
        if isinstance(event, _ADVANCES):
            rows.append(("progress", [lane, rounded(event.clock_s), num_tokens]))
        if added or (num_tokens and isinstance(event, SkipSetTried)):
            parts = [1000 * spent / num_tokens for spent in seconds.values()]
            rows.append(("costs", [lane, *(round(part, 3) for part in (*parts, sum(parts)))]))
        return rows


class RoundFolder:
    """Folds SWIFT's rounds into rows of "rounds" and "calibration", their event's index left out."""

    def __init__(self) -> None:
        self._metrics = LaneMetrics("swift")
        self._judged = [[0, 0] for _ in range(_NUM_BINS)]

    def add(self, event: Event, spans: Sequence[Span]) -> Rows:
        """The rows that an event brings; ``spans`` are what ``SpanFolder.add`` made of it."""
        self._metrics.add(event)
        if not isinstance(event, RoundVerified):
            return []
        num_tokens = len(event.token_ids)
        mean = self._metrics.mean_tokens_per_round
        rows: Rows = [
            (
                "rounds",
                [
                    event.round,
                    event.num_drafted,
                    event.num_accepted,
                    event.num_rescued,
                    len(event.accepted),
                    num_tokens,
                    max(event.num_drafted, num_tokens),
                    rounded(mean),
                ],
            )
        ]
        changed = {}
        for confidence, is_accepted in judged(spans):
            number = min(int(confidence * _NUM_BINS), _NUM_BINS - 1)
            self._judged[number][0] += 1
            self._judged[number][1] += is_accepted
            changed[number] = self._judged[number]
        for number, (num, accepted) in changed.items():
            rows.append(
                (
                    "calibration",
                    [
                        round((number + 0.5) / _NUM_BINS, 2),
                        num,
                        accepted,
                        rounded(accepted / num),
                        _count_text(num),
                    ],
                )
            )
        return rows


def judged(spans: Sequence[Span]) -> list[tuple[float, bool]]:
    """Confidence in each drafted token that the target judged, and whether it was accepted.

    Behind a rejected token nothing is judged; and a token accepted right behind one is its sibling, which
    was not the draft's own choice, so that the draft's confidence is not in it.
    """
    found = []
    is_behind_rejected = False
    for span in spans:
        if span.confidence is not None and not is_behind_rejected:
            found.append((span.confidence, span.state == "accepted"))
        is_behind_rejected = span.state == "rejected"
    return found


def _count_text(number: int) -> str:
    return str(number) if number < 1000 else f"{number / 1000:.1f}k"
