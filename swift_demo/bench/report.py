"""``python -m swift_demo.bench report DIR``: the table of a run of ``speed`` again, from its traces."""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from swift_demo.bench import methods as named
from swift_demo.bench.arguments import write_json
from swift_demo.bench.methods import BASES, COMPARED
from swift_demo.bench.runs import INDEX, Run, Runs
from swift_demo.metrics import LaneMetrics, first_difference
from swift_demo.trace import TraceError

OVERALL = "all tasks"
_ORDER = (*COMPARED, named.STREAM_VANILLA, named.COLD_START, named.SEARCH)
_STREAMED = (named.STREAM_VANILLA, named.COLD_START)


def summary(runs: list[Run]) -> dict[str, dict[str, dict[str, Any]]]:
    """Figures by task and method; ``OVERALL`` comes last.

    Speedups of a task are medians over its turns, each time over the base in the same turn; overall they are
    medians over the tasks. A stream's are its tokens over its seconds, since what its search costs falls on
    its first prompts. Rates and shares are sums over sums.
    """
    tasks = list(dict.fromkeys(run.task for run in runs))
    methods = [name for name in _ORDER if any(run.method == name for run in runs)]
    turns = {(run.task, run.prompt, run.turn, run.method): run for run in runs}
    by_task: dict[str, dict[str, dict[str, Any]]] = {}
    for task in tasks:
        by_task[task] = {}
        for method in methods:
            if chosen := [run for run in runs if (run.task, run.method) == (task, method)]:
                by_task[task][method] = _figures(chosen, turns)
    whole: dict[str, dict[str, Any]] = {}
    for method in methods:
        figures = _figures([run for run in runs if run.method == method], turns)
        of_tasks = [by_task[task][method] for task in tasks if method in by_task[task]]
        for key in ("over_base", "over_generate"):
            ratios = [row[key] for row in of_tasks if row[key] is not None]
            figures[f"{key}_of_worst_task"] = min(ratios, default=None)
            if method not in _STREAMED:
                figures[key] = statistics.median(ratios) if ratios else None
        whole[method] = figures
    return by_task | {OVERALL: whole}


def _figures(runs: list[Run], turns: dict[tuple, Run]) -> dict[str, Any]:
    """All figures of one method's runs."""
    method = runs[0].method
    base = BASES.get(method, named.VANILLA)
    speeds = [run.tokens_per_s for run in runs]
    low, _, high = statistics.quantiles(speeds, n=4, method="inclusive") if len(speeds) > 1 else speeds * 3
    against = [turns.get((run.task, run.prompt, run.turn, base)) for run in runs]
    pairs = [(run, other) for run, other in zip(runs, against, strict=True) if other is not None]
    generated = [turns.get((run.task, run.prompt, run.turn, named.GENERATE)) for run in runs]
    is_compared = method != named.SEARCH
    return {
        "num_runs": len(runs),
        "tokens_per_s": statistics.median(speeds),
        "tokens_per_s_quartiles": [low, high],
        "tokens_per_wall_s": statistics.median(len(run.token_ids) / run.wall_s for run in runs),
        "base": base if is_compared else None,
        "over_base": _over(pairs, method in _STREAMED) if is_compared else None,
        "over_generate": (
            _over([(run, other) for run, other in zip(runs, generated, strict=True) if other is not None])
            if is_compared and method not in (*named.SAMPLED, *_STREAMED)
            else None
        ),
        **_shares([run.metrics for run in runs if run.metrics is not None]),
        "num_identical": (
            sum(run.token_ids == other.token_ids for run, other in pairs)
            if is_compared and method not in named.SAMPLED
            else None
        ),
        "peak_bytes": max(run.peak_bytes for run in runs),
    }


def _over(pairs: list[tuple[Run, Run]], is_total: bool = False) -> float | None:
    """How many times as fast as the other run of the same turn; None if there is no other."""
    if not pairs:
        return None
    if is_total:
        return _total_rate(run for run, _ in pairs) / _total_rate(other for _, other in pairs)
    return statistics.median(run.tokens_per_s / other.tokens_per_s for run, other in pairs)


def _total_rate(runs: Iterable[Run]) -> float:
    """Tokens per second of all runs together."""
    chosen = list(runs)
    return sum(len(run.token_ids) for run in chosen) / sum(run.seconds for run in chosen)


