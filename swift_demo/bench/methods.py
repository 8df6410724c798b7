"""Ways of decoding, each a function from a request to its text and the time that took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from swift_demo.config import PAPER_TREE, SamplingConfig, SearchConfig, SwiftConfig
from swift_demo.decoding.decoder import Decoder
from swift_demo.decoding.request import Request
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Trace

GENERATE, LOOKUP, EARLY_EXIT = "generate", "generate, prompt lookup", "generate, early exit"
VANILLA, START, FOUND, KEPT = "vanilla", "SWIFT, start set", "SWIFT, found set", "SWIFT, kept set"
CHAIN, TREE = "SWIFT, found set, chain", "SWIFT, found set, token tree"
SAMPLED_VANILLA, SAMPLED_SWIFT = "vanilla, sampling", "SWIFT, sampling"
SAMPLED = (SAMPLED_VANILLA, SAMPLED_SWIFT)
SEARCH = "SWIFT, searching"  # on other prompts, for the found set; not compared with anything
STREAM_VANILLA, COLD_START = "vanilla, stream", "SWIFT, cold start"

COMPARED = (
    GENERATE,
    LOOKUP,
    EARLY_EXIT,
    VANILLA,
    START,
    FOUND,
    CHAIN,
    TREE,
    KEPT,
    SAMPLED_VANILLA,
    SAMPLED_SWIFT,
)
# What a method is compared with; the vanilla lane unless stated otherwise.
BASES = {
    SAMPLED_VANILLA: SAMPLED_VANILLA,
    SAMPLED_SWIFT: SAMPLED_VANILLA,
    STREAM_VANILLA: STREAM_VANILLA,
    COLD_START: STREAM_VANILLA,
}
_LOOKUP_TOKENS = 10  # of a looked-up draft, as in transformers' documentation


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one run of a method; transformers keeps no trace."""

    token_ids: tuple[int, ...]
    seconds: float
    trace: Trace | None


Method = Callable[[Request, int], Outcome]
"""What is asked, and a seed, to an outcome; the method sets length and sampling."""


class Unavailable(ValueError):
    """A method cannot run with this model; the message says why."""


def methods_of(
    target: Target, task: str, found: SkipSet, num_tokens: int, temperature: float, early_exit: int | None
) -> tuple[dict[str, Method], dict[str, str]]:
    """The ways of decoding that are compared on a task, in the order of ``COMPARED``.

    Args:
        found: Set that a search over other prompts of the task settled on.
        temperature: Of the sampling methods; 0 leaves them out.
        early_exit: Layers of the draft that exits early; three quarters of them if not given.

    Returns:
        The methods, and the reason for each that this model does not allow.
    """
    fixed = SwiftConfig(search=SearchConfig(is_enabled=False))
    exit_after = early_exit or target.num_layers * 3 // 4
    missing: dict[str, str] = {}
    methods: dict[str, Method] = {
        GENERATE: _generate(target, num_tokens),
        LOOKUP: _generate(target, num_tokens, prompt_lookup_num_tokens=_LOOKUP_TOKENS),
        EARLY_EXIT: _generate(target, num_tokens, assistant_early_exit=exit_after),
        VANILLA: _lane(VanillaDecoder(target), num_tokens),
        START: _lane(SwiftDecoder(target, fixed), num_tokens),
        FOUND: _lane(SwiftDecoder(target, fixed, found), num_tokens),
    }
    for name, levels in ((CHAIN, ()), (TREE, PAPER_TREE)):
        if levels != fixed.tree_levels:  # the other is what the found set is measured with anyway
            shaped = SwiftConfig(tree_levels=levels, search=fixed.search)
            methods[name] = _lane(SwiftDecoder(target, shaped, found), num_tokens)
    if task in target.known_sets:
        methods[KEPT] = _lane(SwiftDecoder(target, fixed, target.known_sets[task]), num_tokens)
    else:
        missing[KEPT] = f"no set for {task} is kept beside this model"
    if temperature > 0:
        methods[SAMPLED_VANILLA] = _lane(VanillaDecoder(target), num_tokens, temperature)
        methods[SAMPLED_SWIFT] = _lane(SwiftDecoder(target, fixed, found), num_tokens, temperature)
    return methods, missing


def stream_methods(target: Target, num_tokens: int) -> dict[str, Method]:
    """Vanilla, and a SWIFT that knows nothing at its first prompt and keeps what it learns."""
    return {
        STREAM_VANILLA: _lane(VanillaDecoder(target), num_tokens),
        COLD_START: _lane(SwiftDecoder(target), num_tokens),
    }


def _lane(decoder: Decoder, num_tokens: int, temperature: float = 0.0) -> Method:
    """One of our own lanes; its seconds are those of its clock."""

    def run(request: Request, seed: int) -> Outcome:
        generation = decoder.generate(
            request, max_new_tokens=num_tokens, sampling=SamplingConfig(temperature=temperature, seed=seed)
        )
        return Outcome(generation.token_ids, generation.metrics.seconds, generation.trace)

    return run


def _generate(target: Target, num_tokens: int, **options: Any) -> Method:
    """transformers' greedy ``generate``; its seconds are wall-clock time."""
    is_padded = target.model.generation_config.pad_token_id is not None
    padding = {} if is_padded else {"pad_token_id": min(target.eos_ids, default=0)}

    def run(request: Request, seed: int) -> Outcome:
        config = target.model.config.get_text_config(decoder=True)
        num_layers = config.num_hidden_layers
        ids = torch.tensor([request.ids_on(target)], device=target.device)
        start = now(target.device)
        try:
            output = target.model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=num_tokens,
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                **padding,
                **options,
            )
        except (ValueError, RuntimeError, TypeError, AttributeError, KeyError, IndexError) as error:
            raise Unavailable(f"{type(error).__name__}: {error}".splitlines()[0]) from error
        finally:
            config.num_hidden_layers = num_layers  # an early exit that fails would leave it changed
        return Outcome(tuple(output[0, ids.shape[1] :].tolist()), now(target.device) - start, None)

    return run


def now(device: torch.device) -> float:
    """Seconds, once the device has finished all queued work."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()
