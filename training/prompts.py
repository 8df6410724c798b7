"""Freezes held-out prompts, so that the benchmark need not know the corpus: ``python -m training.prompts``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from swift_demo.files import replace_file
from training.corpus import TASKS, held_out_documents

# By use: the seed of the documents, and how many of each task.
USES = {"measured": (2, 8), "searched": (3, 16), "streamed": (4, 50), "changing": (5, 12), "predicted": (6, 4)}


def frozen_prompts() -> str:
    """The prompts as JSON lines: use, task, number (from 1, by use and task) and prompt."""
    entries = [
        {"use": use, "task": task, "number": number, "prompt": document.prompt}
        for use, (seed, count) in USES.items()
        for task in TASKS
        for number, document in enumerate(held_out_documents(task, count, seed), start=1)
    ]
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m training.prompts", description="Write the benchmark's held-out prompts."
    )
    parser.add_argument("--out", type=Path, default=Path("assets/prompts/held_out.jsonl"))
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    replace_file(args.out, frozen_prompts())


if __name__ == "__main__":
    main()
