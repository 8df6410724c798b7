"""Whether our own loop over the sub-layers, with nothing skipped, gives a model's own logits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from swift_demo.brief import one_line
from swift_demo.model.families import SUPPORTED, UnsupportedModelError
from swift_demo.skip_set import SkipSet

if TYPE_CHECKING:
    from swift_demo.model.target import Target

_TEXT = "The keeper of the old lighthouse wrote a letter to his sister every evening, and read it aloud."
_LENGTH = 12
_PARTS = [7, 1, 4]  # many tokens, one, several: as a prompt, a draft and a verification are run
_EXACT = 1e-4
_MOST = 0.1


@torch.inference_mode()
def probe(target: Target) -> None:
    """Run a few tokens in parts and compare their logits with the model's own.

    In float32 they are compared with those of one pass. In half precision, or with quantised weights, a model's
    own logits depend on how a text is split, more in one model than in another. So there they are compared with
    the model's own logits for the same parts. The tolerance is twice the difference between these and one pass,
    and at most a tenth.

    Raises:
        UnsupportedModelError: If they differ, or are NaN or infinite.
    """
    model, name = target.model, type(target.model).__name__
    ids = torch.tensor(probe_ids(target), device=target.device)
    parts = ids.split(_PARTS)
    own = model(ids[None], use_cache=False).logits[0].float()
    if not bool(own.isfinite().all()):
        raise UnsupportedModelError(_not_finite(target))
    cache = target.new_cache(_LENGTH)
    try:
        ours = torch.cat(
            [
                target.forward(part, cache, slot, SkipSet()).float()
                for part, slot in zip(parts, (0, 7, 8), strict=True)
            ]
        )
    except torch.OutOfMemoryError:
        raise
    except Exception as error:
        raise UnsupportedModelError(
            f"{name} calls its sub-layers in another way "
            f"({type(error).__name__}: {one_line(str(error), 100)}); {SUPPORTED}"
        ) from error
    tolerance = _EXACT
    if target.dtype != torch.float32 or getattr(model, "is_quantized", False):
        in_one_pass, own = own, _own_logits(model, parts)
        tolerance = max(tolerance, torch.finfo(target.dtype).eps, 2 * _difference(own, in_one_pass))
    difference = _difference(ours, own)
    if not difference <= min(tolerance, _MOST):
        raise UnsupportedModelError(
            f"{name} does more in its forward than its sub-layers (logits differ by {difference:.1%}); "
            f"{SUPPORTED}"
        )


def probe_ids(target: Target) -> list[int]:
    """Ids of an ordinary sentence; without a tokenizer, ids spread evenly over the vocabulary.

    Not the first ids: those are often reserved, and untrained embeddings give odd numbers.
    """
    ids: list[int] = []
    if target.tokenizer is not None:
        ids = list(target.encode(_TEXT))[:_LENGTH]
    spread = [target.vocab_size * (2 * i + 1) // (2 * _LENGTH) for i in range(_LENGTH)]
    return ids + spread[len(ids) :]


def _own_logits(model: Any, parts: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """What the model itself gives for a text in parts, with the cache that it makes."""
    logits: list[torch.Tensor] = []
    cache: dict[str, Any] = {}
    for part in parts:
        output = model(part[None], use_cache=True, **cache)
        logits.append(output.logits[0].float())
        cache = {key: output[key] for key in ("cache", "past_key_values") if key in output.keys()}  # noqa: SIM118
    return torch.cat(logits)


def _difference(logits: torch.Tensor, expected: torch.Tensor) -> float:
    return float((logits - expected).norm() / expected.norm().clamp(min=1e-6))


def _not_finite(target: Target) -> str:
    """What makes the logits NaN or infinite, in a sentence."""
    name = type(target.model).__name__
    for weight, values in target.model.named_parameters():
        if values.is_floating_point() and not values.is_meta and not bool(values.isfinite().all()):
            return f"{name} has values in {weight} that are NaN or infinite; get its files again"
    format_name = str(target.dtype).removeprefix("torch.")
    return f"the logits of {name} are NaN or infinite in {format_name}; choose another number format"
