"""Records real races of the embedded model into ``assets/traces``; ``python -m swift_demo.ui.record``."""

from __future__ import annotations

import argparse
from pathlib import Path

from tqdm.auto import tqdm

from swift_demo.assets import assets
from swift_demo.config import SwiftConfig
from swift_demo.decoding.generation import trace_header
from swift_demo.model.loading import load_target
from swift_demo.model.threads import leave_a_core_free
from swift_demo.trace import Trace, TraceRecorder
from swift_demo.ui.fields import MAX_NEW_TOKENS
from swift_demo.ui.gallery import KINDS, run_name
from swift_demo.ui.presets import PRESETS
from swift_demo.ui.service import Request, Target, race_on


def record(target: Target, request: Request) -> Trace:
    """A race as the page runs it first: from the sets kept beside the model, searching on the way."""
    recorder = TraceRecorder(trace_header(target, request), target.text_tokenizer)
    for event in race_on(target, SwiftConfig(), starts_known=True).stream(request, wants_alternatives=True):
        recorder(event)
    return recorder.trace


def main() -> None:
    parser = argparse.ArgumentParser(description="Record two races per task, one greedy and one sampled.")
    parser.add_argument("--model", default=str(assets() / "demo_model"))
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--tokens", type=int, default=MAX_NEW_TOKENS)
    parser.add_argument("--out", type=Path, default=assets() / "traces")
    args = parser.parse_args()
    leave_a_core_free()
    target = load_target(args.model, args.device)
    args.out.mkdir(parents=True, exist_ok=True)
    record(target, Request(PRESETS[0].prompt, 32))  # warm up
    runs = [(preset, kind, sampling) for preset in PRESETS for kind, sampling in KINDS.items()]
    for preset, kind, sampling in tqdm(runs, unit="run"):
        trace = record(target, Request(preset.prompt, args.tokens, sampling))
        trace.save(args.out / f"{run_name(preset.task, kind)}.jsonl")


if __name__ == "__main__":
    main()
