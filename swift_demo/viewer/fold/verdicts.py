"""``verdicts``: how both lanes compare, in speed and in what they wrote."""

from __future__ import annotations

from typing import NamedTuple

from swift_demo.events import (
    Event,
    GenerationFinished,
    GenerationStarted,
    Lane,
    PhaseChanged,
    RoundVerified,
    TokenDecoded,
)
from swift_demo.metrics import LaneMetrics, speedup
from swift_demo.trace import Entry
from swift_demo.viewer.formats import NONE_TEXT, speedup_text
from swift_demo.viewer.value import Identity, Table, Tone, VerdictRow

SAMPLED_TEXT = "sampled: same distribution, texts may differ"
_MIN_TOKENS = 20  # below this, a rate says nothing
_WORDS: dict[Tone, str] = {
    "unknown": "against vanilla",
    "short": "too short to tell",
    "faster": "faster than vanilla",
    "same": "as fast as vanilla",
    "slower": "the speed of vanilla",
}
# Of a run that was cut short; like those above, short enough for a line.
_WORDS_SO_FAR: dict[Tone, str] = {
    "faster": "faster so far",
    "same": "as fast so far",
    "slower": "the speed so far",
}


class VerdictFold:
    """A row whenever the comparison reads differently."""

    def __init__(self) -> None:
        self._metrics: dict[Lane, LaneMetrics] = {lane: LaneMetrics(lane) for lane in ("vanilla", "swift")}
        self._running: set[Lane] = set()
        self._texts = SameTexts()
        self._acceleration = _Acceleration()
        self._shown: VerdictRow | None = None

    def add(self, entry: Entry, index: int) -> list[tuple[Table, VerdictRow]]:
        event = entry.event
        if isinstance(event, GenerationStarted):
            self._running.add(event.lane)
        elif isinstance(event, GenerationFinished):
            self._running.discard(event.lane)
        self._metrics[event.lane].add(event)
        self._texts.add(event)
        self._acceleration.add(event, self._metrics[event.lane])
        return self._changed(self._verdict(index))

    def end(self, index: int) -> list[tuple[Table, VerdictRow]]:
        if not self._running:
            return []
        row = self._verdict(index)
        if row["tone"] == "unknown":
            row["tone"], row["word"] = "short", _WORDS["short"]
        else:
            row["word"] = _WORDS_SO_FAR[row["tone"]]
        return self._changed(row)

    def _changed(self, row: VerdictRow) -> list[tuple[Table, VerdictRow]]:
        if self._shown is not None and row == {**self._shown, "event": row["event"]}:
            return []
        self._shown = row
        return [("verdicts", row)]

    def _verdict(self, index: int) -> VerdictRow:
        is_over = all(lane.is_finished for lane in self._metrics.values())
        ratio = self._speedup()
        tone: Tone = "short" if ratio is None and is_over else tone_of(ratio)
        identity, identical = self._texts.verdict(is_over)
        return VerdictRow(
            event=index,
            speedup=speedup_text(ratio),
            word=_WORDS[tone],
            tone=tone,
            accelerating=self._acceleration.text(self._metrics["vanilla"]),
            identity=identity,
            identical=identical,
        )

    def _speedup(self) -> float | None:
        lanes = self._metrics.values()
        if not all(lane.num_tokens >= _MIN_TOKENS for lane in lanes):
            return None
        return speedup(self._metrics["swift"], self._metrics["vanilla"])


def tone_of(ratio: float | None) -> Tone:
    """The tone of a speedup, judged by the two decimals shown."""
    if ratio is None:
        return "unknown"
    shown = round(ratio, 2)
    return "faster" if shown > 1 else "slower" if shown < 1 else "same"


class SameTexts:
    """Whether both lanes have given the same ids so far."""

    def __init__(self) -> None:
        self._ids: dict[Lane, list[int]] = {"vanilla": [], "swift": []}
        self._num_same = 0
        self._has_differed = False
        self._is_greedy = True

    def add(self, event: Event) -> None:
        """Take in an event of either lane."""
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

    def verdict(self, is_finished: bool) -> tuple[Identity, str]:
        """For code, and in words; ``is_finished`` says that both lanes have ended."""
        if not self._is_greedy:
            return "sampled", SAMPLED_TEXT
        lengths = {len(ids) for ids in self._ids.values()}
        if self._has_differed or (is_finished and len(lengths) > 1):
            return "differs", f"differs from token {self._num_same + 1} on"
        if is_finished:
            return "identical", "identical"
        return ("so far", "identical so far") if min(lengths) else ("unknown", NONE_TEXT)


class _Start(NamedTuple):
    num_tokens: int
    seconds: float


class _Acceleration:
    """SWIFT's rate since the search last ended within this run, once there are enough tokens for one."""

    def __init__(self) -> None:
        self._start: _Start | None = None
        self._rate: float | None = None

    def add(self, event: Event, lane: LaneMetrics) -> None:
        if event.lane != "swift":
            return
        if isinstance(event, PhaseChanged):
            # Without a search before it, the phase is the whole run and its speedup the overall one.
            is_after_search = event.phase == "accelerating" and lane.num_tokens > 0
            self._start = _Start(lane.num_tokens, lane.seconds) if is_after_search else None
        elif self._start is not None and isinstance(event, RoundVerified):
            num_tokens = lane.num_tokens - self._start.num_tokens
            seconds = lane.seconds - self._start.seconds
            is_enough = num_tokens >= _MIN_TOKENS and seconds > 0
            self._rate = num_tokens / seconds if is_enough else None

    def text(self, vanilla: LaneMetrics) -> str:
        if self._rate is None or vanilla.tokens_per_s is None:
            return ""
        return speedup_text(self._rate / vanilla.tokens_per_s)
