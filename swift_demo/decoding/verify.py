"""Verification: the target judges all drafted tokens from one forward, and adds one of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import takewhile

import torch

from swift_demo.config import SamplingConfig
from swift_demo.decoding.draft import Draft
from swift_demo.decoding.request import Processor
from swift_demo.decoding.sampling import NO_TOKEN, OnDemand, draw, most_probable, process


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the target made of a draft.

    Attributes:
        accepted: Accepted nodes of the tree, from the root down.
        next_token: The corrected token after a rejection, the bonus token if nothing was rejected; None if the
            target's logits, or the scores made of them, name none.
        is_bonus: Which of the two it is.
        target_probs: For each node the target's unprocessed probability of it; 0 where it has none.
        next_token_prob: The same for the next token.
    """

    accepted: tuple[int, ...]
    next_token: int | None
    is_bonus: bool
    target_probs: tuple[float, ...]
    next_token_prob: float


def verify(
    logits: torch.Tensor,
    draft: Draft,
    sampling: SamplingConfig,
    generator: torch.Generator,
    processor: Processor | None = None,
) -> Verdict:
    """Accept the longest path of the tree that leaves the target's distribution unchanged.

    Args:
        logits: (N + 1, V) the target's, at the token before the draft and at each of N nodes.
        draft: N nodes.
        processor: Turns a row of logits into scores; called with the drafted ids before it, row by row, as far
            as the draft is accepted.
    """
    if processor is not None:
        accepted, next_token = _accept_processed(logits, draft, sampling, generator, processor)
    elif sampling.is_greedy:
        accepted, next_token = accept_greedy(most_probable(logits).tolist(), draft)
    else:
        accepted, next_token = accept_sampled(process(logits, sampling), draft, generator)
    tip = accepted[-1] if accepted else -1
    rows = torch.tensor([*draft.parents, tip], device=logits.device) + 1
    columns = torch.tensor([*draft.node_ids, next_token], device=logits.device)
    *target_probs, next_token_prob = logits.float().softmax(-1)[rows, columns].tolist()
    is_bonus = tip >= len(draft.token_ids) - 1  # the end of the chain, or a sibling, which is a leaf
    # A processor may hide that the target's own logits are broken.
    sound = list(takewhile(lambda node: not math.isnan(target_probs[node]), accepted))
    has_next = len(sound) == len(accepted) and next_token != NO_TOKEN and not math.isnan(next_token_prob)
    return Verdict(
        accepted=tuple(sound),
        next_token=next_token if has_next else None,
        is_bonus=is_bonus and has_next,
        target_probs=tuple(0.0 if math.isnan(prob) else prob for prob in target_probs),
        next_token_prob=next_token_prob if has_next else 0.0,
    )


def _accept_processed(
    logits: torch.Tensor,
    draft: Draft,
    sampling: SamplingConfig,
    generator: torch.Generator,
    processor: Processor,
) -> tuple[list[int], int]:
    """The same acceptance, with each row processed only once the tokens before it are accepted."""

    def scores(row: int) -> torch.Tensor:
        return processor(draft.path_to(row - 1), logits[row : row + 1])

    if sampling.is_greedy:
        return accept_greedy(OnDemand(lambda row: int(most_probable(scores(row)))), draft)
    return accept_sampled(OnDemand(lambda row: process(scores(row), sampling)[0]), draft, generator)


def accept_greedy(target_ids: list[int] | OnDemand[int], draft: Draft) -> tuple[list[int], int]:
    """The path whose tokens are the target's own choices, and its choice after them.

    Args:
        target_ids: (N + 1,) the target's argmax at the token before the draft and at each node; ``NO_TOKEN``
            where there is none; it matches no draft token.
    """
    accepted: list[int] = []
    node_ids = draft.node_ids
    for depth in range(len(draft.token_ids)):
        wanted = target_ids[depth]
        node = next((node for node in draft.candidates(depth) if node_ids[node] == wanted), None)
        if node is None:
            return accepted, wanted
        accepted.append(node)
        if node != depth:
            break
    return accepted, target_ids[accepted[-1] + 1 if accepted else 0]


def accept_sampled(
    target_probs: torch.Tensor | OnDemand[torch.Tensor], draft: Draft, generator: torch.Generator
) -> tuple[list[int], int]:
    """Speculative sampling: accept with min(1, target / draft), correct from what is left.

    After a rejection, what is left of the target's distribution is max(target - draft, 0), and the next
    sibling was drawn from the draft's distribution without the tokens before it.

    Args:
        target_probs: (N + 1, V) the target's processed distributions.
        draft: N nodes, with the distributions they were drawn from.

    Returns:
        Accepted nodes, and the token after them: from what is left after the last rejection, or from the
        processed target distribution if nothing was rejected.

    Source:
        Leviathan et al. 2023 (arXiv 2211.17192), Chen et al. 2023 (arXiv 2302.01318); several candidates
        without replacement: SpecInfer (arXiv 2305.09781), section 4.3.
    """
    accepted: list[int] = []
    node_ids = draft.node_ids
    for depth in range(len(draft.token_ids)):
        left, draft_probs = target_probs[depth], draft.distributions[depth]
        for node in draft.candidates(depth):
            token = node_ids[node]
            chance = torch.rand((), generator=generator, device=generator.device)
            if chance * draft_probs[token] < left[token]:
                accepted.append(node)
                break
            left, draft_probs = after_rejection(left, draft_probs, token)
        else:
            return accepted, int(draw(left[None], generator))
        if accepted[-1] != depth:
            break
    row = accepted[-1] + 1 if accepted else 0
    return accepted, int(draw(target_probs[row][None], generator))


def after_rejection(
    left: torch.Tensor, draft_probs: torch.Tensor, token: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """What is left of the target's distribution (V,), and what the next sibling was drawn from."""
    left = _normalised((left - draft_probs).clamp(min=0), otherwise=left)
    draft_probs = draft_probs.clone()
    draft_probs[token] = 0
    return left, _normalised(draft_probs, otherwise=draft_probs)


def _normalised(weights: torch.Tensor, otherwise: torch.Tensor) -> torch.Tensor:
    """Weights scaled to sum to one; ``otherwise`` if rounding left none, a case of probability zero."""
    total = weights.sum()
    return weights / total if total > 0 else otherwise
