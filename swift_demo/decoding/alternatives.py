"""The likeliest other tokens at each place of a draft, with the target's and the draft's probabilities."""

from __future__ import annotations

import torch

from swift_demo.config import SamplingConfig
from swift_demo.decoding.draft import Draft
from swift_demo.decoding.request import Processor
from swift_demo.decoding.sampling import process
from swift_demo.decoding.verify import Verdict, after_rejection
from swift_demo.events import Alternatives

NUM_LIKELIEST = 5
_PLACES = 5  # decimals kept: more than a screen shows


def alternatives(
    draft: Draft,
    logits: torch.Tensor,
    verdict: Verdict,
    sampling: SamplingConfig,
    processor: Processor | None = None,
) -> tuple[Alternatives, ...]:
    """For each token of the chain, and for the bonus token if there is one.

    Args:
        draft: In greedy decoding with its logits kept.
        logits: (N + 1, V) the target's, as ``verify`` took them.
        verdict: What ``verify`` made of them.
        processor: The one given to ``verify``, if any; it is called once more for the rows reported.
    """
    num_drafted = len(draft.token_ids)
    rows = list(range(num_drafted))
    if verdict.is_bonus:
        rows.append(verdict.accepted[-1] + 1 if verdict.accepted else 0)
    scores = logits[rows]
    if processor is not None:
        scores = torch.cat([processor(draft.path_to(row - 1), logits[row : row + 1]) for row in rows])
    # The distributions that decided: greedy decoding compares the likeliest tokens alone.
    if sampling.is_greedy:
        target_probs = scores.float().softmax(-1)
        draft_probs = torch.stack(draft.logits).float().softmax(-1) if num_drafted else target_probs[:0]
    else:
        target_probs = process(scores, sampling)
        draft_probs = torch.stack(draft.distributions) if num_drafted else target_probs[:0]
    token_ids = _tokens_by_place(draft, verdict, target_probs, draft_probs)
    left = [] if sampling.is_greedy else _left_over(draft, verdict, target_probs, draft_probs)
    return tuple(
        Alternatives(
            token_ids=tuple(ids),
            target_probs=_at(target_probs[place], ids),
            draft_probs=_at(draft_probs[place], ids) if place < num_drafted else (),
            residual=_at(left[place], ids) if place < len(left) else (),
        )
        for place, ids in enumerate(token_ids)
    )


def _tokens_by_place(
    draft: Draft, verdict: Verdict, target_probs: torch.Tensor, draft_probs: torch.Tensor
) -> list[list[int]]:
    """The tokens to report at each place, without repeats, the target's likeliest first."""
    count = min(NUM_LIKELIEST, target_probs.shape[-1])
    places = target_probs.topk(count).indices.tolist()
    for place, likeliest in enumerate(draft_probs.topk(count).indices.tolist()):
        places[place] += likeliest
        places[place].append(draft.token_ids[place])
    for sibling in draft.siblings:
        places[sibling.depth].append(sibling.token_id)
    places[-1 if verdict.is_bonus else len(verdict.accepted)].append(verdict.next_token)
    return [list(dict.fromkeys(place)) for place in places]


def _left_over(
    draft: Draft, verdict: Verdict, target_probs: torch.Tensor, draft_probs: torch.Tensor
) -> list[torch.Tensor]:
    """(V,) for each token of the chain: what rejections leave of the target's distribution, unscaled."""
    node_ids, left_over = draft.node_ids, []
    for depth in range(len(draft.token_ids)):
        left, proposed = target_probs[depth], draft_probs[depth]
        for node in _rejected(draft, verdict, depth)[:-1]:
            left, proposed = after_rejection(left, proposed, node_ids[node])
        left_over.append((left - proposed).clamp(min=0))
    return left_over


def _rejected(draft: Draft, verdict: Verdict, depth: int) -> list[int]:
    """The nodes at a depth that were judged and rejected; none if the draft was not followed that far."""
    candidates = draft.candidates(depth)
    if depth < len(verdict.accepted):
        return candidates[: candidates.index(verdict.accepted[depth])]
    is_corrected_here = depth == len(verdict.accepted) and not verdict.is_bonus
    return candidates if is_corrected_here else []


def _at(probs: torch.Tensor, token_ids: list[int]) -> tuple[float, ...]:
    return tuple(round(prob, _PLACES) for prob in probs[token_ids].tolist())
