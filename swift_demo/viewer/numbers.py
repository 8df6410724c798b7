"""Events to the texts of the figures on screen: every format of a number is named here."""

from __future__ import annotations

from collections.abc import Iterator

from swift_demo.events import (
    Event,
    GenerationFinished,
    GenerationStarted,
    Lane,
    PhaseChanged,
    PromptRead,
    RoundVerified,
    SkipSetTried,
    TokenDecoded,
)
from swift_demo.metrics import LaneMetrics, speedup

NONE_TEXT = "–"
_MIN_TOKENS = 8  # before, a speedup on screen would be noise
_STOP_WORDS = {  # where the event's own words are too short for a lane's head
    "context full": "the model's context is full",
    "invalid logits": "the model's numbers are not numbers",
}
SAMPLED_TEXT = "sampled: same distribution, texts may differ"


class NumberBoard:
    """Running texts by key; ``add`` gives those that an event changed.

    Keys: ``{lane}.tokens_per_s``, ``.tokens``, ``.seconds``, ``.status``; ``swift.acceptance_rate``,
    ``.rescued``, ``.tokens_per_round``; ``speedup``, ``.word``, ``.tone`` ("faster", "same", "slower"),
    ``.accelerating`` (empty while hidden); ``identical``, ``.state`` ("unknown", "so far",
    "identical", "differs", "sampled").
    """

    def __init__(self) -> None:
        self._metrics: dict[Lane, LaneMetrics] = {lane: LaneMetrics(lane) for lane in ("vanilla", "swift")}
        self._identity = _Identity()
        self._acceleration = _Acceleration()
        self._phase = ""
        self._texts: dict[str, str] = {}

    def add(self, event: Event) -> list[tuple[str, str]]:
        """Take in one event of either lane; the keys whose text it changed, with their new text."""
        lane = self._metrics[event.lane]
        lane.add(event)
        self._identity.add(event)
        self._acceleration.add(event, lane)
        changed = [(key, text) for key, text in self._current(event, lane) if self._texts.get(key) != text]
        self._texts.update(changed)
        return changed

    def _current(self, event: Event, lane: LaneMetrics) -> Iterator[tuple[str, str]]:
        name = event.lane
        yield f"{name}.tokens_per_s", rate_text(lane.tokens_per_s)
        yield f"{name}.tokens", str(lane.num_tokens)
        yield f"{name}.seconds", f"{lane.seconds:.2f}"
        if name == "swift":
            yield "swift.acceptance_rate", percent_text(lane.acceptance_rate)
            yield "swift.rescued", str(lane.num_rescued) if lane.num_drafted else NONE_TEXT
            yield (
                "swift.tokens_per_round",
                NONE_TEXT if (mean := lane.mean_tokens_per_round) is None else (f"{mean:.2f}"),
            )
        if (status := self._status(event)) is not None:
            yield f"{name}.status", status
        ratio = self._speedup()
        yield "speedup", speedup_text(ratio)
        yield "speedup.tone", speedup_tone(ratio)
        yield "speedup.word", _SPEEDUP_WORDS[speedup_tone(ratio)]
        yield "speedup.accelerating", self._acceleration.text(self._metrics["vanilla"])
        state, text = self._identity.state_and_text(all(m.is_finished for m in self._metrics.values()))
        yield "identical.state", state
        yield "identical", text

    def _speedup(self) -> float | None:
        lanes = self._metrics.values()
        if not all(lane.num_tokens >= _MIN_TOKENS or lane.is_finished for lane in lanes):
            return None
        return speedup(self._metrics["swift"], self._metrics["vanilla"])

    def _status(self, event: Event) -> str | None:
        if isinstance(event, GenerationStarted):
            return "reading the prompt"
        if isinstance(event, PromptRead):
            return self._phase or "decoding"
        if isinstance(event, PhaseChanged):
            self._phase = event.phase if event.reason == "start" else f"{event.phase} ({event.reason})"
            return self._phase
        if isinstance(event, SkipSetTried):
            return f"{self._phase.partition(' (')[0] or 'optimising'}, trial {event.trial}"
        if isinstance(event, GenerationFinished):
            return f"finished ({_STOP_WORDS.get(event.stop_reason, event.stop_reason)})"
        if isinstance(event, TokenDecoded) and event.round == 1:
            return "decoding"
        return None


