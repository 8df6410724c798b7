"""``python -m swift_demo.bench stream``: what happens to the draft when the task changes.

Decoders write a stream of prompts that changes its task every few prompts. They search for a skip set on the
first task; afterwards one begins again when acceptance falls (on), another keeps the set that it has (off).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from tqdm.auto import tqdm

from swift_demo.bench.arguments import add_model, circumstances, load, parser_of, write_json
from swift_demo.bench.browser import save_picture
from swift_demo.bench.prompts import PromptFileError, held_out
from swift_demo.bench.stream_picture import stream_figure
from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.decoding.generation import Generation
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import PhaseChanged
from swift_demo.model.target import Target

TASKS = ("story", "code", "arithmetic", "translation", "summary")
ON, OFF, KEPT = "re-optimisation on", "re-optimisation off", "set kept for the task"
AT, AROUND = 2, 3  # prompts that count as the change itself; as the time before it and after recovery
# The search has to end within the first task, or it cannot begin again; and it has no limit on its time, so
# that acceptance is the same on every machine; nor may other decisions depend on time.
SEARCH = SearchConfig(
    objective="matchness",
    max_trials=40,
    tolerance=20,
    trial_interval=2,
    max_time_share=1.0,
    fading_trials=0,
    max_loss_share=1.0,
)
SEARCH_ONCE = dataclasses.replace(SEARCH, restart_margin=1.0)


class Change(NamedTuple):
    """A change of phase, and the round in which it came."""

    round: int
    phase: str
    reason: str


@dataclass(frozen=True, slots=True)
class StreamRun:
    """One prompt of the stream, decoded one way.

    Attributes:
        number: Of the prompt in the stream, from 1.
        vanilla_s: Seconds of vanilla decoding in the same turn.
        is_identical: Whether the text is vanilla's.
        phases: Its changes of phase.
        num_rescued: Accepted siblings; results from before they were told apart have them in ``num_accepted``.
    """

    way: str
    number: int
    task: str
    num_tokens: int
    num_rounds: int
    num_drafted: int
    num_accepted: int
    num_trials: int
    seconds: float
    vanilla_s: float
    is_identical: bool
    phases: tuple[Change, ...]
    num_rescued: int = 0


def measure(target: Target, prompts: list[tuple[str, str]], num_tokens: int) -> list[StreamRun]:
    """The whole stream of (task, prompt), with all ways of decoding turn by turn."""
    decoders = {
        ON: SwiftDecoder(target, SwiftConfig(threshold_rule="fixed", search=SEARCH)),
        OFF: SwiftDecoder(target, SwiftConfig(threshold_rule="fixed", search=SEARCH_ONCE)),
    }
    fixed = SwiftConfig(threshold_rule="fixed", search=SearchConfig(is_enabled=False))
    vanilla = VanillaDecoder(target)
    _, first = prompts[0]
    vanilla.generate(first, max_new_tokens=num_tokens)  # warms up
    runs: list[StreamRun] = []
    with tqdm(prompts, unit="prompt") as bar:
        for number, (task, prompt) in enumerate(bar, start=1):
            bar.set_description(task)
            if task in target.known_sets:
                decoders[KEPT] = SwiftDecoder(target, fixed, target.known_sets[task])
            reference = vanilla.generate(prompt, max_new_tokens=num_tokens)
            for way, decoder in decoders.items():
                runs.append(
                    _run(way, number, task, decoder.generate(prompt, max_new_tokens=num_tokens), reference)
                )
    return runs


def _run(way: str, number: int, task: str, generation: Generation, reference: Generation) -> StreamRun:
    metrics = generation.metrics
    changes = [e for e in generation.trace.events if isinstance(e, PhaseChanged) and e.round > 0]
    return StreamRun(
        way,
        number,
        task,
        num_tokens=metrics.num_tokens,
        num_rounds=metrics.num_rounds,
        num_drafted=metrics.num_drafted,
        num_accepted=metrics.num_accepted,
        num_trials=metrics.num_trials,
        seconds=round(metrics.seconds, 4),
        vanilla_s=round(reference.metrics.seconds, 4),
        is_identical=generation.token_ids == reference.token_ids,
        phases=tuple(Change(e.round, e.phase, e.reason) for e in changes),
        num_rescued=metrics.num_rescued,
    )


def acceptance(runs: Iterable[StreamRun]) -> float | None:
    """Accepted over drafted tokens of the chains of all runs; None if nothing was drafted."""
    chosen = list(runs)
    drafted = sum(r.num_drafted for r in chosen)
    return sum(r.num_accepted for r in chosen) / drafted if drafted else None


def speedup(runs: Iterable[StreamRun]) -> float:
    """Vanilla's seconds over SWIFT's for the same texts, search included."""
    chosen = list(runs)
    return sum(r.vanilla_s for r in chosen) / sum(r.seconds for r in chosen)


def summary(runs: Sequence[StreamRun]) -> list[dict[str, Any]]:
    """For each way and change of task: acceptance before it, at it and after recovery; and over all."""
    rows: list[dict[str, Any]] = []
    for way in dict.fromkeys(r.way for r in runs):
        own = [r for r in runs if r.way == way]
        parts = [[r for r in own if r.task == task] for task in dict.fromkeys(r.task for r in own)]
        for old, new in pairwise(parts):
            rows.append(
                {
                    "way": way,
                    "change": f"{old[0].task} to {new[0].task}",
                    "before": acceptance(old[-AROUND:]),
                    "at": acceptance(new[:AT]),
                    "after": acceptance(new[-AROUND:]),
                    "speedup_on_new_task": speedup(new),
                }
            )
        changes = [(r.number, change.reason) for r in own for change in r.phases]
        begun_again = [number for number, reason in changes if reason == "acceptance fell"]
        rows.append(
            {
                "way": way,
                "change": "whole stream",
                "acceptance_rate": acceptance(own),
                "speedup": speedup(own),
                "mean_tokens_per_round": sum(r.num_tokens for r in own) / sum(r.num_rounds for r in own),
                "num_trials": sum(r.num_trials for r in own),
                "begun_again_at_prompts": begun_again,
                "is_identical": all(r.is_identical for r in own),
            }
        )
    return rows


def as_table(rows: list[dict[str, Any]]) -> str:
    """The summary as text."""
    lines = [f"{'way':<24}{'change':<28}{'before':>8}{'at':>8}{'after':>8}{'speedup':>9}"]
    for row in rows:
        name = f"{row['way']:<24}{row['change']:<28}"
        if "acceptance_rate" in row:
            lines.append(
                f"{name}{_percent(row['acceptance_rate']):>24}{row['speedup']:>8.2f}×  "
                f"{row['mean_tokens_per_round']:.1f} tokens per round, {row['num_trials']} trials, begun again "
                f"at {row['begun_again_at_prompts']}, identical: {row['is_identical']}"
            )
        else:
            rates = "".join(f"{_percent(row[when]):>8}" for when in ("before", "at", "after"))
            lines.append(f"{name}{rates}{row['speedup_on_new_task']:>8.2f}×")
    return "\n".join(lines)


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.0%}"


def as_json(target: Target, args: argparse.Namespace, runs: list[StreamRun]) -> dict[str, Any]:
    """Everything that was measured, where, and with what."""
    return circumstances(target, args) | {
        "search": dataclasses.asdict(SEARCH),
        "summary": summary(runs),
        "runs": [dataclasses.asdict(run) for run in runs],
    }


def main(argv: list[str]) -> None:
    parser = parser_of("stream", __doc__)
    add_model(parser)
    parser.add_argument("--prompts", type=int, default=10, help="prompts until the task changes")
    parser.add_argument("--tokens", type=int, default=100, help="most tokens per prompt")
    parser.add_argument("--picture", type=Path, help="SVG file for the plot; needs Playwright and a Chromium")
    parser.add_argument("--redraw", type=Path, metavar="JSON", help="measure nothing; show these raw results")
    args = parser.parse_args(argv)
    if args.redraw:
        raw = json.loads(args.redraw.read_text(encoding="utf-8"))["runs"]
        runs = [
            StreamRun(**run | {"phases": tuple(Change(*change) for change in run["phases"])}) for run in raw
        ]
    else:
        try:
            by_task = held_out("changing", args.prompts, TASKS)
        except PromptFileError as error:
            sys.exit(str(error))
        target = load(args)
        prompts = [(task, prompt) for task, prompts in by_task.items() for prompt in prompts]
        runs = measure(target, prompts, args.tokens)
        write_json(args.json, as_json(target, args, runs))
    print(as_table(summary(runs)))
    if args.picture:
        save_picture(stream_figure(runs), args.picture)
