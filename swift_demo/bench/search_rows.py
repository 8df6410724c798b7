"""The table of ``search``: what each way of searching finds, by difficulty."""

from __future__ import annotations

import statistics
from collections import defaultdict
from typing import Any


def judged(result: dict[str, Any]) -> list[str]:
    """A Markdown table, medians over the seeds; the planted set itself comes first at each difficulty."""
    by_way: defaultdict[tuple[float, str], list[dict[str, Any]]] = defaultdict(list)
    for row in result["searches"]:
        by_way[row["epsilon"], row["way"]].append(row)
    head = [
        "ε",
        "search",
        "planted found",
        "skipped",
        "matchness",
        "speed",
        "regret",
        "trials + looks",
        "seconds",
    ]
    lines = [head, ["---"] * len(head)]
    epsilons: set[float] = set()
    for (epsilon, way), rows in by_way.items():
        middle = {key: statistics.median(row[key] for row in rows) for key in _FIGURES}
        first = f"{epsilon:g}"
        if epsilon not in epsilons:
            epsilons.add(epsilon)
            lines.append(
                [first, "**planted set**", "100%", *_promised(middle, "planted_", "num_planted"), *["–"] * 3]
            )
        lines.append(
            [
                first,
                way,
                f"{middle['found_share']:.0%}",
                *_promised(middle, "", "num_skipped"),
                f"{middle['regret']:.1%}",
                f"{middle['num_trials']:g} + {middle['num_looks']:g}",
                f"{middle['seconds']:.1f}",
            ]
        )
    return [f"| {' | '.join(line)} |" for line in lines]


_FIGURES = (
    *("found_share", "num_skipped", "num_planted", "matchness", "planted_matchness", "speed", "planted_speed"),
    *("regret", "num_trials", "num_looks", "seconds"),
)


def _promised(middle: dict[str, float], whose: str, size: str) -> list[str]:
    return [f"{middle[size]:g}", f"{middle[f'{whose}matchness']:.2f}", f"{middle[f'{whose}speed']:.2f}×"]
