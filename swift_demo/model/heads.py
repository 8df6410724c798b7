"""What is done to the last hidden states to give logits.

Several models scale or cap what their head gives, and the same entry of a configuration means to divide in one,
to multiply in another and nothing in a third. So a model's own forward is called once, with known numbers in
place of what its layers give, and what it makes of them is compared with what is known here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn

Head = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, slots=True)
class DividedHead:
    """Granite divides its logits."""

    module: Head
    divisor: float

    def __call__(self, hidden: torch.Tensor) -> torch.Tensor:
        return self.module(hidden) / self.divisor


@dataclass(frozen=True, slots=True)
class MultipliedHead:
    """Cohere and HyperCLOVA X multiply their logits."""

    module: Head
    multiplier: float

    def __call__(self, hidden: torch.Tensor) -> torch.Tensor:
        return self.module(hidden) * self.multiplier


@dataclass(frozen=True, slots=True)
class CappedHead:
    """Gemma 2 soft-caps its logits."""

    module: Head
    cap: float

    def __call__(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.module(hidden) / self.cap) * self.cap


_KNOWN: tuple[tuple[str, Callable[[Head, float], Head]], ...] = (
    ("logit_scale", MultipliedHead),
    ("logits_scaling", DividedHead),
    ("logits_scaling", MultipliedHead),
    ("final_logit_softcapping", CappedHead),
)
_HIDDEN = torch.tensor([[[-20.0, 0.5, 3.0]]])


def head_of(model: Any, config: Any) -> Head:
    """The head, with what the model does to its logits; the probe notices what is not known here."""
    head = model.get_output_embeddings()
    own = _own_logits(model, head)
    for name, kind in _KNOWN:
        value = getattr(config, name, None)
        if own is not None and value is not None and torch.allclose(kind(nn.Identity(), value)(_HIDDEN), own):
            return kind(head, value)
    return head


@torch.no_grad()
def _own_logits(model: Any, head: nn.Module) -> torch.Tensor | None:
    """What the model's own forward makes of known hidden states; None if it cannot be called so."""
    try:
        logits = type(model).forward(_Hollow(model, head), input_ids=torch.zeros(1, 1, dtype=torch.long)).logits
    except Exception:  # whatever a class may do with what it does not expect
        return None
    is_fit = isinstance(logits, torch.Tensor) and logits.shape == _HIDDEN.shape
    return logits if is_fit and not torch.equal(logits, _HIDDEN) else None


class _Hollow:
    """A model that has nothing in its body and passes through its head; the rest is as it is in the model."""

    def __init__(self, model: Any, head: nn.Module):
        self._model = model
        self._head = head

    def __getattr__(self, name: str) -> Any:
        part = getattr(self._model, name)
        if part is self._head:
            return nn.Identity()
        return _NoBody() if isinstance(part, nn.Module) else part


class _NoBody(SimpleNamespace):
    """Gives the known hidden states whatever it is asked, and nothing else."""

    last_hidden_state = _HIDDEN

    def __call__(self, *_args: Any, **_others: Any) -> _NoBody:
        return self

    def __getitem__(self, index: int) -> torch.Tensor:
        return self.last_hidden_state

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)
