"""The result of a generation that was run to its end, and where it was run."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from swift_demo.brief import brief
from swift_demo.decoding.request import Prompt
from swift_demo.events import GenerationFinished
from swift_demo.hardware import describe_hardware
from swift_demo.metrics import LaneMetrics, lane_metrics
from swift_demo.model.target import Target
from swift_demo.text import decode
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


def trace_header(target: Target, prompt: Prompt) -> TraceHeader:
    """Where a run on this target happens, and with which versions."""
    text = prompt if isinstance(prompt, str) else decode(target.text_tokenizer, target.encode(prompt))
    return TraceHeader(
        prompt=text,
        model=target.name,
        device=target.device.type,
        dtype=str(target.dtype).removeprefix("torch."),
        hardware=describe_hardware(target.device),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions={name: version(name) for name in ("torch", "transformers", "tokenizers")}
        | {"python": platform.python_version()},
    )
