"""What a model's own generation config says about logits, followed by whoever generates with the model.

The rule, one for both decoders and for ``swift_generate``: **how a token is chosen** (greedily or by sampling,
temperature, top-k, top-p, seed) is what the caller asks for. **Whatever else** the model's generation config
says about logits works as in transformers' ``generate``: through transformers' own processors, in the same
order. What cannot be followed is refused by name, so nothing is silently ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import torch
import transformers as hf
from transformers.generation import logits_process

from swift_demo.config import SamplingConfig
from swift_demo.decoding.generation_settings import (
    AFTER_TOP_P,
    BEFORE_TOP_K,
    LAST,
    ON_LOGITS,
    Text,
    is_set,
    make,
    refuse,
    stop_strings_of,
)
from swift_demo.decoding.request import Hooks, Processor, Request
from swift_demo.model.target import Target

# Processors of transformers that remember their calls, or call a function of the user's that may.
_WITH_STATE = (
    logits_process.UnbatchedClassifierFreeGuidanceLogitsProcessor,
    logits_process.SynthIDTextWatermarkLogitsProcessor,
    logits_process.PrefixConstrainedLogitsProcessor,
)


def follow_model(target: Target, request: Request, prompt_ids: Sequence[int]) -> Request:
    """The request, with what the model's own generation config adds to it; unchanged if that is nothing.

    Raises:
        ValueError: If the config asks for something that cannot be followed.
    """
    config = target.generation_config
    is_repeatable = not (request.hooks.process or request.hooks.process_draft)
    if config is None:
        return replace(request, wants_alternatives=request.wants_alternatives and is_repeatable)
    refuse(config)
    text = Text(
        prompt=torch.tensor([list(prompt_ids)], device=target.device),
        max_length=len(prompt_ids) + request.max_new_tokens,
        eos_ids=sorted(target.eos_ids),
        vocab_size=target.vocab_size,
        has_forced_start=is_set(config, "forced_bos_token_id"),
    )
    sampling, first, last = request.sampling, make(ON_LOGITS, config, text), make(LAST, config, text)
    if not sampling.is_greedy:
        wide, narrow = make(BEFORE_TOP_K, config, text), make(AFTER_TOP_P, config, text)
        if wide or narrow or last:  # then what comes between them in generate's order is a processor too
            last = [*_temperature(sampling), *wide, *_top_k_top_p(sampling), *narrow, *last]
            sampling = SamplingConfig(temperature=1.0, seed=sampling.seed)
    hooks = Hooks(
        process=_in_turn(
            as_processor(first, target.device), request.hooks.process, as_processor(last, target.device)
        ),
        process_draft=_in_turn(
            as_processor(filter(leaves_no_trace, first), target.device),
            request.hooks.process_draft,
            as_processor(filter(leaves_no_trace, last), target.device),
        ),
        is_over=request.hooks.is_over,
    )
    is_repeatable = is_repeatable and all(map(leaves_no_trace, (*first, *last)))
    return replace(
        request,
        sampling=sampling,
        hooks=hooks,
        stop=(*request.stop, *stop_strings_of(config)),
        wants_alternatives=request.wants_alternatives and is_repeatable,
    )


def as_processor(processors: Iterable[Any], device: torch.device) -> Processor | None:
    """Processors made for a device as one function of ids and logits; None if there are none."""
    chain: Any = hf.LogitsProcessorList(processors)
    if not chain:
        return None

    def process(ids: Sequence[int], logits: torch.Tensor) -> torch.Tensor:
        scores = logits.to(device, torch.float32, copy=True)  # they may write into it
        return chain(torch.tensor([list(ids)], device=device), scores).to(logits.device)

    return process


def leaves_no_trace(processor: Any) -> bool:
    """Whether a processor is one of transformers' own that depends on its arguments alone."""
    return type(processor).__module__ == logits_process.__name__ and not isinstance(processor, _WITH_STATE)


def _in_turn(*steps: Processor | None) -> Processor | None:
    """Processors one after another; None if there are none."""
    wanted = [step for step in steps if step is not None]
    if len(wanted) < 2:
        return wanted[0] if wanted else None

    def process(ids: Sequence[int], logits: torch.Tensor) -> torch.Tensor:
        for step in wanted:
            logits = step(ids, logits)
        return logits

    return process


def _temperature(sampling: SamplingConfig) -> list[Any]:
    return [] if sampling.temperature == 1 else [hf.TemperatureLogitsWarper(float(sampling.temperature))]


def _top_k_top_p(sampling: SamplingConfig) -> list[Any]:
    top_k = [hf.TopKLogitsWarper(sampling.top_k)] if sampling.top_k else []
    return [*top_k, hf.TopPLogitsWarper(sampling.top_p)] if sampling.top_p < 1 else top_k
