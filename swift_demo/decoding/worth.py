"""Whether drafting pays: what passes have cost, how often drafts have been right, and what follows from it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from swift_demo.config import TreeLevel
from swift_demo.decoding.calibration import Calibration, SiblingRecord
from swift_demo.decoding.draft_rule import PayingDrafting
from swift_demo.decoding.ledger import EARNED_BACK_IN
from swift_demo.events import PhaseReason, RoundVerified, TokensDrafted
from swift_demo.search.costs import PassCosts, best_draft
from swift_demo.search.matchness import ScoredDraft
from swift_demo.skip_set import SkipSet

_JUDGED = 64  # drafted tokens that the acceptance is an average of
_MOST_REHEARSED = 16  # that a trial counts for beside them
_REMEMBERED_COST = 48.0  # of the rounds whose real speed is remembered, in tokens decoded plainly
_PROMISED_COST = 24.0  # that a promised speed counts for beside them
_TOLD_EVERY = 20.0  # what rounds must have cost so that they say something of the text
_TOLD_FROM, _FEWEST_TOLD = 50, 16  # the latest judged tokens that they tell it from
_SUPPOSED = 0.85  # acceptance of a set that was given: somebody chose it, and a few drafts show if it is less
_SUPPOSED_JUDGED = 8.0  # how many judged tokens a supposed acceptance counts for
_LOST_ROUND = 0.5  # rounds of a rehearsal that are taken to fail, beside those that did
_STARTS = 3  # of a rehearsal, one token after the other
_START_ABOVE, _STOP_BELOW = 1.02, 0.99  # so that a decision is not changed by the next token
_FIRST_PAUSE, _LONGEST_PAUSE = 16, 512  # in tokens
_PROMISES = 4.0  # whose keeping is averaged
_ROUNDS_BETWEEN_PLAIN = 32  # while drafting: what all costs are compared with has to be measured too


@dataclass(frozen=True, slots=True)
class Weighing:
    """The numbers of a decision; see ``DraftingWeighed``."""

    draft_cost: float
    num_verified: int
    verification_cost: float
    acceptance: float
    num_judged: int
    best_length: int
    predicted_speedup: float


@dataclass(frozen=True, slots=True)
class _Round:
    """What a drafted round gave and what it cost."""

    num_tokens: int
    cost: float
    num_judged: int


class Worth:
    """The record of one decoder's drafts, and the decision that follows for the next round.

    Decisions look at past rounds and costs only, never at the tokens that the round will draw. So whether a
    round drafts, and how far, says nothing about these tokens, and the text keeps the target's distribution.

    Attributes:
        is_drafting: Whether rounds draft.
        is_known: Whether anything is known of the set, so that a decision could be made.
        pause: Tokens until drafting is looked at again, when it was given up last.
    """

    def __init__(self, max_tokens: int, levels: Sequence[TreeLevel], kept_promises: float = 1.0):
        self._max_tokens = max_tokens
        self._levels = levels
        self.calibration = Calibration()
        self.siblings = SiblingRecord()
        self.is_drafting = False
        self.pause = _FIRST_PAUSE
        self._set: SkipSet | None = None
        self._rounds_since_plain = _ROUNDS_BETWEEN_PLAIN
        self._kept_promises = kept_promises  # what rounds gave of what a trial of their set promised
        self._begin_set()

    def in_form(self, max_tokens: int, levels: Sequence[TreeLevel]) -> Worth:
        """What this record says of drafts of another length or with other siblings."""
        worth = Worth(max_tokens, levels, self._kept_promises)
        worth.calibration, worth.siblings = self.calibration, self.siblings
        if self._set is not None and self.is_known:
            worth.suppose(self._set, self.acceptance)
        return worth

    def _begin_set(self) -> None:
        self._expected = (0.0, 0.0)  # chance, and how many judged tokens it counts for
        self._is_supposed = False  # whether nothing but a supposition stands behind that
        self._promised: float | None = None
        self._judged: deque[bool] = deque(maxlen=_JUDGED)
        self._earned, self._spent = 0.0, 0.0  # by rounds: tokens, and what they cost
        self._begin_record()

    def _begin_record(self) -> None:
        self._latest: deque[tuple[bool, float]] = deque(maxlen=_TOLD_FROM)  # judged tokens of this text
        self._since_told = 0.0  # what rounds of this text cost since they were told

    @property
    def is_known(self) -> bool:
        return self._expected[1] > 0 or len(self._judged) > 0

    def suppose(self, skip_set: SkipSet, acceptance: float = _SUPPOSED) -> None:
        """Expect this of a set that the next draft skips, since it was found before."""
        if self.follow(skip_set):
            self._expected = (acceptance, _SUPPOSED_JUDGED)
            self._is_supposed = True

    def scored(self, skip_set: SkipSet, scored: ScoredDraft, costs: PassCosts) -> None:
        """A trial scored the set that the next draft skips; rounds before it count half from now on."""
        self.follow(skip_set)
        self._fade()
        depth = 0
        for confidence, is_right in zip(scored.confidences, scored.is_right, strict=True):
            self.calibration.add(confidence, is_right, depth)
            depth = depth + 1 if is_right else 0
        self.calibration.refit()
        rounds = self._rehearse(scored, skip_set, costs)
        num_judged = sum(r.num_judged for r in rounds)
        num_right = sum(r.num_tokens - 1 for r in rounds)
        # A window in which everything was right is still a small one.
        self._expected = ((num_right + 0.5) / (num_judged + 1), min(num_judged / _STARTS, _MOST_REHEARSED))
        self._is_supposed = False
        self._promised = _speed_of(rounds)

    def promised_by(self, scored: ScoredDraft, skip_set: SkipSet, costs: PassCosts) -> float:
        """Tokens per time that a trial promises for its set, over those of plain decoding."""
        return self._kept_promises * _speed_of(self._rehearse(scored, skip_set, costs))

    def _rehearse(self, scored: ScoredDraft, skip_set: SkipSet, costs: PassCosts) -> list[_Round]:
        """The rounds that this draft would have made of the tokens scored, begun at several of them."""
        num_scored = len(scored.is_right)
        matchness = (sum(scored.is_right) + 0.5) / (num_scored + 1)
        best = best_draft(matchness, skip_set, costs, self._max_tokens)
        # Rounds go on at the window's beginning where it ends, which would cut them short otherwise.
        is_right, confidences = 2 * scored.is_right, 2 * scored.confidences
        rounds = []
        for start in range(min(_STARTS, num_scored)):
            place = start
            while place < num_scored:
                rule = PayingDrafting(
                    max_tokens=min(self._max_tokens, num_scored),
                    levels=(),
                    calibration=self.calibration,
                    siblings=self.siblings,
                    acceptance=matchness,
                    speedup=max(1.0, best.speedup),
                    token_cost=costs.of_draft(skip_set),
                    further_cost=costs.further,
                )
                length = _length_of(rule, confidences[place:])
                num_right = len(list(takewhile(bool, is_right[place : place + length])))
                cost = length * costs.of_draft(skip_set) + costs.of_verification(length + 1)
                rounds.append(_Round(num_right + 1, cost, min(num_right + 1, length)))
                place += num_right + 1
        return rounds

    def follow(self, skip_set: SkipSet) -> bool:
        """The next draft skips this set: whether it is another one, for which the record does not count."""
        if skip_set == self._set:
            return False
        self._set = skip_set
        self._begin_set()
        return True

    def _fade(self) -> None:
        self._earned /= 2
        self._spent /= 2

    @property
    def acceptance(self) -> float:
        """The chance that a drafted token is right if those before it are."""
        chance, weight = self._expected
        return (chance * weight + sum(self._judged)) / max(weight + len(self._judged), 1e-9)

    @property
    def num_judged(self) -> int:
        """How many tokens the acceptance is known from; what is only supposed is known from none."""
        return len(self._judged) + (0 if self._is_supposed else round(self._expected[1]))

    def weigh(self, costs: PassCosts) -> Weighing:
        """What the best draft costs and promises now."""
        assert self._set is not None
        best = best_draft(self.acceptance, self._set, costs, self._max_tokens)
        promised = best.speedup if self._promised is None else self._promised
        earned, spent = self._earned + _PROMISED_COST * promised, self._spent + _PROMISED_COST
        return Weighing(
            draft_cost=costs.of_draft(self._set),
            num_verified=best.length + 1,
            verification_cost=costs.of_verification(best.length + 1),
            acceptance=self.acceptance,
            num_judged=self.num_judged,
            best_length=best.length,
            predicted_speedup=earned / spent,
        )

    def has_news_of(self, skip_set: SkipSet) -> bool:
        """Whether enough rounds of this text skipped this set since its speed was told last."""
        return skip_set == self._set and self._since_told >= _TOLD_EVERY and len(self._latest) >= _FEWEST_TOLD

    def told_speed(self, costs: PassCosts) -> float:
        """What a trial of the set would promise on the latest text, since its drafts were judged there.

        The same estimate as a trial's, so that both can be compared.
        """
        assert self._set is not None
        self._since_told = 0.0
        if self._promised:
            kept = self._earned / self._spent / self._promised
            self._kept_promises += (min(kept, 1.0) - self._kept_promises) / _PROMISES
        is_right, confidences = zip(*self._latest, strict=True)
        return self.promised_by(ScoredDraft(is_right, confidences), self._set, costs)

    def hoped_speedup(self, weighing: Weighing, costs: PassCosts) -> float:
        """What would be predicted if the tokens judged so far were unlucky ones, by a standard error."""
        assert self._set is not None
        chance, num_judged = weighing.acceptance, self._expected[1] + len(self._judged)
        hoped = min(1.0, chance + math.sqrt(chance * (1 - chance) / (num_judged + 1)))
        then, now = (best_draft(c, self._set, costs, self._max_tokens).speedup for c in (hoped, chance))
        return weighing.predicted_speedup * then / now

    def decide(self, weighing: Weighing, lost: float, hope: PassCosts | None = None) -> bool:
        """Whether the next rounds draft: because it pays, or because it may, which a few rounds tell best.

        Where it nearly pays, these rounds cost next to nothing.

        Args:
            lost: Tokens that the lane is behind plain decoding in this text.
            hope: Costs, if there is credit left for finding out at these whether it pays after all.
        """
        before = self.is_drafting
        bound = _STOP_BELOW if before else max(_START_ABOVE, 1 + lost / EARNED_BACK_IN)
        is_worth_it = weighing.predicted_speedup > bound or (
            hope is not None and self.hoped_speedup(weighing, hope) > _START_ABOVE
        )
        self.is_drafting = self.is_known and is_worth_it
        if before and not self.is_drafting:
            self.pause = _FIRST_PAUSE
        return self.is_drafting

    def reason(self, weighing: Weighing) -> PhaseReason:
        """Why the next rounds draft, or do not."""
        if not self.is_drafting:
            return "drafting does not pay"
        return "drafting pays" if weighing.predicted_speedup > _STOP_BELOW else "drafting may pay"

    def begin_text(self) -> None:
        """Another text may be an easier one: drafting is looked at sooner, and rounds so far count half."""
        self.pause = max(_FIRST_PAUSE, self.pause // 4)
        self._begin_record()
        self._fade()

    def looked_again(self) -> None:
        """Drafting was looked at again, and still does not pay: the next look comes later."""
        self.pause = min(2 * self.pause, _LONGEST_PAUSE)

    def is_due_plain(self) -> bool:
        """Whether this round decodes plainly so that a plain token's cost stays known."""
        self._rounds_since_plain += 1
        if self._rounds_since_plain <= _ROUNDS_BETWEEN_PLAIN:
            return False
        self._rounds_since_plain = 0
        return True

    def rule(self, costs: PassCosts, weighing: Weighing | None = None) -> PayingDrafting:
        """How far the next draft goes, by what was weighed just now, if it was."""
        weighing = weighing or self.weigh(costs)
        return PayingDrafting(
            max_tokens=self._max_tokens,
            levels=self._levels,
            calibration=self.calibration,
            siblings=self.siblings,
            acceptance=weighing.acceptance,
            speedup=max(1.0, weighing.predicted_speedup),
            token_cost=weighing.draft_cost,
            further_cost=costs.further,
        )

    def learn(self, drafted: TokensDrafted, verified: RoundVerified, costs: PassCosts) -> None:
        """Take in a round that drafted."""
        for place in range(min(verified.num_accepted + 1, verified.num_judged)):
            is_right = place < verified.num_accepted
            self._judged.append(is_right)
            self._latest.append((is_right, drafted.confidences[place]))
            self.calibration.add(drafted.confidences[place], is_right, place)
        self.calibration.refit()
        if verified.num_accepted < verified.num_judged:
            self._learn_siblings(drafted, verified)
        num_nodes = len(drafted.token_ids)
        cost = verified.num_drafted * costs.of_draft(drafted.skip_set) + costs.of_verification(num_nodes + 1)
        kept = max(0.0, 1 - cost / _REMEMBERED_COST)
        self._earned = kept * self._earned + len(verified.token_ids)
        self._spent = kept * self._spent + cost
        self._since_told += cost

    def _learn_siblings(self, drafted: TokensDrafted, verified: RoundVerified) -> None:
        """The place where the chain was wrong shows whether a sibling was right."""
        place, first = verified.num_accepted, verified.num_drafted
        siblings = [node for node in range(first, len(drafted.parents)) if drafted.parents[node] == place - 1]
        accepted = verified.accepted[-1] if verified.num_rescued else None
        right = siblings.index(accepted) if accepted is not None else None
        self.siblings.add(len(siblings), right)


def _length_of(rule: PayingDrafting, confidences: Sequence[float]) -> int:
    """How long the draft would be with these confidences."""
    for place, confidence in enumerate(confidences[: rule.max_tokens]):
        if confidence < rule.after(confidence).threshold:
            return place + 1
    return min(rule.max_tokens, len(confidences))


def _speed_of(rounds: Sequence[_Round]) -> float:
    """Tokens per time, if one more round were half lost: a window where all was right is still a small one."""
    cost = sum(r.cost for r in rounds)
    return (sum(r.num_tokens for r in rounds) + _LOST_ROUND) / (cost * (1 + _LOST_ROUND / len(rounds)))
