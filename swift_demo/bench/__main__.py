"""``python -m swift_demo.bench``: speed of SWIFT, of vanilla decoding, and of transformers' generate."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from swift_demo.bench import stream
from swift_demo.bench.report import as_json, as_table
from swift_demo.bench.speed import measure
from swift_demo.demo_model.corpus import TASKS
from swift_demo.target.loading import load_target


def main() -> None:
    if sys.argv[1:2] == ["stream"]:
        stream.main(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(prog="python -m swift_demo.bench", description=__doc__)
    parser.add_argument("--model", default="assets/demo_model", help="Hub name or folder")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--dtype", default="float32", choices=["auto", "float32", "bfloat16", "float16"])
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS))
    parser.add_argument("--prompts", type=int, default=4, help="held-out prompts per task")
    parser.add_argument("--tokens", type=int, default=150)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--warm-prompts", type=int, default=16, help="prompts per task that the search sees")
    parser.add_argument("--temperature", type=float, default=0.0)
    parser.add_argument("--json", type=Path, help="file for the raw results")
    args = parser.parse_args()
    target = load_target(args.model, args.device, args.dtype)
    results = measure(
        target, args.tasks, args.prompts, args.tokens, args.repeat, args.warm_prompts, args.temperature
    )
    print(as_table(results))
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        raw = as_json(target, vars(args), results)
        args.json.write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
