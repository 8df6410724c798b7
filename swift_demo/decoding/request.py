"""What a decoder is asked for: prompt, length, sampling, and what else may end or shape the text."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch

from swift_demo.config import SamplingConfig

Processor = Callable[[Sequence[int], torch.Tensor], torch.Tensor]
"""The ids before a token and its (1, V) logits to (1, V) scores."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """A caller's own functions inside a generation, called by both ways of decoding alike.

    Attributes:
        process: Turns the target's logits into scores. Called once for each token, in order, with the
            ids that really stand before it, so it may keep a state of its own.
        process_draft: The same for the draft's logits, also for tokens that are then rejected; it must
            depend on its arguments alone. It decides how much is accepted, never what the text is.
        is_over: Whether the text ends with these ids; called once for each token, in order.
    """

    process: Processor | None = None
    process_draft: Processor | None = None
    is_over: Callable[[Sequence[int]], bool] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One generation.

    Attributes:
        prompt: Text or token ids.
        max_new_tokens: The text ends there at the latest.
        sampling: How tokens are chosen.
        stop: Strings; the text ends with the token that completes one of them.
        cancel: Once set, from any thread, the text ends after the round under way.
        hooks: The caller's own functions.
        wants_alternatives: Whether verified rounds name what else could have stood at each place. It is
            found off the clock, and not where a caller's processors are hooked in: they may not be asked twice.

    Raises:
        ValueError: If a stop string is empty.
    """

    prompt: str | Sequence[int]
    max_new_tokens: int = 150
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    stop: tuple[str, ...] = ()
    cancel: threading.Event | None = None
    hooks: Hooks = field(default_factory=Hooks)
    wants_alternatives: bool = False

    def __post_init__(self) -> None:
        if "" in self.stop:
            raise ValueError(f"stop={self.stop}: a stop string must not be empty; leave it out")
