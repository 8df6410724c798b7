"""What a decoder is asked for: prompt or messages, length, sampling, what else ends or shapes the text."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypedDict

import torch

from swift_demo.config import SamplingConfig
from swift_demo.messages import Message, Messages, as_messages
from swift_demo.model.target import Target

Processor = Callable[[Sequence[int], torch.Tensor], torch.Tensor]
"""The ids before a token and its (1, V) logits to (1, V) scores."""

Prompt = str | Sequence[int]
"""Text or token ids."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """A caller's own functions inside a generation, called by both ways of decoding alike.

    Attributes:
        process: Turns the target's logits into scores. Called once for each token, in order, with the ids that
            really precede it, so it may keep a state of its own.
        process_draft: The same for the draft's logits, also for tokens that are then rejected; it must
            depend on its arguments alone. It decides how much is accepted, never what the text is.
        is_over: Whether the text ends with these ids; called once for each token, in order.
    """

    process: Processor | None = None
    process_draft: Processor | None = None
    is_over: Callable[[Sequence[int]], bool] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One generation: made once, where it is asked for, and passed on.

    Attributes:
        prompt: Text or token ids to be continued; exactly one of prompt and messages is given.
        max_new_tokens: The text ends there at the latest.
        sampling: How tokens are chosen; greedily if not given.
        stop: The text ends with the token that completes one of these strings (or this one string), counted
            from the end of the prompt; they may name special tokens, although the text does not show these.
        cancel: Once set, from any thread, the text ends after the round under way.
        hooks: Functions that process logits and end the text. In a race both lanes call them.
        wants_alternatives: Whether verified rounds name the likeliest other tokens at each place, for the round
            inspector. They are found off the clock, and not if a caller's processors are hooked in, since those
            may not be called twice.
        messages: A conversation to be answered, put into form by the model's own chat template.
        special_tokens: Whether names of special tokens, such as "<|im_end|>", stand for these tokens in the
            text; else they stay text. If not given they do in a prompt, so that a rendered template can be
            passed as one, and stay text in messages, so that nobody can end a turn by typing one.

    Raises:
        ValueError: If there is not exactly one of prompt and messages, a message is not a role and a content,
            or a stop string is empty.
    """

    prompt: Prompt | None = None
    max_new_tokens: int = 150
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    stop: Sequence[str] = ()
    cancel: threading.Event | None = None
    hooks: Hooks = field(default_factory=Hooks)
    wants_alternatives: bool = False
    messages: Messages | None = None
    special_tokens: bool | None = None

    def __post_init__(self) -> None:
        if (self.prompt is None) == (self.messages is None):
            given = "neither" if self.prompt is None else "both"
            raise ValueError(f"{given} of prompt and messages are given; give one of them")
        if self.messages is not None:
            object.__setattr__(self, "messages", as_messages(self.messages))
        strings = (self.stop,) if isinstance(self.stop, str) else tuple(self.stop)
        if "" in strings:
            raise ValueError(f"stop={strings}: a stop string must not be empty; leave it out")
        object.__setattr__(self, "stop", strings)

    def ids_on(self, target: Target) -> tuple[int, ...]:
        """What this target is to continue.

        Raises:
            PromptError: If it cannot be read, or there are messages and no chat template.
        """
        if self.messages is not None:
            return target.encode_messages(as_messages(self.messages), self.special_tokens is True)
        assert self.prompt is not None
        return target.encode(self.prompt, self.special_tokens is not False)


class RequestOptions(TypedDict, total=False):
    """The attributes of a ``Request`` except its prompt, as keywords."""

    max_new_tokens: int
    sampling: SamplingConfig
    stop: Sequence[str]
    cancel: threading.Event | None
    hooks: Hooks
    wants_alternatives: bool
    messages: Messages | None
    special_tokens: bool | None


def as_asked(target: Target, request: Request) -> Request:
    """A text as a person asks it of this model: as a message if there is a chat template, else as it is."""
    if not (target.has_chat_template and isinstance(request.prompt, str)):
        return request
    return replace(request, prompt=None, messages=[Message("user", request.prompt)], special_tokens=None)


def as_request(request: Request | Prompt | None, options: RequestOptions) -> Request:
    """A request made from a prompt, if there is one, and options; or the given request with some changed."""
    return replace(request, **options) if isinstance(request, Request) else Request(request, **options)
