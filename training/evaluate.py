"""Measures the demo model on held-out documents, and its layer redundancy; writes what the card states.

``python -m training.evaluate --json assets/demo_model/evaluation.json``
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from tqdm.auto import tqdm

from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.files import replace_file
from swift_demo.hardware import describe_hardware
from swift_demo.model.loading import load_target
from swift_demo.model.target import Target
from swift_demo.offline.texts import ScoredText, WrittenText
from swift_demo.search.layer_search import LayerSearch
from swift_demo.skip_set import SkipSet
from training.corpus import TASKS, held_out_documents
from training.document import Document

RATIOS = (0.15, 0.3, 0.45, 0.5, 0.6, 0.75)
SEARCH_RATIO = SwiftConfig().skip_ratio
MAX_NEW_TOKENS = 400


class TaskSample:
    """Greedy texts of one task, ready to score skip sets on: matchness over whole completions."""

    def __init__(
        self,
        target: Target,
        documents: list[Document],
        max_new_tokens: int = MAX_NEW_TOKENS,
        num_scored: int | None = None,
    ):
        self._texts: list[ScoredText] = []
        self.num_right = 0
        decoder = VanillaDecoder(target)
        task = TASKS[documents[0].task]
        for number, document in enumerate(tqdm(documents, desc=f"{documents[0].task}: answers", leave=False)):
            generation = decoder.generate(document.prompt, max_new_tokens=max_new_tokens)
            self.num_right += bool(task.is_right(document, generation.text))
            if num_scored is None or number < num_scored:
                text = WrittenText(target.encode(document.prompt), generation.token_ids)
                self._texts.append(ScoredText(target, text))

    def score(self, skip_set: SkipSet, num_texts: int | None = None) -> float:
        """Mean matchness over the first ``num_texts`` texts (all where not given)."""
        return statistics.fmean(text.score(skip_set) for text in self._texts[:num_texts])


def search_offline(num_layers: int, score: Callable[[SkipSet], float], config: SwiftConfig) -> SkipSet:
    """The set that the project's own search likes best after all its trials, each scored as is wished."""
    search = LayerSearch(num_layers, config)
    for _ in tqdm(range(config.search.max_trials + 1), leave=False):
        proposal = search.propose(0)
        search.record(proposal, score(proposal.skip_set), 0)
    return search.incumbent


def search_best(target: Target, sample: TaskSample, skip_ratio: float, num_trials: int, seed: int) -> SkipSet:
    """The set with the highest matchness that is found for a task in so many trials, on three texts."""
    settings = SearchConfig(
        objective="matchness", max_trials=num_trials, tolerance=num_trials, max_score=1.0, seed=seed
    )
    config = SwiftConfig(skip_ratio=skip_ratio, search=settings)
    return search_offline(target.num_layers, partial(sample.score, num_texts=3), config)


@torch.inference_mode()
def evaluate(
    target: Target, documents_per_task: int, scored_texts: int, trials: int, seed: int
) -> dict[str, Any]:
    """Everything the card states about one model; the seed chooses the documents."""
    documents = {task: held_out_documents(task, documents_per_task, seed) for task in TASKS}
    losses = {task: held_out_loss(target, docs) for task, docs in documents.items()}
    right: dict[str, float] = {}
    samples: dict[str, TaskSample] = {}
    for task, docs in documents.items():
        samples[task] = TaskSample(target, docs, num_scored=scored_texts)
        right[task] = samples[task].num_right / len(docs)
    best = {
        task: search_best(target, sample, SEARCH_RATIO, trials, seed=0)
        for task, sample in tqdm(samples.items(), desc="searching")
    }
    start = SkipSet.uniform(target.num_layers, SEARCH_RATIO)
    by_ratio: dict[str, dict[str, float]] = {}
    for ratio in tqdm(RATIOS, desc="skip ratios"):
        found = {task: search_best(target, s, ratio, trials // 2, seed=0) for task, s in samples.items()}
        uniform = SkipSet.uniform(target.num_layers, ratio)
        by_ratio[str(ratio)] = {
            "uniform": statistics.median(s.score(uniform) for s in samples.values()),
            "found": statistics.median(s.score(found[task]) for task, s in samples.items()),
        }
    return {
        "hardware": describe_hardware(target.device),
        "documents_per_task": documents_per_task,
        "seed": seed,
        "trials": trials,
        "skip_ratio": SEARCH_RATIO,
        "held_out_loss": losses,
        "held_out_right": right,
        "start_matchness": {task: s.score(start) for task, s in samples.items()},
        "best_matchness": {task: s.score(best[task]) for task, s in samples.items()},
        "cross_matchness": {
            row: {column: samples[column].score(best[row]) for column in TASKS} for row in TASKS
        },
        "matchness_by_ratio": by_ratio,
        "best_sets": {name: {"attention": s.attention, "mlp": s.mlp} for name, s in best.items()},
    }


@torch.inference_mode()
def held_out_loss(target: Target, documents: list[Document]) -> float:
    """Mean cross-entropy per completion token, end of text included, in nats."""
    total, count = 0.0, 0
    for document in documents:
        prompt = target.encode(document.prompt)
        ids = torch.tensor([*target.encode(document.text), *target.eos_ids], device=target.device)
        cache = target.new_cache(len(ids))
        logits = target.forward(ids[:-1], cache, 0, SkipSet())[len(prompt) - 1 :]
        wanted = ids[len(prompt) :]
        total += float(torch.nn.functional.cross_entropy(logits.float(), wanted, reduction="sum"))
        count += len(wanted)
    return total / count


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the demo model on held-out documents.")
    parser.add_argument("--model", default="assets/demo_model")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--documents", type=int, default=60, help="held-out documents per task")
    parser.add_argument("--texts", type=int, default=8, help="texts per task that sets are scored on")
    parser.add_argument("--trials", type=int, default=160, help="trials of each search")
    parser.add_argument("--seed", type=int, default=20, help="of the documents")
    parser.add_argument("--json", type=Path, help="file for the results")
    args = parser.parse_args()
    target = load_target(args.model, args.device, "float32")
    results = evaluate(target, args.documents, args.texts, args.trials, args.seed)
    text = json.dumps(results, indent=1)
    if args.json:
        replace_file(args.json, text + "\n")
    print(text)


if __name__ == "__main__":
    main()