class _Identity:
    """Whether both lanes gave the same ids, as far as they have got."""

    def __init__(self) -> None:
        self._ids: dict[Lane, list[int]] = {"vanilla": [], "swift": []}
        self._num_same = 0
        self._has_differed = False
        self._is_greedy = True

    def add(self, event: Event) -> None:
        if isinstance(event, GenerationStarted):
            self._is_greedy = self._is_greedy and event.sampling.is_greedy
        elif isinstance(event, TokenDecoded):
            self._ids[event.lane].append(event.token_id)
        elif isinstance(event, RoundVerified):
            self._ids[event.lane].extend(event.token_ids)
        else:
            return
        vanilla, swift = self._ids["vanilla"], self._ids["swift"]
        shorter = min(len(vanilla), len(swift))
        while not self._has_differed and self._num_same < shorter:
            self._has_differed = vanilla[self._num_same] != swift[self._num_same]
            self._num_same += not self._has_differed

    def state_and_text(self, is_finished: bool) -> tuple[str, str]:
        if not self._is_greedy:
            return "sampled", SAMPLED_TEXT
        lengths = {len(ids) for ids in self._ids.values()}
        if self._has_differed or (is_finished and len(lengths) > 1):
            return "differs", f"differs from token {self._num_same + 1} on"
        if is_finished:
            return "identical", "identical"
        return ("so far", "identical so far") if min(lengths) else ("unknown", NONE_TEXT)


class _Acceleration:
    """SWIFT's rate since the search last ended within this run, once there are tokens enough for one."""

    MIN_TOKENS = 20

    def __init__(self) -> None:
        self._start: tuple[int, float] | None = None
        self._rate: float | None = None

    def add(self, event: Event, lane: LaneMetrics) -> None:
        if event.lane != "swift":
            return
        if isinstance(event, PhaseChanged):
            # Without a search before it, the phase is the whole run and its speedup the overall one.
            is_after_search = event.phase == "accelerating" and lane.num_tokens > 0
            self._start = (lane.num_tokens, lane.seconds) if is_after_search else None
        elif self._start is not None and isinstance(event, RoundVerified):
            tokens, seconds = lane.num_tokens - self._start[0], lane.seconds - self._start[1]
            self._rate = tokens / seconds if tokens >= self.MIN_TOKENS and seconds > 0 else None

    def text(self, vanilla: LaneMetrics) -> str:
        if self._rate is None or vanilla.tokens_per_s is None:
            return ""
        return speedup_text(self._rate / vanilla.tokens_per_s)


_SPEEDUP_WORDS = {
    "unknown": "against vanilla",
    "faster": "faster than vanilla",
    "same": "as fast as vanilla",
    "slower": "slower than vanilla",
}


def speedup_text(ratio: float | None) -> str:
    """Like "1.43×"."""
    return NONE_TEXT if ratio is None else f"{ratio:.2f}×"


def speedup_tone(ratio: float | None) -> str:
    """ "faster", "same" or "slower", by the two decimals that are shown; "unknown" without a ratio."""
    if ratio is None:
        return "unknown"
    shown = round(ratio, 2)
    return "faster" if shown > 1 else "slower" if shown < 1 else "same"


def percent_text(share: float | None) -> str:
    """Like "87%"."""
    return NONE_TEXT if share is None else f"{share:.0%}"


def rate_text(rate: float | None) -> str:
    """Like "41.2", and "123" from a hundred on."""
    return NONE_TEXT if rate is None else f"{rate:.1f}" if rate < 99.95 else f"{rate:.0f}"
