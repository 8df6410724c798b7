"""Records real races into ``assets/traces``; ``python -m swift_demo.ui.record``.

Of the embedded model one of each task and kind; of another model, ``--model X --subject smollm2``, a greedy one
of the first preset.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tqdm.auto import tqdm

from swift_demo.assets import assets
from swift_demo.config import SwiftConfig
from swift_demo.decoding.generation import trace_header
from swift_demo.decoding.request import as_asked
from swift_demo.model.loading import load_target
from swift_demo.model.threads import leave_a_core_free, use_cores
from swift_demo.trace import Trace, TraceRecorder
from swift_demo.ui.fields import MAX_NEW_TOKENS
from swift_demo.ui.gallery import GREEDY, KINDS, OTHER_MODELS, run_name
from swift_demo.ui.presets import FIRST_PRESET, PRESETS
from swift_demo.ui.service import Request, Target, race_on


def record(target: Target, request: Request) -> Trace:
    """A race as the page runs it first: from the sets kept beside the model, searching on the way."""
    recorder = TraceRecorder(trace_header(target, request), target.text_tokenizer)
    for event in race_on(target, SwiftConfig(), starts_known=True).stream(request, wants_alternatives=True):
        recorder(event)
    return recorder.trace


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=str(assets() / "demo_model"))
    parser.add_argument("--subject", choices=OTHER_MODELS, help="as what another model is recorded")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--tokens", type=int, default=MAX_NEW_TOKENS)
    parser.add_argument("--threads", type=int, help="CPU cores that torch may use (default: all but one)")
    parser.add_argument("--out", type=Path, default=assets() / "traces")
    args = parser.parse_args()
    if args.threads:
        use_cores(args.threads)
    else:
        leave_a_core_free()
    target = load_target(args.model, args.device)
    args.out.mkdir(parents=True, exist_ok=True)
    first = FIRST_PRESET.suited(target.has_chat_template)
    record(target, as_asked(target, Request(first, 32)))  # warm up
    prompts = {args.subject: first} if args.subject else {preset.task: preset.prompt for preset in PRESETS}
    runs = [(name, kind) for name in prompts for kind in ((GREEDY,) if args.subject else KINDS)]
    for name, kind in tqdm(runs, unit="run"):
        trace = record(target, as_asked(target, Request(prompts[name], args.tokens, KINDS[kind])))
        trace.save(args.out / f"{run_name(name, kind)}.jsonl")


if __name__ == "__main__":
    main()
