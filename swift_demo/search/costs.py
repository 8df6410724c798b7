"""What a draft costs, measured or counted, and the speed that follows from this and from matchness."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import torch
from torch import nn

from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

_PREFIX_LENGTH = 16
_VERIFIED_TOKENS = 8
_REPEATS = 5
# What a sub-layer's calls cost beyond reading its parameters, in parameters: measured on one core of a CPU.
_CALLS = {"attention": 300_000, "mlp": 140_000}
# How many more tokens double the cost of a pass over one, which is spent on calls and on reading weights:
# measured on one core of a CPU; for other devices, roughly the arithmetic they do while a number is read.
_DOUBLING_TOKENS = {"cpu": 36}
_DOUBLING_TOKENS_ELSEWHERE = 256


@dataclass(frozen=True, slots=True)
class SublayerCosts:
    """Parts of a forward over one token, as shares of it.

    Attributes:
        attention: One attention sub-layer.
        mlp: One MLP sub-layer.
        verification: A forward of the whole target over a few drafted tokens.
    """

    attention: float
    mlp: float
    verification: float

    def of_draft(self, skip_set: SkipSet) -> float:
        """What a drafted token costs, as a share of a vanilla one."""
        return 1 - len(skip_set.attention) * self.attention - len(skip_set.mlp) * self.mlp


def measure_costs(target: Target) -> SublayerCosts:
    """Time a few forwards, interleaved, in a cache of their own; medians."""
    inner = tuple(range(1, target.num_layers - 1))
    kinds = {
        "whole": (1, SkipSet()),
        "without attention": (1, SkipSet(inner, ())),
        "without mlp": (1, SkipSet((), inner)),
        "verification": (_VERIFIED_TOKENS, SkipSet()),
    }
    ids = torch.arange(_PREFIX_LENGTH + _VERIFIED_TOKENS, device=target.device) % target.vocab_size
    cache = target.new_cache(len(ids))
    target.forward(ids[:_PREFIX_LENGTH], cache, 0, SkipSet(), needs_logits=False)
    seconds: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(_REPEATS):
        for kind, (num_tokens, skip_set) in kinds.items():
            start = time.perf_counter()
            # Fetching the answer waits for the device.
            target.forward(ids[:num_tokens], cache, _PREFIX_LENGTH, skip_set).argmax(-1).tolist()
            seconds[kind].append(time.perf_counter() - start)
    median = {kind: statistics.median(values) for kind, values in seconds.items()}
    whole = median["whole"]
    return SublayerCosts(
        attention=max(0.0, whole - median["without attention"]) / whole / len(inner),
        mlp=max(0.0, whole - median["without mlp"]) / whole / len(inner),
        verification=median["verification"] / whole,
    )


def cost_of_pass(num_tokens: float, skip_set: SkipSet, target: Target) -> float:
    """Nominal cost of a forward over this many tokens, in forwards of the whole target over one."""
    doubling = _DOUBLING_TOKENS.get(target.device.type, _DOUBLING_TOKENS_ELSEWHERE)
    kept = 1 - len(skip_set) / (2 * target.num_layers)
    return kept * (1 + (num_tokens - 1) / doubling)


def nominal_costs(target: Target) -> SublayerCosts:
    """Nominal costs, from the calls and parameters of a sub-layer. Deterministic."""
    modules, head = [layer.modules for layer in target.layers], target.model.get_output_embeddings()
    attention = _CALLS["attention"] + statistics.fmean(_num_parameters(*ours) for ours, _ in modules)
    mlp = _CALLS["mlp"] + statistics.fmean(_num_parameters(*ours) for _, ours in modules)
    whole = len(modules) * (attention + mlp) + _num_parameters(head)
    return SublayerCosts(attention / whole, mlp / whole, cost_of_pass(_VERIFIED_TOKENS, SkipSet(), target))


def _num_parameters(*modules: nn.Module) -> int:
    return sum(parameter.numel() for module in modules for parameter in module.parameters())


def predicted_speedup(matchness: float, draft_cost: float, verification_cost: float, max_tokens: int) -> float:
    """Tokens per second over vanilla's, if each drafted token is right with the chance that matchness says.

    The draft is assumed to have the best length for it.

    Args:
        draft_cost: Of one drafted token, as a share of a vanilla one.
        verification_cost: The same for one verification.
        max_tokens: Most tokens in a draft.

    Source:
        Leviathan et al. 2023 (arXiv 2211.17192), theorem 3.8, with a verification that costs more than
        a token.
    """
    best, expected, alive = 0.0, 1.0, 1.0
    for length in range(1, max_tokens + 1):
        alive *= matchness
        expected += alive
        best = max(best, expected / (length * draft_cost + verification_cost))
    return best
