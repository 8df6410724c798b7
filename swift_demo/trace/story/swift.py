"""The story of the SWIFT lane: trials, drafts and verdicts, and what is learned from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from swift_demo.config import SwiftConfig
from swift_demo.events import (
    Event,
    GenerationFinished,
    GenerationStarted,
    Phase,
    PhaseChanged,
    PromptRead,
    RoundVerified,
    SkipSetTried,
    ThresholdMoved,
    TokensDrafted,
)
from swift_demo.skip_set import SkipSet
from swift_demo.trace.story.lanes import MAX_COUNT, LaneStory
from swift_demo.trace.story.rounds import check_draft, check_verdict, require, require_probabilities

_PHASE_OF: dict[str, Phase] = {"start": "optimising", "acceptance fell": "optimising again"}
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
        self._incumbent: SkipSet | None = None  # None while it is not known
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
            begun = self._last.round
            require(event.stop_reason == "invalid logits", f"round {begun} was begun and not verified")
        if self._is_over:
            require(event.stop_reason != "cancelled", "the text ended within the draft before it was cancelled")

    def _check_trial(self, event: SkipSetTried) -> None:
        self._require_next_round(event)
        phase = self._phase.phase if self._phase else None
        require(phase != "accelerating", "a skip set was tried while the search was over")
        most = min(self._num_tokens, self._config.search.context_window)
        scored = event.num_positions
        require(1 <= scored <= most, f"num_positions={scored}: from 1 to {most} can be scored")
        number = self._trial.trial + 1 if self._trial else event.trial
        require(1 <= number <= MAX_COUNT, f"trial={number}: from 1 to {MAX_COUNT} is read")
        _require_same("trial", event.trial, number)
        require_probabilities("matchness", [event.matchness, event.incumbent_matchness])
        best = event.matchness if event.is_kept else self._incumbent_matchness
        _require_same("incumbent_matchness", event.incumbent_matchness, best)
        self._require_layers(event.skip_set)
        if event.is_kept:
            self._incumbent, self._incumbent_matchness = event.skip_set, event.matchness
        self._trial = event

    def _check_phase(self, event: PhaseChanged) -> None:
        phase = _PHASE_OF.get(event.reason, "accelerating")
        require(event.phase == phase, f"{event.reason!r} cannot be the reason for {event.phase!r}")
        if self._phase is None:
            _require_same("round", event.round, 0)
        elif event.phase == "accelerating":
            require(isinstance(self._last, SkipSetTried), "a search ends only after a trial")
            _require_same("round", event.round, self._round + 1)
            self._incumbent = None  # at its end the search settles on one of the tried sets
        else:
            require(isinstance(self._last, RoundVerified | ThresholdMoved), "a search begins after a round")
            require(
                (self._phase.phase, event.phase) == ("accelerating", "optimising again"),
                f"{event.phase!r} cannot follow {self._phase.phase!r}",
            )
            _require_same("round", event.round, self._round)
        self._phase = event

    def _check_draft(self, event: TokensDrafted, pieces: Sequence[str]) -> None:
        self._require_next_round(event)
        check_draft(event, pieces, self._config)
        self._require_ids(event.token_ids)
        self._require_layers(event.skip_set)
        require(self._incumbent in (None, event.skip_set), "the draft's skip_set is not the incumbent")
        if self._threshold is not None:
            _require_same("threshold", event.threshold, self._threshold)
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
        _require_same("round", event.round, self._round)
        _require_same("old_threshold", event.old_threshold, self._threshold)
        require_probabilities("threshold", [event.threshold, event.acceptance_rate])
        self._threshold = event.threshold

    def _require_next_round(self, event: Event) -> None:
        require(self._has_read, "the prompt was not read yet")
        require(not self._is_over, "the text ended within the draft before")
        self._require_read_prompt()
        _require_same("round", event.round, self._round + 1)


def _require_same(name: str, told: float, known: float | None) -> None:
    require(told == known, f"{name}={told}, but it is {known}")
