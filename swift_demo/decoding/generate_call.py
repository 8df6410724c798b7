"""What transformers' ``generate`` hands to a decoding method, in the decoder's words, or refused."""

from __future__ import annotations

import inspect
import traceback
from types import CodeType, FrameType
from typing import Any

import torch
from transformers import generation

from swift_demo.config import SamplingConfig
from swift_demo.decoding.model_processors import as_processor, leaves_no_trace
from swift_demo.decoding.request import Hooks, Request

# What generate prepares for its own loops and SWIFT, which has its own cache and positions, does without.
_NOT_NEEDED = {
    "use_cache",
    "logits_to_keep",
    "cache_position",
    "cache",
    "past_key_values",
    "attention_mask",
    "position_ids",
}


def request_of(
    input_ids: torch.Tensor,
    processors: generation.LogitsProcessorList,
    criteria: generation.StoppingCriteriaList,
    config: generation.GenerationConfig,
) -> Request:
    """What ``generate`` prepared, in the decoder's words.

    Temperature, top-k and top-p become sampling settings if they come last, as they do unless rarer ones
    follow. Processors also run on the draft if they are known to be stateless, since the draft tries tokens
    that are then rejected.
    """
    device = input_ids.device
    rest = list(processors)
    temperature, top_k, top_p = (1.0, 0, 1.0) if config.do_sample else (0.0, 0, 1.0)
    if config.do_sample and rest and type(rest[-1]) is generation.TopPLogitsWarper:
        top_p = rest.pop().top_p
    if config.do_sample and rest and type(rest[-1]) is generation.TopKLogitsWarper:
        top_k = rest.pop().top_k
    if config.do_sample and rest and type(rest[-1]) is generation.TemperatureLogitsWarper:
        temperature = rest.pop().temperature
    # From torch's own stream of random numbers, which is what set_seed sets.
    seed = int(torch.randint(2**62, ())) if config.do_sample else 0
    hooks = Hooks(
        process=as_processor(rest, device),
        process_draft=as_processor(filter(leaves_no_trace, rest), device),
        is_over=lambda ids: bool(criteria(torch.tensor([list(ids)], device=device), None)[0]),
    )
    return Request(
        prompt=input_ids[0].tolist(),
        max_new_tokens=config.max_length - input_ids.shape[1],
        sampling=SamplingConfig(temperature, top_p, top_k, seed),
        hooks=hooks,
    )


def given_to_generate(frame: FrameType | None, method: CodeType) -> dict[str, Any]:
    """The arguments, by name, of the ``generate`` that led to this frame; none if none did.

    ``generate`` passes a callable neither the streamer (which already holds the prompt, so its reader would
    wait forever) nor who made the cache. Its frame is recognised by its code object, however many functions lie
    between. A ``generate`` that ``method`` is already serving further up the stack does not count: a callback
    or processor called ``method`` from there.
    """
    for outer, _ in traceback.walk_stack(frame and frame.f_back):
        if outer.f_code is method:
            break
        if outer.f_code is inspect.unwrap(generation.GenerationMixin.generate).__code__:
            given = inspect.getargvalues(outer)
            others = given.locals[given.keywords] if given.keywords else {}
            return {name: given.locals.get(name) for name in given.args} | others
    return {}


def refuse(
    input_ids: torch.Tensor,
    config: generation.GenerationConfig,
    model_kwargs: dict[str, Any],
    given: dict[str, Any],
) -> None:
    """Say what cannot be done, before anything is computed."""
    if given.get("assistant_model") is not None:
        raise ValueError("SWIFT drafts with the model itself; leave out assistant_model, or custom_generate")
    mode = config.get_generation_mode()
    if mode not in (generation.GenerationMode.GREEDY_SEARCH, generation.GenerationMode.SAMPLE):
        raise ValueError(
            f"SWIFT decodes greedily or by sampling, not by {mode.value.replace('_', ' ')}; take the settings "
            "for that out of the generation config (beams: num_beams=1), or leave out custom_generate"
        )
    if len(input_ids) != 1:
        raise ValueError(
            f"SWIFT writes one text at a time, but {len(input_ids)} were asked for; call generate for each "
            "prompt, with num_return_sequences=1"
        )
    outputs = ("output_scores", "output_logits", "output_attentions", "output_hidden_states")
    if config.return_dict_in_generate and (wished := [name for name in outputs if getattr(config, name)]):
        raise ValueError(f"SWIFT returns sequences only; leave out {' and '.join(wished)}")
    mask, positions = model_kwargs.get("attention_mask"), model_kwargs.get("position_ids")
    if mask is not None and not bool((mask == 1).all()):
        raise ValueError(
            "attention_mask hides part of the prompt, which SWIFT cannot do; leave out the padding"
        )
    if positions is not None and positions.flatten().tolist() != list(range(input_ids.shape[1])):
        raise ValueError("SWIFT counts positions from 0 up; leave out position_ids")
    for name in ("cache", "past_key_values"):  # generate makes an empty one of its own
        cache = model_kwargs.get(name)
        if given.get(name) is not None or (cache is not None and cache.get_seq_length() > 0):
            raise ValueError(f"SWIFT keeps a cache of its own; pass the whole prompt and leave out {name}")
    if unknown := sorted(k for k, v in model_kwargs.items() if v is not None and k not in _NOT_NEEDED):
        raise ValueError(f"SWIFT has no use for {', '.join(unknown)}; leave it out")