def _shares(metrics: list[LaneMetrics]) -> dict[str, Any]:
    """What the traces say: rates, and what the lane's time was spent on."""
    seconds = sum(m.seconds for m in metrics)
    drafted, rounds = sum(m.num_drafted for m in metrics), sum(m.num_rounds for m in metrics)
    parts = ("prompt", "draft", "verify", "search")
    spent = {part: sum(getattr(m, f"{part}_s") for m in metrics) for part in parts}
    return {
        "acceptance_rate": sum(m.num_accepted for m in metrics) / drafted if drafted else None,
        "num_rescued": sum(m.num_rescued for m in metrics) if metrics else None,
        "mean_tokens_per_round": sum(m.num_tokens for m in metrics) / rounds if rounds else None,
        **{f"{part}_share": value / seconds if seconds else None for part, value in spent.items()},
        "num_trials": sum(m.num_trials for m in metrics) if metrics else None,
    }


def as_json(runs: Runs) -> dict[str, Any]:
    """Everything that was measured, where, and with what."""
    return {
        **runs.circumstances,
        "summary": summary(runs.runs),
        "missing": runs.missing,
        "runs": [
            {k: v for k, v in dataclasses.asdict(run).items() if k != "token_ids"}
            | {"num_tokens": len(run.token_ids), "first_difference": position}
            for run, position in zip(runs.runs, _differences(runs.runs), strict=True)
        ],
    }


def _differences(runs: list[Run]) -> Iterable[int | None]:
    """For each run, where its text diverges from the one it is compared with."""
    turns = {(run.task, run.prompt, run.turn, run.method): run for run in runs}
    for run in runs:
        base = turns.get((run.task, run.prompt, run.turn, BASES.get(run.method, named.VANILLA)))
        is_compared = base is not None and run.method not in (*named.SAMPLED, named.SEARCH)
        yield first_difference(run.token_ids, base.token_ids) if base and is_compared else None


def as_table(runs: Runs) -> str:
    """A table for each task and one over all, a row for each method."""
    whole = summary(runs.runs)
    lines: list[str] = []
    for task, rows in whole.items():
        lines += [
            "",
            f"{task:<28}{'tokens/s':>9}{'quartiles':>12}{'× base':>8}{'worst':>7}{'× gen.':>8}{'accepted':>10}"
            f"{'a round':>9}{'draft':>7}{'verify':>7}{'search':>7}{'trials':>8}{'same':>9}{'peak MB':>9}",
            *(_row(method, row) for method, row in rows.items()),
        ]
        for method, why in runs.missing.get(task, {}).items():
            lines.append(f"{method:<28}{'–':>9}  not run: {why}")
    return "\n".join([*lines, "", _HOW_TO_READ])


_HOW_TO_READ = """\
× base: over the vanilla lane in the same turn (sampling: over vanilla sampling; cold start: over vanilla on
the stream, all tokens over all seconds). × gen.: over transformers' generate. All tasks: medians over the
tasks, and the × base of the worst. A lane's seconds are those of its clock, prompt included; generate's are
wall-clock time. Shares are of the lane's seconds. Same: texts identical to the base's. Peak: memory of the
process, or torch's on a GPU. Accepted: of the drafted chain, without tokens rescued from beside it. Searching:
the runs on other prompts that found the found set."""


def _row(method: str, row: dict[str, Any]) -> str:
    low, high = row["tokens_per_s_quartiles"]
    same = "–" if row["num_identical"] is None else f"{row['num_identical']}/{row['num_runs']}"
    return (
        f"{method:<28}{row['tokens_per_s']:>9.1f}{f'{low:.0f}–{high:.0f}':>12}"
        f"{_or_dash(row['over_base'], '.2f'):>8}{_or_dash(row.get('over_base_of_worst_task'), '.2f'):>7}"
        f"{_or_dash(row['over_generate'], '.2f'):>8}"
        f"{_or_dash(row['acceptance_rate'], '.1%'):>10}{_or_dash(row['mean_tokens_per_round'], '.2f'):>9}"
        f"{_or_dash(row['draft_share'], '.0%'):>7}{_or_dash(row['verify_share'], '.0%'):>7}"
        f"{_or_dash(row['search_share'], '.0%'):>7}{_or_dash(row['num_trials'], 'd'):>8}"
        f"{same:>9}{row['peak_bytes'] / 2**20:>9.0f}"
    )


def _or_dash(value: float | int | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m swift_demo.bench report", description=__doc__)
    parser.add_argument("folder", type=Path, help="what `speed --traces` was given")
    parser.add_argument("--json", type=Path, metavar="OUT", help="file for the raw results")
    args = parser.parse_args(argv)
    try:
        runs = Runs.load(args.folder)
    except (OSError, TraceError, KeyError, ValueError) as error:
        sys.exit(f"{args.folder} holds no traces of `speed` with their {INDEX}: {error}")
    print(as_table(runs))
    write_json(args.json, as_json(runs))
