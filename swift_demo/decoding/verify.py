"""Verification: the target judges all drafted tokens from one forward, and adds one of its own."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from swift_demo.config import SamplingConfig
from swift_demo.decoding.draft import Draft
from swift_demo.decoding.request import Processor
from swift_demo.decoding.sampling import OnDemand, draw, process


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the target made of a draft.

    Attributes:
        num_accepted: Length of the accepted beginning.
        next_token: The corrected token after a rejection, the bonus token after full acceptance.
        target_probs: (D,) the target's unprocessed probability of each drafted token.
        next_token_prob: The same of the next token.
    """

    num_accepted: int
    next_token: int
    target_probs: tuple[float, ...]
    next_token_prob: float


def verify(
    logits: torch.Tensor,
    draft: Draft,
    sampling: SamplingConfig,
    generator: torch.Generator,
    processor: Processor | None = None,
) -> Verdict:
    """Accept the longest beginning of the draft that leaves the target's distribution unchanged.

    Args:
        logits: (D + 1, V) the target's, at the token before the draft and at each drafted token.
        draft: D tokens.
        processor: Turns a row of logits into scores; called with the drafted ids before it, row after
            row, as far as the draft is accepted.
    """
    if processor is not None:
        num_accepted, next_token = _accept_processed(logits, draft, sampling, generator, processor)
    elif sampling.is_greedy:
        num_accepted, next_token = accept_greedy(logits.argmax(-1).tolist(), draft.token_ids)
    else:
        num_accepted, next_token = accept_sampled(process(logits, sampling), draft, generator)
    rows = torch.arange(len(draft.token_ids) + 1, device=logits.device)
    rows[-1] = num_accepted
    columns = torch.tensor([*draft.token_ids, next_token], device=logits.device)
    *target_probs, next_token_prob = logits.float().softmax(-1)[rows, columns].tolist()
    return Verdict(num_accepted, next_token, tuple(target_probs), next_token_prob)


def _accept_processed(
    logits: torch.Tensor,
    draft: Draft,
    sampling: SamplingConfig,
    generator: torch.Generator,
    processor: Processor,
) -> tuple[int, int]:
    """The same acceptance, each row processed only when the tokens before it are accepted."""

    def scores(row: int) -> torch.Tensor:
        return processor(draft.token_ids[:row], logits[row : row + 1])

    if sampling.is_greedy:
        choices = OnDemand(lambda row: int(scores(row).argmax(-1)))
        return accept_greedy(choices, draft.token_ids)
    target_probs = OnDemand(lambda row: process(scores(row), sampling)[0])
    return accept_sampled(target_probs, draft, generator)


def accept_greedy(target_ids: list[int] | OnDemand[int], drafted_ids: list[int]) -> tuple[int, int]:
    """How many drafted tokens are the target's own choice, and its choice after them.

    Args:
        target_ids: (D + 1,) the target's argmax at each position.
        drafted_ids: (D,) drafted tokens.
    """
    num_accepted = 0
    while num_accepted < len(drafted_ids) and drafted_ids[num_accepted] == target_ids[num_accepted]:
        num_accepted += 1
    return num_accepted, target_ids[num_accepted]


def accept_sampled(
    target_probs: torch.Tensor | OnDemand[torch.Tensor], draft: Draft, generator: torch.Generator
) -> tuple[int, int]:
    """Speculative sampling: accept with min(1, target / draft), correct from what is left.

    Args:
        target_probs: (D + 1, V) the target's processed distributions.
        draft: D tokens with the distributions they were drawn from.

    Returns:
        Number of accepted tokens, and the token after them: from the residual max(target - draft, 0)
        after a rejection, from the processed target distribution after full acceptance.

    Source:
        Leviathan et al. 2023 (arXiv 2211.17192), Chen et al. 2023 (arXiv 2302.01318).
    """
    for i, token in enumerate(draft.token_ids):
        draft_probs = draft.distributions[i]
        chance = torch.rand((), generator=generator, device=generator.device)
        if chance * draft_probs[token] < target_probs[i][token]:
            continue
        residual = (target_probs[i] - draft_probs).clamp(min=0)
        if residual.sum() <= 0:  # equal up to rounding: a rejection here has probability zero
            residual = target_probs[i]
        return i, int(draw(residual[None], generator))
    return len(draft.token_ids), int(draw(target_probs[len(draft.token_ids)][None], generator))
