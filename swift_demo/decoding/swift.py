"""SWIFT: draft with sub-layers skipped, verify with the whole target, look for better sub-layers to skip."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from swift_demo.config import SwiftConfig
from swift_demo.decoding.alternatives import alternatives
from swift_demo.decoding.decoder import Decoder
from swift_demo.decoding.draft import MAX_SIBLINGS, Draft, draft_tree
from swift_demo.decoding.draft_rule import DraftRule, ThresholdDrafting
from swift_demo.decoding.lane import LaneState
from swift_demo.decoding.learned import Learned
from swift_demo.decoding.ledger import CREDIT, Budget, Ledger
from swift_demo.decoding.request import Request
from swift_demo.decoding.threshold import Threshold
from swift_demo.decoding.verify import Verdict, verify
from swift_demo.decoding.worth import Weighing, Worth
from swift_demo.events import (
    Alternatives,
    DraftingWeighed,
    Event,
    GenerationStarted,
    NextTokenKind,
    Phase,
    PhaseChanged,
    PhaseReason,
    PromptRead,
    RoundVerified,
    SkipSetTried,
    ThresholdMoved,
    TokensDrafted,
)
from swift_demo.known_sets import add_known_set, load_known_set
from swift_demo.model.kv_cache import KVCache
from swift_demo.model.target import Target
from swift_demo.search.contributions import read_and_compare
from swift_demo.search.costs import PassCosts
from swift_demo.search.hidden_states import WINDOW, CloseDraft, closest_drafts, num_slots
from swift_demo.search.layer_search import LayerSearch
from swift_demo.search.looks import Look
from swift_demo.search.matchness import score_draft
from swift_demo.skip_set import SkipSet

_NOTHING_SKIPPED = SkipSet()
_WEIGHED_EVERY = 8  # rounds, if nothing changes
_ANY_LOSS = 1e9  # as a share: not infinite, since before anything was spent it is a share of nothing
_TEST_CREDIT = 4.0  # for a draft tested though nothing says that it pays: more than hoping may use up
_LOOK_CREDIT = 5.0  # tokens that may be lost for a look at hidden states, which judges sets of all sizes


class SwiftDecoder(Decoder):
    """Decodes a stream of prompts; what it learns about skip sets is kept until ``reset``.

    Args:
        target: The model; only read, so decoders may share it.
        config: SWIFT's settings.
        skip_set: Where the search starts; the uniform set of the skip ratio if not given.
        candidates: Sets that the search tries before all others.
    """

    def __init__(
        self,
        target: Target,
        config: SwiftConfig | None = None,
        skip_set: SkipSet | None = None,
        candidates: Sequence[SkipSet] = (),
    ):
        self.target = target
        self.config = config or SwiftConfig()
        self._start_set = skip_set
        self._candidates = tuple(candidates)
        self.reset()

    def save_set(self, path: str | Path, task: str) -> None:
        """Keep the incumbent in a file in the form of ``skip_layers.json``, named by model and task.

        Raises:
            KnownSetsError: If the file exists but does not list skip sets.
        """
        add_known_set(path, self.target.name, task, self.skip_set)

    def load_set(self, path: str | Path, task: str) -> None:
        """Begin afresh from a set that was saved for this model, or published under the name ``task``.

        Raises:
            KnownSetsError: If there is no such set or it does not fit the model. What was learned is then kept.
        """
        self._start_set = load_known_set(path, self.target.name, task, self.target.num_layers)
        self.reset()

    def reset(self) -> None:
        """Forget what was learned; the first set skipped is again the one given or loaded."""
        config = self.config
        search = LayerSearch(self.target.num_layers, config, self._start_set, self._candidates)
        worth = Worth(config.max_draft_tokens, config.tree_levels)
        if self._start_set is not None:
            worth.suppose(self._start_set)
        self.learned = Learned(search, Threshold(config), worth, PassCosts(self.target), Budget())

    def go_on_from(self, learned: Learned, before: SwiftConfig) -> None:
        """Go on from what a decoder of the same model learned, as far as these settings can use it.

        Args:
            before: The settings under which it was learned.
        """
        self.learned = learned.carried_to(self.config, before, self._start_set, self._candidates)

    @property
    def skip_set(self) -> SkipSet:
        """The incumbent: what the next draft skips."""
        return self.learned.search.incumbent

    @property
    def _is_measured(self) -> bool:
        return self.config.threshold_rule == "measured"

    @torch.inference_mode()
    def _decode(self, request: Request) -> Generator[Event, None, None]:
        self.target.look_again()
        if self.learned.search.num_layers != self.target.num_layers:
            self.reset()
        state = LaneState("swift", self.target, request, self._spare_slots)
        is_measured = request.sampling.is_greedy and (self._is_measured or self.learned.search.is_for_speed)
        # A sampled text must not depend on a clock, nor need SWIFT as published.
        costs = self.learned.costs if is_measured else PassCosts(self.target, is_measured=False)
        self.learned.search.costs = costs
        run = _Run(state, Ledger(costs, state.clock, self.learned.budget), self.learned.search.phase)
        yield GenerationStarted(
            "swift",
            0,
            0.0,
            prompt_ids=state.prompt_ids,
            max_new_tokens=state.max_new_tokens,
            num_layers=self.target.num_layers,
            sampling=request.sampling,
            swift=self.config,
            skip_set=self.skip_set,
            vocab_size=self.target.vocab_size,
        )
        self.learned.search.begin_text()
        self.learned.worth.begin_text()
        self.learned.budget.begin_text()
        yield PhaseChanged("swift", 0, 0.0, run.phase, self.learned.search.reason)
        yield self._read_prompt(run)
        while state.goes_on():
            state.round += 1
            if self._wants_trial(run):
                yield from self._try_skip_set(run)
            if (yield from self._decides_to_draft(run)):
                yield from self._draft_and_verify(run)
            else:
                yield from self._decode_plainly(run)
        yield state.finished()

    @property
    def _spare_slots(self) -> int:
        """Cache slots past the text, for whatever needs most: a draft, a trial, a look at hidden states."""
        search = self.config.search
        looks = search.is_enabled and search.hidden_states_interval > 0
        look = num_slots(self.learned.search.look_size) if looks else 0
        return 1 + max(self.config.max_draft_tokens + MAX_SIBLINGS, search.context_window, look)

    def _read_prompt(self, run: _Run) -> PromptRead:
        """Read the prompt, and see on the way what its sub-layers contribute."""
        seen: list[tuple[np.ndarray, int]] = []

        def read(token_ids: torch.Tensor, cache: KVCache, slot: int) -> None:
            seen.append((read_and_compare(self.target, token_ids, cache, slot), len(token_ids)))

        event = run.state.read_prompt(read if self.learned.search.wants_contributions else None)
        if seen:  # in parts, if it was long: the longest says most
            self.learned.search.contributions.add(*max(seen, key=lambda part: part[1]))
        if event.num_tokens:
            run.ledger.add("prompt", event.num_tokens, _NOTHING_SKIPPED, is_alone=False)
            run.ledger.add_beside("prompt")
        return event

    def _wants_trial(self, run: _Run) -> bool:
        """Whether to try a set now; rarely where drafting does not pay, since little is to be won."""
        state, search, worth = run.state, self.learned.search, self.learned.worth
        num_generated = state.num_generated
        if run.phase == "standing aside":
            is_due = num_generated - run.looked_at >= worth.pause
            return is_due and self.config.search.is_enabled and self._affords_trial(run, _NOTHING_SKIPPED)
        is_score_missing = search.is_for_speed and not search.is_scored(num_generated)
        is_drafting = worth.is_drafting and worth.is_known
        if is_score_missing and is_drafting and not worth.has_news_of(self.skip_set):
            return False  # a few more rounds say for nothing what a trial of the incumbent would
        return search.wants_trial(state.round, num_generated) and self._affords_trial(run, self.skip_set)

    def _affords_trial(self, run: _Run, skip_set: SkipSet) -> bool:
        return self._affords(run, run.ledger.costs.at_most(self._num_scored(run), skip_set))

    def _num_scored(self, run: _Run) -> int:
        return self.learned.search.num_scored(run.state.num_generated, run.phase == "standing aside")

    def _affords(self, run: _Run, cost: float, credit: float = CREDIT) -> bool:
        # Under a given threshold rounds draft at whatever loss, which is not the search's to save.
        loss_share = self.config.search.max_loss_share if self._is_measured else _ANY_LOSS
        promised = run.weighing.predicted_speedup if run.weighing else 0.0
        return run.ledger.affords(cost, self.learned.search.time_share, loss_share, promised, credit)

    def _try_skip_set(self, run: _Run) -> Iterator[Event]:
        """One trial: propose a set, score it on the latest text, keep it if it beats the incumbent."""
        state, search, ledger, worth = run.state, self.learned.search, run.ledger, self.learned.worth
        with state.clock.running("search"):
            stands_aside = run.phase == "standing aside"
            if search.is_for_speed and worth.has_news_of(self.skip_set):
                search.renew(worth.told_speed(ledger.costs), state.num_generated)
            proposal = search.propose(state.num_generated, self._look(run), stands_aside)
        ledger.add_beside("search")
        num_scored = self._num_scored(run)
        with state.clock.running("search"):
            recent = state.tensor(state.ids[-num_scored - 1 :])
            scored = score_draft(self.target, state.cache, recent, state.slot, proposal.skip_set)
        ledger.add("search", num_scored, proposal.skip_set)
        with state.clock.running("search"):
            promised = worth.promised_by(scored, proposal.skip_set, ledger.costs)
            result = search.record(proposal, scored.matchness, state.num_generated, promised)
            if result.is_kept:
                worth.scored(search.incumbent, scored, ledger.costs)
        ledger.add_beside("search")
        run.looked_at = state.num_generated
        yield SkipSetTried(
            "swift",
            state.round,
            state.clock.elapsed_s,
            trial=result.trial,
            proposer=proposal.proposer,
            skip_set=proposal.skip_set,
            matchness=scored.matchness,
            num_positions=num_scored,
            is_kept=result.is_kept,
            incumbent_matchness=result.incumbent_matchness,
        )
        if (reason := search.end_of_search()) and run.phase != "standing aside":
            yield run.enter(search.phase, reason)

    def _look(self, run: _Run) -> Look | None:
        """Returns the sets that the target's hidden states favour; None if there is no time."""
        state, ledger = run.state, run.ledger
        slots = num_slots(self.learned.search.look_size)
        if not self._affords(run, ledger.costs.at_most(slots, _NOTHING_SKIPPED), _LOOK_CREDIT):
            return None

        def look(num_skipped: int, is_judged: bool, attention_weight: float) -> list[CloseDraft]:
            ledger.add("search", num_slots(num_skipped), _NOTHING_SKIPPED, is_alone=False)
            recent = state.tensor(state.ids[-WINDOW - 1 :])
            return closest_drafts(
                self.target, state.cache, recent, state.slot, num_skipped, is_judged, attention_weight
            )

        return look

    def _decides_to_draft(self, run: _Run) -> Generator[Event, None, bool]:
        """Whether this round drafts: always, or where it pays by what is known from the rounds before."""
        if not self._is_measured:
            return True
        state, search, worth = run.state, self.learned.search, self.learned.worth
        if search.incumbent_matchness:  # the search may have gone back to a set that it scored before
            worth.suppose(self.skip_set, search.incumbent_matchness)
        worth.follow(self.skip_set)
        has_looked = run.looked_at == state.num_generated > 0
        if (run.phase == "standing aside" and not has_looked) or not worth.is_known:
            return self._tests_draft(run)
        with state.clock.running("verify"):  # also where no draft follows, so it cannot count as drafting
            run.weighing = worth.weigh(run.ledger.costs)
            may_hope = run.ledger.has_credit(self.config.search.max_loss_share)
            lost, hope = self.learned.budget.lost, run.ledger.costs if may_hope else None
            is_drafting = worth.decide(run.weighing, lost, hope)
        run.ledger.add_beside("verify")
        phase = search.phase if is_drafting else "standing aside"
        has_changed = phase != run.phase
        if has_looked and not has_changed and not is_drafting:
            worth.looked_again()
        if has_changed or has_looked or state.round - run.weighed_at >= _WEIGHED_EVERY:
            yield run.weighed(worth)
        if has_changed:
            yield run.enter(phase, worth.reason(run.weighing))
        if not is_drafting:
            return self._tests_draft(run)
        return state.num_remaining > 1 and not worth.is_due_plain()

    def _tests_draft(self, run: _Run) -> bool:
        """Whether to try a draft though nothing says that it pays: now and then, if no sets are tried."""
        state, costs = run.state, run.ledger.costs
        if self.config.search.is_enabled or state.num_remaining <= 1:
            return False
        if state.num_generated - run.looked_at < self.learned.worth.pause:
            return False
        run.looked_at = state.num_generated
        return self._affords(run, costs.of_draft(self.skip_set) + costs.of_verification(2), _TEST_CREDIT)

    def _rule(self, run: _Run) -> DraftRule:
        """How far this round's draft goes."""
        if self._is_measured:
            worth = self.learned.worth
            return worth.rule(run.ledger.costs, run.weighing if worth.is_drafting else None)
        return ThresholdDrafting(
            self.config.max_draft_tokens, self.learned.threshold.value, self.config.tree_levels
        )

    def _draft_and_verify(self, run: _Run) -> Iterator[Event]:
        """One round: the draft runs ahead, the target accepts a beginning of it and adds one token."""
        state, skip_set = run.state, self.skip_set
        with state.clock.running("draft"):
            draft = draft_tree(state, skip_set, self._rule(run))
        run.ledger.add("draft", 1, skip_set, times=len(draft.token_ids))
        drafted = TokensDrafted(
            "swift",
            state.round,
            state.clock.elapsed_s,
            token_ids=tuple(draft.node_ids),
            parents=tuple(draft.parents),
            confidences=tuple(draft.node_confidences),
            draft_probs=tuple(draft.node_probs),
            threshold=draft.thresholds[-1] if draft.thresholds else self.learned.threshold.value,
            stop_reason=draft.stop_reason,
            skip_set=skip_set,
            thresholds=tuple(draft.thresholds) if self._is_measured else (),
        )
        yield drafted
        verified = self._verify(run, draft)
        yield verified
        yield from self._learn_from_round(run, drafted, verified)
        if run.phase == "standing aside":
            run.looked_at = state.num_generated  # a test, of which the next round makes something

    def _decode_plainly(self, run: _Run) -> Iterator[Event]:
        """One round without a draft: the target's next token."""
        yield self._verify(run, Draft())

    def _verify(self, run: _Run, draft: Draft) -> RoundVerified:
        """The target judges a draft, which may be empty, and adds a token of its own."""
        state = run.state
        with state.clock.running("verify"):
            inputs = state.tensor([state.ids[-1], *draft.node_ids])
            parents = [-1, *(parent + 1 for parent in draft.parents)] if draft.siblings else None
            logits = self.target.forward(inputs, state.cache, state.slot, _NOTHING_SKIPPED, parents=parents)
            processor = state.after_text(state.request.hooks.process)
            verdict = verify(logits, draft, state.request.sampling, state.generator, processor)
            state.cache.compact(state.slot + 1, verdict.accepted)
        run.ledger.add("verify", len(inputs), _NOTHING_SKIPPED)
        # Off the clock: it is for display only, and changes nothing.
        is_told = state.request.wants_alternatives and verdict.next_token is not None
        others = alternatives(draft, logits, verdict, state.request.sampling, processor) if is_told else ()
        added = state.append([*(draft.node_ids[node] for node in verdict.accepted), verdict.next_token])
        run.ledger.got(len(added))
        return _round_verified(state, draft, verdict, added, others)

    def _learn_from_round(self, run: _Run, drafted: TokensDrafted, verified: RoundVerified) -> Iterator[Event]:
        """Update threshold, record and search with the chain's acceptance, up to the end of the text."""
        state, learned = run.state, self.learned
        num_accepted, num_judged = verified.num_accepted, verified.num_judged
        with state.clock.running("verify"):
            learned.worth.learn(drafted, verified, run.ledger.costs)
        run.ledger.add_beside("verify")
        old = learned.threshold.value
        if learned.threshold.update(num_accepted, num_judged):
            yield ThresholdMoved(
                "swift",
                state.round,
                state.clock.elapsed_s,
                old_threshold=old,
                threshold=learned.threshold.value,
                acceptance_rate=learned.threshold.acceptance_rate,
            )
        if reason := learned.search.watch(num_accepted, num_judged):
            learned.budget.begin_phase()
            if run.phase != "standing aside":
                yield run.enter(learned.search.phase, reason)


