"""Drafting: the target with sub-layers skipped runs ahead while it is confident."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch

from swift_demo.decoding.draft_rule import DraftRule
from swift_demo.decoding.lane import LaneState
from swift_demo.decoding.sampling import NO_TOKEN, draw, most_probable, process
from swift_demo.events import DraftStop
from swift_demo.skip_set import SkipSet

MAX_SIBLINGS = 64  # of one draft: what a verification may be wider than the chain


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another candidate at one depth of the chain; nothing hangs under it.

    Attributes:
        depth: Index of the chain's token that it is an alternative to.
        token_prob: As in ``Draft.token_probs``.
    """

    depth: int
    token_id: int
    token_prob: float


@dataclass(slots=True)
class Draft:
    """A chain of D drafted tokens, with siblings beside it: together a token tree.

    Its nodes are the chain from the root down, then the siblings by depth.

    Attributes:
        token_ids: (D,) ids of the chain.
        confidences: (D,) the draft's top-1 probability at each step.
        token_probs: (D,) probability of each token under the distribution it was drawn from.
        distributions: D rows (V,) of that distribution; empty in greedy decoding.
        logits: D rows (V,) that the draft chose from, processed, if they are kept.
        siblings: By depth; at one depth in the order in which they were drawn.
        thresholds: (D,) the confidence below which it ended after each token.
        stop_reason: Why it ended.
    """

    token_ids: list[int] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)
    token_probs: list[float] = field(default_factory=list)
    distributions: list[torch.Tensor] = field(default_factory=list)
    logits: list[torch.Tensor] = field(default_factory=list)
    siblings: list[Sibling] = field(default_factory=list)
    thresholds: list[float] = field(default_factory=list)
    stop_reason: DraftStop = "draft limit"

    @property
    def node_ids(self) -> list[int]:
        """Token ids of all nodes."""
        return [*self.token_ids, *(sibling.token_id for sibling in self.siblings)]

    @property
    def parents(self) -> list[int]:
        """For each node the index of the one it follows; -1 is the last token of the text."""
        return [*range(-1, len(self.token_ids) - 1), *(sibling.depth - 1 for sibling in self.siblings)]

    @property
    def node_confidences(self) -> list[float]:
        """The draft's top-1 probability where each node was drafted."""
        return [*self.confidences, *(self.confidences[sibling.depth] for sibling in self.siblings)]

    @property
    def node_probs(self) -> list[float]:
        """Probability of each node under the distribution it was drawn from."""
        return [*self.token_probs, *(sibling.token_prob for sibling in self.siblings)]

    def path_to(self, node: int) -> list[int]:
        """Token ids from the root down to a node; none for -1."""
        if node < len(self.token_ids):
            return self.token_ids[: node + 1]
        sibling = self.siblings[node - len(self.token_ids)]
        return [*self.token_ids[: sibling.depth], sibling.token_id]

    def candidates(self, depth: int) -> list[int]:
        """Nodes at one depth in the order in which they are to be judged, the chain's first."""
        first = len(self.token_ids)
        return [depth, *(first + i for i, sibling in enumerate(self.siblings) if sibling.depth == depth)]


def draft_tree(state: LaneState, skip_set: SkipSet, rule: DraftRule) -> Draft:
    """Draft token after token until one is drafted with too little confidence, with siblings as the rule says.

    The cache is written past the text; verification overwrites it.

    Args:
        state: The lane, of which only cache and random numbers change. At most as many tokens are drafted as
            the text may still grow, less one for the target.
        rule: Below which confidence drafting stops (that token still counts), the longest draft, and how many
            candidates there are for each token.

    Source:
        Paper, section 4.2 (confidence-aware drafting, dynamic verification). Confidence is read from the
        unprocessed softmax, so that it means the same at every temperature.
    """
    sampling, processor = state.request.sampling, state.after_text(state.request.hooks.process_draft)
    keeps_logits = state.request.wants_alternatives and sampling.is_greedy
    max_tokens = state.num_remaining - 1
    draft = Draft(stop_reason="draft limit" if rule.max_tokens <= max_tokens else "token limit")
    token = state.tensor(state.ids[-1:])
    for depth in range(min(max_tokens, rule.max_tokens)):
        logits = state.target.forward(token, state.cache, state.slot + depth, skip_set)
        confidence = float(logits.float().softmax(-1).amax(-1))
        scores = logits if processor is None else processor(draft.token_ids, logits)
        if sampling.is_greedy:
            token, token_prob = most_probable(scores), 1.0
        else:
            distribution = process(scores, sampling)
            token = draw(distribution, state.generator)
            token_prob = float(distribution[0, token[0]])
        token_id = int(token)
        if token_id == NO_TOKEN or math.isnan(confidence):
            draft.stop_reason = "invalid logits"
            break
        if keeps_logits:
            draft.logits.append(scores[0].clone())
        if not sampling.is_greedy:
            draft.distributions.append(distribution[0])
        threshold, num_candidates = rule.after(confidence)
        draft.token_ids.append(token_id)
        draft.confidences.append(confidence)
        draft.thresholds.append(threshold)
        draft.token_probs.append(token_prob)
        room = MAX_SIBLINGS - len(draft.siblings)
        if num_siblings := min(num_candidates - 1, room):
            if sampling.is_greedy:
                draft.siblings += _next_likeliest(scores[0], token_id, depth, num_siblings)
            else:
                draft.siblings += _draw_siblings(
                    distribution[0], token_id, depth, num_siblings, state.generator
                )
        if token_id in state.target.eos_ids:
            draft.stop_reason = "end of text"
            break
        if confidence < threshold:
            draft.stop_reason = "low confidence"
            break
    return draft


def _next_likeliest(scores: torch.Tensor, chosen: int, depth: int, count: int) -> list[Sibling]:
    """Up to ``count`` tokens with the largest of (V,) scores, without the chosen one."""
    others = scores.topk(min(count + 1, scores.shape[-1])).indices.tolist()
    return [Sibling(depth, other, 0.0) for other in others if other != chosen][:count]


def _draw_siblings(
    distribution: torch.Tensor, drawn: int, depth: int, count: int, generator: torch.Generator
) -> list[Sibling]:
    """Up to ``count`` more tokens of a (V,) distribution, without replacement after ``drawn``."""
    left = distribution.clone()
    siblings: list[Sibling] = []
    for _ in range(count):
        left[drawn] = 0
        total = left.sum()
        if not total > 0:
            break
        left /= total
        drawn = int(draw(left[None], generator))
        siblings.append(Sibling(depth, drawn, float(left[drawn])))
    return siblings
