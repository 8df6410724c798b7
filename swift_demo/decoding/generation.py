"""The result of a generation that was run to its end, and where it was run."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import groupby
from typing import Any

from tokenizers import Tokenizer

from swift_demo.brief import brief
from swift_demo.decoding.request import Request
from swift_demo.events import GenerationFinished
from swift_demo.hardware import describe_hardware
from swift_demo.messages import SentPart, as_messages
from swift_demo.metrics import LaneMetrics, lane_metrics
from swift_demo.model.target import Target
from swift_demo.text import decode, special_tokens
from swift_demo.trace import Trace, TraceHeader


@dataclass(frozen=True, slots=True, repr=False)
class Generation:
    """One lane's finished text, its numbers, and every event on the way."""

    text: str
    token_ids: tuple[int, ...]
    metrics: LaneMetrics
    trace: Trace

    @classmethod
    def of(cls, trace: Trace) -> Generation:
        """The result of the one lane of a trace."""
        lane = trace.events[0].lane
        return cls(trace.text(lane), trace.token_ids(lane), lane_metrics(trace.events, lane), trace)

    def __repr__(self) -> str:
        last, metrics = self.trace.events[-1], self.metrics
        ended = f", stop_reason={last.stop_reason!r}" if isinstance(last, GenerationFinished) else ""
        return (
            f"Generation(text={brief(self.text)}, num_tokens={metrics.num_tokens}{ended}, "
            f"tokens_per_s={brief(metrics.tokens_per_s)}, acceptance_rate={brief(metrics.acceptance_rate)}, "
            f"trace={self.trace})"
        )


def trace_header(target: Target, request: Request) -> TraceHeader:
    """Where a run on this target happens, with which versions, and what it is sent.

    Raises:
        PromptError: If the target cannot read it.
    """
    ids, tokenizer = request.ids_on(target), target.text_tokenizer
    messages = as_messages(request.messages) if request.messages else ()
    if messages:
        prompt = messages[-1].content
    else:
        prompt = request.prompt if isinstance(request.prompt, str) else decode(tokenizer, ids)
    return TraceHeader(prompt=prompt, **whereabouts(target), messages=messages, sent=sent_parts(tokenizer, ids))


def whereabouts(target: Target) -> dict[str, Any]:
    """Model, device, number format, hardware, time and versions, as a ``TraceHeader`` names them."""
    return {
        "model": target.name,
        "device": target.device.type,
        "dtype": str(target.dtype).removeprefix("torch."),
        "hardware": describe_hardware(target.device),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {name: version(name) for name in ("torch", "transformers", "tokenizers")}
        | {"python": platform.python_version()},
    }


def sent_parts(tokenizer: Tokenizer, token_ids: Sequence[int]) -> tuple[SentPart, ...]:
    """A text as a model is sent it, so that a special token is told from its name."""
    special = special_tokens(tokenizer)
    parts: list[SentPart] = []
    before: list[int] = []  # decoders strip a space that no token precedes
    for name, run in groupby(token_ids, special.get):
        ids = list(run)
        if name is not None:
            parts += [SentPart(name, True)] * len(ids)
            continue
        known = decode(tokenizer, before)
        parts.append(SentPart(decode(tokenizer, before + ids).removeprefix(known), False))
        before = ids[-1:]
    return tuple(parts)
