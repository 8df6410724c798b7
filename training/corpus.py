"""The corpus of the demo model: five kinds of text, sampled without end from a seed.

``python -m training.corpus`` prints one document of each kind.
"""

from __future__ import annotations

import argparse
import random
from types import ModuleType

from training.document import Document
from training.tasks.arithmetic import task as arithmetic
from training.tasks.code import task as code
from training.tasks.story import task as story
from training.tasks.summary import task as summary
from training.tasks.translation import task as translation

TASKS: dict[str, ModuleType] = {
    "story": story,
    "summary": summary,
    "arithmetic": arithmetic,
    "translation": translation,
    "code": code,
}


def sample_document(rng: random.Random, task: str, is_held_out: bool = False) -> Document:
    """The next document of a task on one side of the split: training, or never seen in training."""
    while True:
        document: Document = TASKS[task].sample(rng)
        if document.is_held_out == is_held_out:
            return document


def held_out_documents(task: str, count: int, seed: int = 0) -> list[Document]:
    """``count`` documents whose names, numbers and objects never occurred together in training."""
    rng = random.Random(f"held out {task} {seed}")
    return [sample_document(rng, task, is_held_out=True) for _ in range(count)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Print one document of each kind.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--held-out", action="store_true", help="from the side that training never sees")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    for task in TASKS:
        document = sample_document(rng, task, args.held_out)
        print(f"--- {task}\n{document.prompt}▸{document.completion}\n")


if __name__ == "__main__":
    main()
