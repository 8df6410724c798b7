"""The two lanes' stories: which event may follow which, and what it must say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from swift_demo.config import SwiftConfig
from swift_demo.events import (
    Event,
    GenerationFinished,
    GenerationStarted,
    Lane,
    PhaseChanged,
    PromptRead,
    RoundVerified,
    SkipSetTried,
    ThresholdMoved,
    TokenDecoded,
    TokensDrafted,
)
from swift_demo.skip_set import SkipSet
from swift_demo.story_rounds import check_draft, check_verdict, require, require_probabilities

MAX_LAYERS = 1024
MAX_COUNT = 2**31  # of tokens, and ids where the vocabulary is not told
MAX_SECONDS = 1e8  # three years

_ROUNDING_S = 1e-6
# What the seconds since the lane's event before were spent on.
_SPENT_ON: dict[type[Event], str] = {
    PromptRead: "prompt_s", TokensDrafted: "draft_s", TokenDecoded: "verify_s", RoundVerified: "verify_s",
    SkipSetTried: "search_s",
}
_REASONS = {"optimising": ("start",), "optimising again": ("acceptance fell",)}


class LaneStory:
    """What both lanes have in common: a start, the prompt, text, an end.

    Attributes:
        clock_s: Of the newest event.
        start: The lane's first event, once it has come.
    """

    lane: ClassVar[Lane]
    FOLLOWS: ClassVar[dict[type[Event], tuple[type[Event], ...]]]

    def __init__(self) -> None:
        self.clock_s = 0.0
        self.start: GenerationStarted | None = None
        self._last: Event | None = None
        self._round = 0  # the newest that gave tokens
        self._num_tokens = 0
        self._seconds = dict.fromkeys(("prompt_s", "draft_s", "verify_s", "search_s"), 0.0)

    @property
    def goes_on(self) -> bool:
        """Whether the lane has started and not finished."""
        return self.start is not None and not isinstance(self._last, GenerationFinished)

    def add(self, event: Event, pieces: Sequence[str]) -> None:
        """Take in the lane's next event; see ``Story.add``."""
        if self._last is None:
            require(isinstance(event, GenerationStarted), f"the {self.lane} lane has not started yet")
        else:
            before = type(self._last)
            require(type(event) in self.FOLLOWS[before], f"{_name(event)} cannot follow {before.__name__}")
        require(event.clock_s >= self.clock_s, f"clock_s={event.clock_s} goes back, from {self.clock_s}")
        require(event.clock_s <= MAX_SECONDS, f"clock_s={event.clock_s} is more than {MAX_SECONDS:.0f} seconds")
        if not isinstance(event, TokenDecoded | TokensDrafted | RoundVerified):
            most = 1 if isinstance(event, GenerationFinished) else 0  # a last character that is not whole
            require(len(pieces) <= most, f"{_name(event)} brings at most {most} texts, not {len(pieces)}")
        if (part := _SPENT_ON.get(type(event))) is not None:
            self._seconds[part] += event.clock_s - self.clock_s
        self._check(event, pieces)
        self._last, self.clock_s = event, event.clock_s

    def _check(self, event: Event, pieces: Sequence[str]) -> None:
        if isinstance(event, GenerationStarted):
            self._check_start(event)
        elif isinstance(event, PromptRead):
            self._check_prompt(event)
        elif isinstance(event, GenerationFinished):
            self._check_end(event)

    def _check_start(self, event: GenerationStarted) -> None:
        self.start = event
        require(event.round == 0 and event.clock_s == 0, "a lane starts in round 0 at clock_s 0")
        for name, most in (("max_new_tokens", MAX_COUNT), ("num_layers", MAX_LAYERS), ("vocab_size", MAX_COUNT)):
            number = getattr(event, name)
            require(number is None or 1 <= number <= most, f"{name}={number}: from 1 to {most} is read")
        require(len(event.prompt_ids) > 0, "prompt_ids are empty")
        self._require_ids(event.prompt_ids)
        self._require_layers(event.skip_set)
        require((event.swift is not None) == (self.lane == "swift"), "settings of swift belong to the swift lane")

    def _check_prompt(self, event: PromptRead) -> None:
        assert self.start is not None
        most = len(self.start.prompt_ids) - 1
        require(0 <= event.num_tokens <= most, f"num_tokens={event.num_tokens}, but {most} are to be read")
        require(event.round == 0, "the prompt is read in round 0")

    def _check_end(self, event: GenerationFinished) -> None:
        assert self.start is not None
        require(event.num_tokens == self._num_tokens, f"num_tokens={event.num_tokens}, but {self._num_tokens} came")
        if event.stop_reason != "cancelled":
            self._require_read_prompt()
        most = self._round + (event.stop_reason == "invalid logits")  # that round gave no token
        require(self._round <= event.round <= most, f"round={event.round}, but the last one was {self._round}")
        self._check_seconds(event)
        if event.stop_reason == "token limit":
            require(self._num_tokens == self.start.max_new_tokens, "the token limit was not reached")
        elif event.stop_reason not in ("cancelled", "invalid logits", "context full"):
            require(self._num_tokens > 0, f"there is no token that was the {event.stop_reason}")

    def _check_seconds(self, event: GenerationFinished) -> None:
        """The parts of the clock are what passed before events of each kind; a failed round has none."""
        rounding_s = _ROUNDING_S * max(1.0, event.clock_s)
        told = {part: getattr(event, part) for part in self._seconds}
        require(abs(sum(told.values()) - event.clock_s) <= rounding_s and min(told.values()) >= 0,
                f"{', '.join(told)} do not add up to clock_s")
        for part, seconds in self._seconds.items():
            is_more = event.stop_reason == "invalid logits" and told[part] > seconds
            require(is_more or abs(told[part] - seconds) <= rounding_s, f"{part}={told[part]}, but {seconds} passed")

    def _add_tokens(self, token_ids: Sequence[int]) -> None:
        """Let tokens join the text."""
        assert self.start is not None
        self._num_tokens += len(token_ids)
        most = self.start.max_new_tokens
        require(self._num_tokens <= most, f"{self._num_tokens} tokens came, but max_new_tokens is {most}")

    def _require_read_prompt(self) -> None:
        """Nothing is generated behind a prompt that was read in part, which only a cancelled run does."""
        if isinstance(self._last, PromptRead):
            assert self.start is not None
            whole = len(self.start.prompt_ids) - 1
            require(self._last.num_tokens == whole, "tokens cannot follow a prompt that was not read to its end")

    def _require_ids(self, token_ids: Iterable[int]) -> None:
        assert self.start is not None
        size = self.start.vocab_size or MAX_COUNT
        for token_id in token_ids:
            if not 0 <= token_id < size:
                raise ValueError(f"token id {token_id} is not in the vocabulary of {size}")

    def _require_layers(self, skip_set: SkipSet) -> None:
        assert self.start is not None
        last = self.start.num_layers - 1
        for layer in (*skip_set.attention[-1:], *skip_set.mlp[-1:]):  # they are sorted
            require(layer <= last, f"skip_set has layer {layer}, but the last one is {last}")