@dataclass(slots=True)
class _Run:
    """One generation under way.

    Attributes:
        phase: As announced last.
        looked_at: How many tokens there were when a set was tried, or a draft tested, last.
        weighed_at: The round in which drafting was weighed last.
        weighing: What came of it.
    """

    state: LaneState
    ledger: Ledger
    phase: Phase
    looked_at: int = 0
    weighed_at: int = -_WEIGHED_EVERY
    weighing: Weighing | None = None

    def enter(self, phase: Phase, reason: PhaseReason) -> PhaseChanged:
        self.phase = phase
        return PhaseChanged("swift", self.state.round, self.state.clock.elapsed_s, phase, reason)

    def weighed(self, worth: Worth) -> DraftingWeighed:
        assert self.weighing is not None
        self.weighed_at = self.state.round
        plain_s = self.ledger.plain_s
        return DraftingWeighed(
            "swift",
            self.state.round,
            self.state.clock.elapsed_s,
            **dataclasses.asdict(self.weighing),
            is_drafting=worth.is_drafting,
            plain_token_s=plain_s,
            drafted_token_s=plain_s / self.weighing.predicted_speedup,
            pause=0 if worth.is_drafting else worth.pause,
        )


def _round_verified(
    state: LaneState, draft: Draft, verdict: Verdict, added: tuple[int, ...], others: tuple[Alternatives, ...]
) -> RoundVerified:
    """The round as an event; a text that ended inside the draft took no token from the target."""
    num_accepted = min(len(verdict.accepted), len(added))
    has_next = len(added) > num_accepted
    return RoundVerified(
        "swift",
        state.round,
        state.clock.elapsed_s,
        num_drafted=len(draft.token_ids),
        accepted=verdict.accepted[:num_accepted],
        target_probs=verdict.target_probs,
        next_token_id=verdict.next_token if has_next else None,
        next_token_kind=_kind(draft, verdict) if has_next else None,
        next_token_prob=verdict.next_token_prob if has_next else None,
        token_ids=added,
        alternatives=others if has_next else others[: len(draft.token_ids)],
    )


def _kind(draft: Draft, verdict: Verdict) -> NextTokenKind:
    if not draft.token_ids:
        return "plain"
    return "bonus" if verdict.is_bonus else "corrected"
