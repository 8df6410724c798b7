"""What happened while text was generated: one frozen dataclass per fact.

The decoders yield these, and everything else (page, plots, trace, metrics, benchmark, tests) reads
them. They hold numbers, tuples, settings and SkipSets only: no tensors, no text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from swift_demo.brief import BriefRepr
from swift_demo.config import SamplingConfig, SwiftConfig
from swift_demo.skip_set import SkipSet

Lane = Literal["vanilla", "swift"]
DraftStop = Literal["low confidence", "draft limit", "end of text", "token limit", "invalid logits"]
NextTokenKind = Literal["corrected", "bonus", "plain"]
Phase = Literal["optimising", "accelerating", "optimising again", "standing aside"]
PhaseReason = Literal[
    "start",
    "search is off",
    "matchness reached",
    "no improvement",
    "trials used up",
    "acceptance fell",
    "drafting does not pay",
    "drafting pays",
    "drafting may pay",
]
Proposer = Literal["start", "incumbent", "fixed", "random", "bayesian", "swap", "hidden states", "contribution"]
StopReason = Literal[
    "end of text",
    "token limit",
    "context full",
    "stop string",
    "stopping criterion",
    "cancelled",
    "invalid logits",
]


@dataclass(frozen=True, slots=True, repr=False)
class Event(BriefRepr):
    """Something that happened in a lane.

    Attributes:
        lane: Which of the two ways of decoding.
        round: Draft-and-verify round it belongs to, from 1; 0 before the first. Vanilla: one token each.
        clock_s: Seconds of the lane's own compute when it happened, device-synchronised. What has passed since
            the lane's previous event was spent on what this one reports.
    """

    lane: Lane
    round: int
    clock_s: float


@dataclass(frozen=True, slots=True, repr=False)
class GenerationStarted(Event):
    """The prompt was accepted; nothing is computed yet. ``swift`` is None in the vanilla lane.

    ``max_new_tokens`` is what was asked for; the text may end earlier, where the model's context does.
    ``vocab_size`` is None only in traces from before it was recorded.
    """

    prompt_ids: tuple[int, ...]
    max_new_tokens: int
    num_layers: int
    sampling: SamplingConfig
    swift: SwiftConfig | None
    skip_set: SkipSet
    vocab_size: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class PromptRead(Event):
    """The prompt except its last token is in the cache; less of it if the run was cancelled meanwhile."""

    num_tokens: int


@dataclass(frozen=True, slots=True, repr=False)
class TokenDecoded(Event):
    """Vanilla: one forward gave one token; ``target_prob`` is its probability (unprocessed softmax)."""

    token_id: int
    target_prob: float


@dataclass(frozen=True, slots=True, repr=False)
class TokensDrafted(Event):
    """The draft proposed a tree of tokens; node i hangs under ``parents[i]`` (-1: the last token).

    Attributes:
        token_ids: (D,) drafted ids, parents before children.
        parents: (D,) index of each node's parent.
        confidences: (D,) the draft's top-1 probability when the node was drafted.
        draft_probs: (D,) probability under the draft's processed distribution (greedy: 1.0).
        threshold: Confidence threshold in force; a measured one is that of the chain's last token.
        stop_reason: Why drafting stopped.
        skip_set: Sub-layers that the draft skipped.
        thresholds: For each token of the chain, the confidence below which drafting stopped there, if the
            thresholds are measured ones; else empty.
    """

    token_ids: tuple[int, ...]
    parents: tuple[int, ...]
    confidences: tuple[float, ...]
    draft_probs: tuple[float, ...]
    threshold: float
    stop_reason: DraftStop
    skip_set: SkipSet
    thresholds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Alternatives(BriefRepr):
    """The likeliest tokens at one place of the draft: K of them, the target's likeliest first.

    Probabilities are those that decided: from the unprocessed softmax in greedy decoding, from the processed
    distributions in sampling.

    Attributes:
        token_ids: (K,) the likeliest of target and draft, those drafted there, and the one that was taken.
        target_probs: (K,) the target's.
        draft_probs: (K,) the draft's; empty for the bonus token, which was not drafted.
        residual: (K,) in sampling max(target - draft, 0), in proportion to which the corrected token is drawn;
            if several tokens were rejected, what the last rejection left. Empty otherwise.
    """

    token_ids: tuple[int, ...]
    target_probs: tuple[float, ...]
    draft_probs: tuple[float, ...]
    residual: tuple[float, ...]


@dataclass(frozen=True, slots=True, repr=False)
class RoundVerified(Event):
    """The target judged the draft and added a token of its own.

    A round may draft nothing; then it is the target's token alone, and no ``TokensDrafted`` comes before it.

    Attributes:
        num_drafted: D, length of the drafted chain.
        accepted: Indices of accepted nodes, from the root down.
        target_probs: (D,) the target's probability of each drafted token (unprocessed softmax); 0 if its logits
            were not numbers.
        next_token_id: The token that the target added; None if the text ended inside the draft, or because
            the target's logits were not numbers.
        next_token_kind: "corrected" after a rejection, "bonus" after full acceptance, "plain" without a draft.
        next_token_prob: The target's probability of it.
        token_ids: What the round added to the text, accepted first.
        alternatives: For each token of the chain, then for the bonus token if there is one; empty unless they
            were asked for.
    """

    num_drafted: int
    accepted: tuple[int, ...]
    target_probs: tuple[float, ...]
    next_token_id: int | None
    next_token_kind: NextTokenKind | None
    next_token_prob: float | None
    token_ids: tuple[int, ...]
    alternatives: tuple[Alternatives, ...] = ()

    @property
    def num_accepted(self) -> int:
        """Accepted tokens of the drafted chain, whose nodes come before all siblings."""
        return sum(node < self.num_drafted for node in self.accepted)

    @property
    def num_judged(self) -> int:
        """Places of the chain that the text reached; what was drafted past its end says nothing."""
        return self.num_drafted if self.next_token_id is not None else len(self.accepted)

    @property
    def num_rescued(self) -> int:
        """Accepted siblings: tokens drafted beside a rejected one of the chain."""
        return len(self.accepted) - self.num_accepted


@dataclass(frozen=True, slots=True, repr=False)
class SkipSetTried(Event):
    """A trial: one skip set was scored on the most recent generated tokens.

    Attributes:
        trial: Number of the trial in the decoder's life, from 1.
        proposer: Who proposed the set.
        skip_set: The set that was scored.
        matchness: Share of the scored positions where the draft's argmax is the generated token.
        num_positions: How many positions were scored.
        is_kept: Whether the set is the incumbent after this trial.
        incumbent_matchness: Score of the incumbent after this trial.
    """

    trial: int
    proposer: Proposer
    skip_set: SkipSet
    matchness: float
    num_positions: int
    is_kept: bool
    incumbent_matchness: float


@dataclass(frozen=True, slots=True, repr=False)
class ThresholdMoved(Event):
    """The adaptive rule moved the confidence threshold after a round.

    Attributes:
        acceptance_rate: Smoothed; what the rule compares with its goal.
    """

    old_threshold: float
    threshold: float
    acceptance_rate: float

    @property
    def reason(self) -> str:
        """Why it moved."""
        return "acceptance below its goal" if self.threshold > self.old_threshold else "acceptance at its goal"


@dataclass(frozen=True, slots=True, repr=False)
class DraftingWeighed(Event):
    """What drafting costs and brings was weighed against decoding plainly; comes before a ``PhaseChanged``
    that follows from it, and again whenever its numbers are renewed.

    Costs are in tokens decoded plainly: one forward of the whole target over one token is 1.

    Attributes:
        draft_cost: Of one drafted token.
        num_verified: How many tokens one verification would have: the best draft's and the one before it.
        verification_cost: Of one such verification.
        acceptance: The chance that a drafted token is right if all before it in its draft are.
        num_judged: Drafted or scored tokens that this chance is known from; 0 if it is only supposed.
        best_length: Draft length, from 1 on, that promises most tokens per time.
        predicted_speedup: Tokens per time with it, over those of plain decoding; below 1 it would be a loss.
        is_drafting: Whether the next rounds draft.
        plain_token_s: Seconds of one token decoded plainly.
        drafted_token_s: Seconds of one token with the best draft.
        pause: If nothing is drafted, how many tokens come at least until drafting is looked at again; else 0.
    """

    draft_cost: float
    num_verified: int
    verification_cost: float
    acceptance: float
    num_judged: int
    best_length: int
    predicted_speedup: float
    is_drafting: bool
    plain_token_s: float
    drafted_token_s: float
    pause: int


@dataclass(frozen=True, slots=True, repr=False)
class PhaseChanged(Event):
    """The search began, ended, or began again; or drafting was given up, or taken up again."""

    phase: Phase
    reason: PhaseReason


@dataclass(frozen=True, slots=True, repr=False)
class GenerationFinished(Event):
    """The lane is done; seconds are parts of ``clock_s``. Vanilla decodes in ``verify_s``.

    Attributes:
        stop_reason: Why the text ended: "context full" if the model has no position left though more tokens
            were asked for; "invalid logits" if those of the next token had no largest number, because weights
            are broken or processors ruled out everything.
    """

    stop_reason: StopReason
    num_tokens: int
    prompt_s: float
    draft_s: float
    verify_s: float
    search_s: float


EVENT_TYPES: dict[str, type[Event]] = {
    cls.__name__: cls
    for cls in (
        GenerationStarted,
        PromptRead,
        TokenDecoded,
        TokensDrafted,
        RoundVerified,
        SkipSetTried,
        ThresholdMoved,
        DraftingWeighed,
        PhaseChanged,
        GenerationFinished,
    )
}

Callback = Callable[[Event], None]
E = TypeVar("E", bound=Event)


def on(event_type: type[E], fn: Callable[[E], None]) -> Callback:
    """A callback that hands ``fn`` the events of one type and ignores the others."""

    def pick(event: Event) -> None:
        if isinstance(event, event_type):
            fn(event)

    return pick