class VanillaStory(LaneStory):
    """A token in each round."""

    lane = "vanilla"
    FOLLOWS: ClassVar = {
        GenerationStarted: (PromptRead,),
        PromptRead: (TokenDecoded, GenerationFinished),
        TokenDecoded: (TokenDecoded, GenerationFinished),
        GenerationFinished: (),
    }

    def _check_start(self, event: GenerationStarted) -> None:
        super()._check_start(event)
        require(len(event.skip_set) == 0, "the vanilla lane skips nothing")

    def _check(self, event: Event, pieces: Sequence[str]) -> None:
        super()._check(event, pieces)
        if isinstance(event, TokenDecoded):
            self._require_read_prompt()
            self._round += 1
            require(event.round == self._round, f"round={event.round}, but it is {self._round}")
            require(len(pieces) == 1, f"one token, but {len(pieces)} texts")
            require_probabilities("target_prob", [event.target_prob])
            self._require_ids([event.token_id])
            self._add_tokens([event.token_id])


_BEGINS_ROUND = (SkipSetTried, TokensDrafted, GenerationFinished)


class SwiftStory(LaneStory):
    """Trials, a draft and its verdict in each round; between them the phase and the threshold change."""

    lane = "swift"
    FOLLOWS: ClassVar = {
        GenerationStarted: (PhaseChanged,),
        PromptRead: _BEGINS_ROUND,
        SkipSetTried: (PhaseChanged, *_BEGINS_ROUND),
        PhaseChanged: (PromptRead, *_BEGINS_ROUND),
        TokensDrafted: (RoundVerified, GenerationFinished),
        RoundVerified: (ThresholdMoved, PhaseChanged, *_BEGINS_ROUND),
        ThresholdMoved: (PhaseChanged, *_BEGINS_ROUND),
        GenerationFinished: (),
    }

    def __init__(self) -> None:
        super().__init__()
        self._config = SwiftConfig()
        self._has_read = False
        self._is_over = False  # the text ended within a draft
        self._phase: PhaseChanged | None = None
        self._trial: SkipSetTried | None = None
        self._draft: TokensDrafted | None = None
        self._incumbent: SkipSet | None = None  # None where it is not known
        self._incumbent_matchness: float | None = None
        self._threshold: float | None = None

    def _check(self, event: Event, pieces: Sequence[str]) -> None:
        super()._check(event, pieces)
        if isinstance(event, SkipSetTried):
            self._check_trial(event)
        elif isinstance(event, PhaseChanged):
            self._check_phase(event)
        elif isinstance(event, TokensDrafted):
            self._check_draft(event, pieces)
        elif isinstance(event, RoundVerified):
            self._check_verdict(event, pieces)
        elif isinstance(event, ThresholdMoved):
            self._check_threshold(event)

    def _check_start(self, event: GenerationStarted) -> None:
        super()._check_start(event)
        assert event.swift is not None
        self._config, self._incumbent = event.swift, event.skip_set

    def _check_prompt(self, event: PromptRead) -> None:
        super()._check_prompt(event)
        require(not self._has_read, "the prompt is read once")
        self._has_read = True

    def _check_end(self, event: GenerationFinished) -> None:
        super()._check_end(event)
        require(self._has_read, "the prompt was not read yet")
        if self._last is not None and self._last.round > self._round:
            require(event.stop_reason == "invalid logits", f"round {self._last.round} was begun and not verified")
        if self._is_over:
            require(event.stop_reason != "cancelled", "the text ended within the draft, so it was not cancelled")

    def _check_trial(self, event: SkipSetTried) -> None:
        self._require_next_round(event)
        phase = self._phase.phase if self._phase else None
        require(phase != "accelerating", "a skip set was tried while the search was over")
        most = min(self._num_tokens, self._config.search.context_window)
        require(1 <= event.num_positions <= most, f"num_positions={event.num_positions}: from 1 to {most} can be scored")
        number = self._trial.trial + 1 if self._trial else event.trial
        require(1 <= event.trial <= MAX_COUNT and event.trial == number, f"trial={event.trial}, but it is {number}")
        require_probabilities("matchness", [event.matchness, event.incumbent_matchness])
        best = event.matchness if event.is_kept else self._incumbent_matchness
        require(event.incumbent_matchness == best, f"incumbent_matchness={event.incumbent_matchness}, but it is {best}")
        self._require_layers(event.skip_set)
        if event.is_kept:
            self._incumbent, self._incumbent_matchness = event.skip_set, event.matchness
        self._trial = event

    def _check_phase(self, event: PhaseChanged) -> None:
        is_search_over = event.phase == "accelerating"
        reasons = _REASONS.get(event.phase)
        is_reason = event.reason in reasons if reasons else event.reason not in sum(_REASONS.values(), ())
        require(is_reason, f"{event.reason!r} is no reason for {event.phase!r}")
        if self._phase is None:
            require(event.round == 0, "the first phase begins in round 0")
        elif is_search_over:
            require(isinstance(self._last, SkipSetTried), "a search ends only after a trial")
            require(event.round == self._round + 1, f"round={event.round}, but it is {self._round + 1}")
            self._incumbent = None  # at its end the search settles on one of the tried sets
        else:
            require(isinstance(self._last, RoundVerified | ThresholdMoved), "a search begins only after a round")
            require((self._phase.phase, event.phase) == ("accelerating", "optimising again"),
                    f"{event.phase!r} cannot follow {self._phase.phase!r}")
            require(event.round == self._round, f"round={event.round}, but it is {self._round}")
        self._phase = event

    def _check_draft(self, event: TokensDrafted, pieces: Sequence[str]) -> None:
        self._require_next_round(event)
        check_draft(event, pieces, self._config)
        self._require_ids(event.token_ids)
        self._require_layers(event.skip_set)
        require(self._incumbent in (None, event.skip_set), "the draft's skip_set is not the incumbent")
        require(self._threshold in (None, event.threshold), f"threshold={event.threshold}, but it is {self._threshold}")
        self._draft, self._incumbent, self._threshold = event, event.skip_set, event.threshold

    def _check_verdict(self, event: RoundVerified, pieces: Sequence[str]) -> None:
        assert self._draft is not None
        self._require_next_round(event)
        check_verdict(event, self._draft, pieces)
        self._require_ids([i for others in event.alternatives for i in others.token_ids])
        self._require_ids(event.token_ids)
        self._add_tokens(event.token_ids)
        self._round += 1
        self._is_over = event.next_token_id is None

    def _check_threshold(self, event: ThresholdMoved) -> None:
        require(self._config.threshold_rule == "adaptive", "a fixed threshold does not move")
        require(event.round == self._round, f"round={event.round}, but it is {self._round}")
        require(event.old_threshold == self._threshold, f"old_threshold={event.old_threshold}, but it is {self._threshold}")
        require_probabilities("threshold", [event.threshold, event.acceptance_rate])
        self._threshold = event.threshold

    def _require_next_round(self, event: Event) -> None:
        require(self._has_read, "the prompt was not read yet")
        require(not self._is_over, "the text ended within the draft before")
        self._require_read_prompt()
        require(event.round == self._round + 1, f"round={event.round}, but it is {self._round + 1}")


def _name(event: Event) -> str:
    return type(event).__name__
