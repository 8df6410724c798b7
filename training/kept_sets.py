"""Finds the skip sets that lie beside the demo model: ``python -m training.kept_sets``.

They are searched on greedy texts from the training side, so that nothing measured on held-out prompts is
flattered by them, for the speed that follows from matchness and sub-layer costs.
"""

from __future__ import annotations

import argparse
import random
import statistics
from collections.abc import Callable
from functools import partial
from pathlib import Path

from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.known_sets import ALL_TASKS, FILE_NAME, save_known_sets
from swift_demo.model.loading import load_target
from swift_demo.model.target import Target
from swift_demo.search.costs import PassCosts, measure_costs, predicted_speedup
from swift_demo.skip_set import SkipSet
from training.corpus import TASKS, sample_document
from training.evaluate import TaskSample, search_offline

NUM_TOKENS = 150


class AllTasks:
    """Several tasks as one: the mean of their scores."""

    def __init__(self, samples: list[TaskSample]):
        self._samples = samples

    def score(self, skip_set: SkipSet, num_texts: int | None = None) -> float:
        return statistics.fmean(sample.score(skip_set, num_texts) for sample in self._samples)


def sample_texts(target: Target, task: str, count: int) -> TaskSample:
    """What the target writes for ``count`` documents of the training side."""
    rng = random.Random(f"kept sets {task}")
    return TaskSample(target, [sample_document(rng, task) for _ in range(count)], NUM_TOKENS)


def fastest_set(
    num_layers: int, score: Callable[[SkipSet], float], costs: PassCosts, config: SwiftConfig
) -> SkipSet:
    """The set of the given skip ratio that the project's own search finds to be the fastest.

    Args:
        score: A set's matchness.
    """

    def speed(skip_set: SkipSet) -> float:
        return predicted_speedup(score(skip_set), skip_set, costs, config.max_draft_tokens)

    return search_offline(num_layers, speed, config)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.kept_sets", description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("assets/demo_model"))
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--texts", type=int, default=16, help="texts per task that sets are scored on")
    parser.add_argument("--trials", type=int, default=200, help="trials of each search")
    args = parser.parse_args()
    target = load_target(str(args.model), args.device, "float32")
    costs = measure_costs(target)
    print(costs.numbers())
    search = SearchConfig(objective="matchness", max_trials=args.trials, tolerance=args.trials, max_score=1.0)
    config = SwiftConfig(search=search)
    samples = {task: sample_texts(target, task, args.texts) for task in TASKS}
    together = AllTasks(list(samples.values()))
    scores: dict[str, Callable[[SkipSet], float]] = {task: sample.score for task, sample in samples.items()}
    scores[ALL_TASKS] = partial(together.score, num_texts=(args.texts + 1) // 2)
    sets = dict(target.known_sets)
    for name, score in scores.items():
        sets[name] = fastest_set(target.num_layers, score, costs, config)
        print(f"{name}: matchness {score(sets[name]):.3f}, draft costs {costs.of_draft(sets[name]):.2f} tokens")
        save_known_sets(args.model / FILE_NAME, sets)


if __name__ == "__main__":
    main()
