"""SWIFT: draft with sub-layers skipped, verify with the whole target, look for better sub-layers to skip."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from swift_demo.config import SwiftConfig
from swift_demo.decoding.alternatives import alternatives
from swift_demo.decoding.decoder import Decoder
from swift_demo.decoding.draft import MAX_SIBLINGS, Draft, draft_tree
from swift_demo.decoding.lane import LaneState
from swift_demo.decoding.request import Request
from swift_demo.decoding.threshold import Threshold
from swift_demo.decoding.verify import Verdict, verify
from swift_demo.events import (
    Alternatives,
    Event,
    GenerationStarted,
    PhaseChanged,
    RoundVerified,
    SkipSetTried,
    ThresholdMoved,
    TokensDrafted,
)
from swift_demo.known_sets import add_known_set, load_known_set
from swift_demo.model.target import Target
from swift_demo.search.costs import measure_costs, nominal_costs
from swift_demo.search.hidden_states import WINDOW, closest_draft, num_slots
from swift_demo.search.layer_search import LayerSearch
from swift_demo.search.matchness import matchness
from swift_demo.skip_set import SkipSet

_NOTHING_SKIPPED = SkipSet()


@dataclass(slots=True)
class Learned:
    """What a decoder carries from one prompt to the next."""

    search: LayerSearch
    threshold: Threshold


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
        search = LayerSearch(self.target.num_layers, self.config, self._start_set, self._candidates)
        self.learned = Learned(search, Threshold(self.config))

    @property
    def skip_set(self) -> SkipSet:
        """The incumbent: what the next draft skips."""
        return self.learned.search.incumbent

    @torch.inference_mode()
    def _decode(self, request: Request) -> Generator[Event, None, None]:
        self.target.look_again()
        if self.learned.search.num_layers != self.target.num_layers:
            self.reset()
        state = LaneState("swift", self.target, request, self._spare_slots)
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
        yield PhaseChanged("swift", 0, 0.0, self.learned.search.phase, self.learned.search.reason)
        yield state.read_prompt()
        while state.goes_on():
            state.round += 1
            if self.learned.search.wants_trial(state.round, state.num_generated, state.work.share("search")):
                yield from self._try_skip_set(state)
            yield from self._draft_and_verify(state)
        yield state.finished()

    @property
    def _spare_slots(self) -> int:
        """Cache slots past the text, for whatever needs most: a draft, a trial, a look at hidden states."""
        search = self.config.search
        looks = search.is_enabled and search.hidden_states_interval > 0
        look = num_slots(len(self.skip_set)) if looks else 0
        return 1 + max(self.config.max_draft_tokens + MAX_SIBLINGS, search.context_window, look)

    def _try_skip_set(self, state: LaneState) -> Iterator[Event]:
        """One trial: propose a set, score it on the latest text, keep it if it beats the incumbent."""
        with state.clock.running("search"):
            if self.learned.search.needs_costs:
                costs_of = measure_costs if state.request.sampling.is_greedy else nominal_costs
                self.learned.search.costs = costs_of(self.target)
            proposal = self.learned.search.propose(state.num_generated, partial(self._look, state))
            num_scored = self.learned.search.num_scored(state.num_generated)
            recent = state.tensor(state.ids[-num_scored - 1 :])
            score = matchness(self.target, state.cache, recent, state.slot, proposal.skip_set)
            state.work.add("search", num_scored, proposal.skip_set)
            result = self.learned.search.record(proposal, score, state.num_generated)
        yield SkipSetTried(
            "swift",
            state.round,
            state.clock.elapsed_s,
            trial=result.trial,
            proposer=proposal.proposer,
            skip_set=proposal.skip_set,
            matchness=score,
            num_positions=num_scored,
            is_kept=result.is_kept,
            incumbent_matchness=result.incumbent_matchness,
        )
        if reason := self.learned.search.end_of_search():
            yield PhaseChanged("swift", state.round, state.clock.elapsed_s, self.learned.search.phase, reason)

    def _look(self, state: LaneState, num_skipped: int) -> SkipSet:
        """The set of this many sub-layers that the target's hidden states favour."""
        state.work.add("search", num_slots(num_skipped), _NOTHING_SKIPPED)
        recent = state.tensor(state.ids[-WINDOW - 1 :])
        return closest_draft(self.target, state.cache, recent, state.slot, num_skipped)

    def _draft_and_verify(self, state: LaneState) -> Iterator[Event]:
        """One round: the draft runs ahead, the target accepts a beginning of it and adds one token."""
        skip_set, threshold = self.skip_set, self.learned.threshold.value
        with state.clock.running("draft"):
            draft = draft_tree(state, skip_set, threshold, self.config)
        state.work.add("draft", 1, skip_set, times=len(draft.token_ids))
        state.work.add("verify", 1 + len(draft.node_ids), _NOTHING_SKIPPED)
        yield TokensDrafted(
            "swift",
            state.round,
            state.clock.elapsed_s,
            token_ids=tuple(draft.node_ids),
            parents=tuple(draft.parents),
            confidences=tuple(draft.node_confidences),
            draft_probs=tuple(draft.node_probs),
            threshold=threshold,
            stop_reason=draft.stop_reason,
            skip_set=skip_set,
        )
        with state.clock.running("verify"):
            inputs = state.tensor([state.ids[-1], *draft.node_ids])
            parents = [-1, *(parent + 1 for parent in draft.parents)] if draft.siblings else None
            logits = self.target.forward(inputs, state.cache, state.slot, _NOTHING_SKIPPED, parents=parents)
            processor = state.after_text(state.request.hooks.process)
            verdict = verify(logits, draft, state.request.sampling, state.generator, processor)
            state.cache.compact(state.slot + 1, verdict.accepted)
        # Off the clock: it is for display only, and changes nothing.
        is_told = state.request.wants_alternatives and verdict.next_token is not None
        others = alternatives(draft, logits, verdict, state.request.sampling, processor) if is_told else ()
        added = state.append([*(draft.node_ids[node] for node in verdict.accepted), verdict.next_token])
        verified = _round_verified(state, draft, verdict, added, others)
        yield verified
        yield from self._learn_from_round(state, verified)

    def _learn_from_round(self, state: LaneState, verified: RoundVerified) -> Iterator[Event]:
        """Update threshold and search with the chain's acceptance, up to the end of the text."""
        num_accepted, num_judged = verified.num_accepted, verified.num_judged
        old = self.learned.threshold.value
        if self.learned.threshold.update(num_accepted, num_judged):
            yield ThresholdMoved(
                "swift",
                state.round,
                state.clock.elapsed_s,
                old_threshold=old,
                threshold=self.learned.threshold.value,
                acceptance_rate=self.learned.threshold.acceptance_rate,
            )
        if reason := self.learned.search.watch(num_accepted, num_judged):
            yield PhaseChanged("swift", state.round, state.clock.elapsed_s, self.learned.search.phase, reason)


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
        next_token_kind=("bonus" if verdict.is_bonus else "corrected") if has_next else None,
        next_token_prob=verdict.next_token_prob if has_next else None,
        token_ids=added,
        alternatives=others if has_next else others[: len(draft.token_ids)],
    )
