"""The story of the SWIFT lane: trials, drafts and verdicts, and what is learned from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from swift_demo.config import SwiftConfig
from swift_demo.events import (
    DraftingWeighed,
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
from swift_demo.trace.story.rounds import (
    check_draft,
    check_plain,
    check_thresholds,
    check_verdict,
    require,
    require_probabilities,
)
from swift_demo.trace.story.weighing import check_weighing

_PHASE_OF: dict[str, Phase] = {
    "start": "optimising",
    "acceptance fell": "optimising again",
    "drafting does not pay": "standing aside",
}
_DRAFTS = (TokensDrafted, RoundVerified)  # a round without a draft begins with its verdict
_BEGINS_ROUND = (SkipSetTried, DraftingWeighed, *_DRAFTS, GenerationFinished)


class SwiftStory(LaneStory):
    """Trials, a draft or none, and a verdict in each round; between them phase and threshold change."""

    lane = "swift"
    FOLLOWS: ClassVar = {
        GenerationStarted: (PhaseChanged,),
        PromptRead: _BEGINS_ROUND,
        SkipSetTried: (PhaseChanged, *_BEGINS_ROUND),
        DraftingWeighed: (PhaseChanged, *_DRAFTS),
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

    @property
    def _stands_aside(self) -> bool:
        return self._phase is not None and self._phase.phase == "standing aside"

    @property
    def _is_measured(self) -> bool:
        return self._config.threshold_rule == "measured"

    def _check(self, event: Event, pieces: Sequence[str]) -> None:
        super()._check(event, pieces)
        if isinstance(self._last, DraftingWeighed):
            is_due = self._last.is_drafting == self._stands_aside
            is_change = isinstance(event, PhaseChanged)
            require(is_change == is_due, "the phase changes just where a weighing says so")
        if isinstance(event, SkipSetTried):
            self._check_trial(event)
        elif isinstance(event, DraftingWeighed):
            self._check_weighing(event)
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
        if isinstance(self._last, RoundVerified) and not self._last.token_ids:
            require(event.stop_reason == "invalid logits", "the last round gave no token")

    def _check_trial(self, event: SkipSetTried) -> None:
        self._require_next_round(event)
        phase = self._phase.phase if self._phase else None
        require(phase != "accelerating", "a skip set was tried while the search was over")
        require(self._config.search.is_enabled, "a skip set was tried though the search is off")
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
        if self._stands_aside:
            self._incumbent = None  # the search may end with this trial without a word, and settle on another
        self._trial = event

    def _check_weighing(self, event: DraftingWeighed) -> None:
        self._require_next_round(event)
        require(self._is_measured, f"the rule is {self._config.threshold_rule!r}, which weighs nothing")
        check_weighing(event, self._config, MAX_COUNT)

    def _check_phase(self, event: PhaseChanged) -> None:
        takes_up = event.reason in ("drafting pays", "drafting may pay")
        if takes_up:
            require(
                event.phase != "standing aside", f"{event.reason!r} cannot be the reason for {event.phase!r}"
            )
        else:
            phase = _PHASE_OF.get(event.reason, "accelerating")
            require(event.phase == phase, f"{event.reason!r} cannot be the reason for {event.phase!r}")
        if self._phase is None:
            _require_same("round", event.round, 0)
            require(not takes_up, "a lane does not begin with a change")
            require(
                event.phase != "standing aside" or self._is_measured,
                f"the rule is {self._config.threshold_rule!r}, which drafts in each round",
            )
        elif takes_up or event.reason == "drafting does not pay":
            require(isinstance(self._last, DraftingWeighed), f"{event.reason!r} was not weighed")
            _require_same("round", event.round, self._round + 1)
        elif event.phase == "accelerating":
            require(isinstance(self._last, SkipSetTried), "a search ends only after a trial")
            require(not self._stands_aside, "the search cannot end aloud while SWIFT stands aside")
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
        is_test = not self._config.search.is_enabled
        require(is_test or not self._stands_aside, "a draft came while SWIFT stands aside")
        check_draft(event, pieces, self._config)
        check_thresholds(event, self._is_measured)
        self._require_ids(event.token_ids)
        self._require_layers(event.skip_set)
        require(self._incumbent in (None, event.skip_set), "the draft's skip_set is not the incumbent")
        if self._threshold is not None and not self._is_measured:
            _require_same("threshold", event.threshold, self._threshold)
        self._draft, self._incumbent, self._threshold = event, event.skip_set, event.threshold

    def _check_verdict(self, event: RoundVerified, pieces: Sequence[str]) -> None:
        self._require_next_round(event)
        if self._draft is None:
            require(self._is_measured, "a round was verified that drafted nothing")
            check_plain(event, pieces)
        else:
            check_verdict(event, self._draft, pieces)
        self._require_ids([i for others in event.alternatives for i in others.token_ids])
        self._require_ids(event.token_ids)
        self._add_tokens(event.token_ids)
        self._round += 1
        self._is_over = event.next_token_id is None
        self._draft = None

    def _check_threshold(self, event: ThresholdMoved) -> None:
        require(self._config.threshold_rule == "adaptive", "only an adaptive threshold moves")
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
