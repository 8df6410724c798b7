"""A decoder's stream of events run to its end, and what came of it."""

from __future__ import annotations

import os
import platform
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

import torch

from swift_demo.brief import brief
from swift_demo.events import Callback, Event, GenerationFinished
from swift_demo.metrics import LaneMetrics, lane_metrics
from swift_demo.model.target import Target
from swift_demo.text import decode
from swift_demo.trace import Trace, TraceHeader, TraceRecorder


@dataclass(frozen=True, slots=True, repr=False)
class Generation:
    """One lane's finished text, its numbers, and every event on the way."""

    text: str
    token_ids: tuple[int, ...]
    metrics: LaneMetrics
    trace: Trace

    def __repr__(self) -> str:
        last, metrics = self.trace.events[-1], self.metrics
        ended = f", stop_reason={last.stop_reason!r}" if isinstance(last, GenerationFinished) else ""
        return (
            f"Generation(text={brief(self.text)}, num_tokens={metrics.num_tokens}{ended}, "
            f"tokens_per_s={brief(metrics.tokens_per_s)}, acceptance_rate={brief(metrics.acceptance_rate)}, "
            f"trace={self.trace})"
        )


def run_to_end(
    target: Target,
    prompt: str | Sequence[int],
    events: Generator[Event, None, None],
    callbacks: Iterable[Callback],
) -> Generation:
    """Consume one lane's events, handing each to the callbacks."""
    recorder = TraceRecorder(trace_header(target, prompt), target.text_tokenizer)
    callbacks = (recorder, *callbacks)
    with closing(events) as stream:
        for event in stream:
            for callback in callbacks:
                callback(event)
    lane = recorder.trace.events[0].lane
    return Generation(
        text=recorder.trace.text(lane),
        token_ids=recorder.trace.token_ids(lane),
        metrics=lane_metrics(recorder.trace.events, lane),
        trace=recorder.trace,
    )


def trace_header(target: Target, prompt: str | Sequence[int]) -> TraceHeader:
    """Where and with what a run on this target happens."""
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


def describe_hardware(device: torch.device) -> str:
    """What a figure was measured on: the GPU's name, or the processor and its usable cores."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{_processor_name()}, {cores} CPU cores"


def _processor_name() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
