"""A lane's story: which event may follow which, and what it must say; vanilla's is the short one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

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
from swift_demo.skip_set import MAX_LAYERS, SkipSet
from swift_demo.trace.story.rounds import require, require_probabilities

MAX_COUNT = 2**31  # of tokens, and ids if the vocabulary is not given
MAX_SECONDS = 1e8  # three years

_ROUNDING_S = 1e-6  # of a sum of seconds, for each second
# What the seconds since the lane's previous event were spent on.
_SPENT_ON: dict[type[Event], str] = {
    PromptRead: "prompt_s",
    TokensDrafted: "draft_s",
    TokenDecoded: "verify_s",
    RoundVerified: "verify_s",
    SkipSetTried: "search_s",
}


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
        bounds = {"max_new_tokens": MAX_COUNT, "num_layers": MAX_LAYERS, "vocab_size": MAX_COUNT}
        for name, most in bounds.items():
            number = getattr(event, name)
            require(number is None or 1 <= number <= most, f"{name}={number}: from 1 to {most} is read")
        require(len(event.prompt_ids) > 0, "prompt_ids are empty")
        self._require_ids(event.prompt_ids)
        self._require_layers(event.skip_set)
        has_settings = event.swift is not None
        require(has_settings == (self.lane == "swift"), "swift has settings in the swift lane alone")

    def _check_prompt(self, event: PromptRead) -> None:
        assert self.start is not None
        most = len(self.start.prompt_ids) - 1
        require(0 <= event.num_tokens <= most, f"num_tokens={event.num_tokens}, but {most} are to be read")
        require(event.round == 0, "the prompt is read in round 0")

    def _check_end(self, event: GenerationFinished) -> None:
        assert self.start is not None
        count = self._num_tokens
        require(event.num_tokens == count, f"num_tokens={event.num_tokens}, but {count} came")
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
        """The clock's parts add up to it, and only verifying took time that passed before other events.

        Some of that counts as verifying: making room in the cache, and a round that gave nothing.
        """
        rounding_s = _ROUNDING_S * max(1.0, event.clock_s)
        told = {part: getattr(event, part) for part in self._seconds}
        require(
            min(told.values()) >= 0 and abs(sum(told.values()) - event.clock_s) <= rounding_s,
            f"{', '.join(told)} do not add up to clock_s",
        )
        for part, passed_s in self._seconds.items():
            is_possible = part == "verify_s" or told[part] <= passed_s + rounding_s
            require(is_possible, f"{part}={told[part]}, but {passed_s} passed before its events")

    def _add_tokens(self, token_ids: Sequence[int]) -> None:
        """Let tokens join the text."""
        assert self.start is not None
        self._num_tokens += len(token_ids)
        most = self.start.max_new_tokens
        require(self._num_tokens <= most, f"{self._num_tokens} tokens came, but max_new_tokens is {most}")

    def _require_read_prompt(self) -> None:
        """Nothing is generated after a prompt that was read only in part, which only a cancelled run does."""
        if isinstance(self._last, PromptRead):
            assert self.start is not None
            whole = len(self.start.prompt_ids) - 1
            require(self._last.num_tokens == whole, "the prompt was not read to its end")

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


def _name(event: Event) -> str:
    return type(event).__name__
