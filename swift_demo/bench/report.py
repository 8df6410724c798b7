"""Measurements to a table for people and JSON for programs."""

from __future__ import annotations

import dataclasses
import statistics
from typing import Any

from swift_demo.bench.speed import METHODS, Measurement
from swift_demo.decoding.generation import trace_header
from swift_demo.target.model import Target


def medians(results: list[Measurement], task: str) -> dict[str, float]:
    """Tokens per second of each method on a task: the median over prompts and repeats."""
    return {
        method: statistics.median(r.tokens_per_s for r in results if (r.task, r.method) == (task, method))
        for method in METHODS
    }


def speedups(results: list[Measurement], method: str, base: str) -> dict[str, float]:
    """Per task, the median over prompts and repeats of a method's speed over the base's in the same turn."""
    tasks = list(dict.fromkeys(r.task for r in results))
    found: dict[str, float] = {}
    for task in tasks:
        ours = [r.tokens_per_s for r in results if (r.task, r.method) == (task, method)]
        theirs = [r.tokens_per_s for r in results if (r.task, r.method) == (task, base)]
        found[task] = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    return found


def acceptance(results: list[Measurement], task: str, method: str) -> tuple[float, float]:
    """Accepted over drafted tokens, and tokens per round, over all runs of a method on a task."""
    chosen = [r.metrics for r in results if (r.task, r.method) == (task, method) and r.metrics]
    drafted = sum(m.num_drafted for m in chosen)
    rounds = sum(m.num_rounds for m in chosen)
    return (
        sum(m.num_accepted for m in chosen) / drafted if drafted else float("nan"),
        sum(m.num_tokens for m in chosen) / rounds if rounds else float("nan"),
    )


def summary(results: list[Measurement]) -> dict[str, Any]:
    """Per task and overall (median over tasks)."""
    vanilla = speedups(results, "vanilla", "generate")
    start = speedups(results, "swift, start set", "vanilla")
    found = speedups(results, "swift, found set", "vanilla")
    kept = speedups(results, "swift, kept set", "vanilla")
    tasks: dict[str, Any] = {}
    for task in vanilla:
        rate, per_round = acceptance(results, task, "swift, kept set")
        tasks[task] = {
            "tokens_per_s": medians(results, task),
            "vanilla_over_generate": vanilla[task],
            "start_set_over_vanilla": start[task],
            "found_set_over_vanilla": found[task],
            "kept_set_over_vanilla": kept[task],
            "acceptance_rate": rate,
            "mean_tokens_per_round": per_round,
            "is_identical": all(r.is_identical for r in results if r.task == task),
        }
    keys = ("vanilla_over_generate", "start_set_over_vanilla", "found_set_over_vanilla",
            "kept_set_over_vanilla", "acceptance_rate", "mean_tokens_per_round")
    overall = {key: statistics.median(values[key] for values in tasks.values()) for key in keys}
    return {"tasks": tasks, "median_over_tasks": overall}


def as_table(results: list[Measurement]) -> str:
    """A row per task."""
    lines = [
        f"{'task':<12}{'generate':>10}{'vanilla':>9}{'SWIFT':>9}{'van/gen':>9}{'start set':>10}"
        f"{'found set':>10}{'kept set':>10}{'accepted':>10}{'per round':>10}  identical"
    ]
    whole = summary(results)
    for task, row in whole["tasks"].items():
        speed = row["tokens_per_s"]
        lines.append(
            f"{task:<12}{speed['generate']:>10.1f}{speed['vanilla']:>9.1f}{speed['swift, kept set']:>9.1f}"
            f"{row['vanilla_over_generate']:>8.2f}×{row['start_set_over_vanilla']:>9.2f}×"
            f"{row['found_set_over_vanilla']:>9.2f}×{row['kept_set_over_vanilla']:>9.2f}×"
            f"{row['acceptance_rate']:>10.1%}{row['mean_tokens_per_round']:>10.2f}  {row['is_identical']}"
        )
    overall = whole["median_over_tasks"]
    lines.append(
        f"{'median':<40}{overall['vanilla_over_generate']:>8.2f}×{overall['start_set_over_vanilla']:>9.2f}×"
        f"{overall['found_set_over_vanilla']:>9.2f}×{overall['kept_set_over_vanilla']:>9.2f}×"
        f"{overall['acceptance_rate']:>10.1%}{overall['mean_tokens_per_round']:>10.2f}"
    )
    lines.append("Tokens per second (medians); speed over generate; over the vanilla lane in the same turn.")
    lines.append("SWIFT's tokens per second, accepted and per round: with the kept set.")
    return "\n".join(lines)


def as_json(target: Target, arguments: dict[str, Any], results: list[Measurement]) -> dict[str, Any]:
    """Everything that was measured, where, and with what."""
    header = dataclasses.asdict(trace_header(target, ""))
    header.pop("prompt")
    return {
        **header,
        "arguments": {name: str(value) for name, value in arguments.items() if name != "json"},
        "summary": summary(results),
        "runs": [dataclasses.asdict(r) for r in results],
    }
