"""Drafting: the target with sub-layers skipped runs ahead while it is confident."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch

from swift_demo.config import SamplingConfig
from swift_demo.decoding.request import Processor
from swift_demo.decoding.sampling import draw, process
from swift_demo.events import DraftStop
from swift_demo.skip_set import SkipSet
from swift_demo.target.kv_cache import KVCache
from swift_demo.target.model import Target


@dataclass(slots=True)
class Draft:
    """A chain of D drafted tokens.

    Attributes:
        token_ids: (D,) ids.
        confidences: (D,) the draft's top-1 probability at each step.
        token_probs: (D,) probability of each token under the distribution it was drawn from.
        distributions: D rows (V,) of that distribution; empty in greedy decoding.
        stop_reason: Why it ended.
    """

    token_ids: list[int] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)
    token_probs: list[float] = field(default_factory=list)
    distributions: list[torch.Tensor] = field(default_factory=list)
    stop_reason: DraftStop = "draft limit"


def draft_chain(
    target: Target,
    cache: KVCache,
    last_token: torch.Tensor,
    slot: int,
    skip_set: SkipSet,
    threshold: float,
    max_tokens: int,
    max_draft_tokens: int,
    sampling: SamplingConfig,
    generator: torch.Generator,
    processor: Processor | None = None,
) -> Draft:
    """Draft token after token until one is drafted with low confidence.

    The cache is written past ``slot``; verification overwrites it.

    Args:
        last_token: (1,) the last token of the text, whose keys and values are not cached yet.
        slot: Its slot.
        threshold: Confidence below which drafting stops; that token still counts.
        max_tokens: How many tokens may be drafted for the text not to outgrow its limit.
        max_draft_tokens: How many are drafted at most.
        processor: Turns the draft's logits into scores; called with the ids drafted so far.

    Source:
        Paper, section 4.2 (confidence-aware drafting). Confidence is read from the unprocessed softmax,
        so that it means the same at every temperature.
    """
    draft = Draft(stop_reason="draft limit" if max_draft_tokens <= max_tokens else "token limit")
    token = last_token
    for step in range(min(max_tokens, max_draft_tokens)):
        logits = target.forward(token, cache, slot + step, skip_set)
        probs = logits.float().softmax(-1)
        if processor is not None:
            logits = processor(draft.token_ids, logits)
        if sampling.is_greedy:
            confidence, token = probs.max(-1)
            if processor is not None:
                token = logits.argmax(-1)
            token_prob = 1.0
        else:
            confidence = probs.amax(-1)
            distribution = process(logits, sampling)
            token = draw(distribution, generator)
            token_prob = float(distribution[0, token[0]])
            draft.distributions.append(distribution[0])
        draft.token_ids.append(int(token))
        draft.confidences.append(float(confidence))
        draft.token_probs.append(token_prob)
        if draft.token_ids[-1] in target.eos_ids:
            draft.stop_reason = "end of text"
            break
        if draft.confidences[-1] < threshold:
            draft.stop_reason = "low confidence"
            break
    return draft
