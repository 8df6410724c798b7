"""What the documents' tables say: each a function from raw results to the lines of a Markdown table."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from swift_demo.bench import methods as named
from swift_demo.bench.report import OVERALL
from swift_demo.metrics import lane_metrics, speedup
from swift_demo.trace import Trace

Result = dict[str, Any]
_DRAFT_SIZES = (0.3, 0.45, 0.5, 0.6, 0.75)  # skip ratios that a reader may choose
_COSTS = (
    *(("draft", size, f"draft token, skip ratio {size}") for size in _DRAFT_SIZES),
    *(("verification", size, f"verification of {size} tokens, a chain") for size in (9, 17, 33)),
    *(("tree", size, f"verification of {size} tokens, a tree") for size in (9, 17, 33)),
    *(("trial", size, f"trial on {size} tokens") for size in (25, 50, 100)),
)
# Rescued tokens were once counted as accepted; results from then do not name them.
_OLD_ACCEPTED = "accepted, with rescued"


def headline(result: Result) -> list[str]:
    """SWIFT by task, in the few columns that a visitor wants."""
    ways = {"kept set": named.KEPT, "found set": named.FOUND, "cold start": named.COLD_START}
    head = [
        "task",
        "vanilla, tokens/s",
        *(f"SWIFT, {way}" for way in ways),
        _accepted(result),
        "tokens per round",
    ]
    rows = []
    for task, by_method in result["summary"].items():
        kept = by_method[named.KEPT]
        speeds = [_times(by_method[method]["over_base"]) for method in ways.values()]
        rows.append([task, f"{by_method[named.VANILLA]['tokens_per_s']:.0f}", *speeds, *_kept_columns(kept)])
    return _table(head, _last_in_bold(rows))


def speed(result: Result) -> list[str]:
    """Every way of decoding over the vanilla lane, by task."""
    ways = {
        "prompt lookup": named.LOOKUP,
        "early exit": named.EARLY_EXIT,
        "SWIFT: uniform set": named.START,
        "found set": named.FOUND,
        "kept set": named.KEPT,
        "cold start": named.COLD_START,
        "sampling": named.SAMPLED_SWIFT,
    }
    head = ["task", "vanilla lane, tokens/s", "over `generate`", *ways, f"{_accepted(result)} (kept)"]
    rows = []
    for task, by_method in result["summary"].items():
        vanilla, kept = by_method[named.VANILLA], by_method[named.KEPT]
        speeds = [_times(by_method[method]["over_base"]) for method in ways.values()]
        start = [task, f"{vanilla['tokens_per_s']:.0f}", _times(vanilla["over_generate"])]
        rows.append([*start, *speeds, *_kept_columns(kept)])
    return _table([*head, "tokens per round (kept)"], _last_in_bold(rows))


def models(*results: Result) -> list[str]:
    """SWIFT from a cold start on several models: a row for each."""
    head = [
        "model",
        "vanilla, tokens/s",
        "SWIFT over vanilla",
        "worst task",
        "tokens per round",
        "accepted",
        "spent on search",
    ]
    rows = []
    for result in results:
        vanilla, swift = (result["summary"][OVERALL][way] for way in (named.STREAM_VANILLA, named.COLD_START))
        accepted = swift["acceptance_rate"]
        rows.append(
            [
                result["model"],
                f"{vanilla['tokens_per_s']:.0f}",
                f"**{_times(swift['over_base'])}**",
                _times(swift["over_base_of_worst_task"]),
                f"{swift['mean_tokens_per_round']:.2f}",
                "nothing drafted" if accepted is None else f"{accepted:.0%}",
                f"{swift['search_share']:.1%}",
            ]
        )
    return _table(head, rows)


def stochastic_depth(trained: Result, plain: Result) -> list[str]:
    """What training with stochastic depth gains: over all tasks, and in the worst one."""
    ways = {"kept set": named.KEPT, "found set": named.FOUND, "cold start": named.COLD_START}
    head = ["SWIFT over vanilla", "as shipped", "worst task", "without stochastic depth", "worst task"]
    rows = []
    for way, method in ways.items():
        both = (each["summary"][OVERALL][method] for each in (trained, plain))
        cells = [_times(each[key]) for each in both for key in ("over_base", "over_base_of_worst_task")]
        rows.append([way, *cells])
    return _table(head, rows)


def costs(*results: Result) -> list[str]:
    """What a token, a verification and a trial take, over a vanilla token of the same run."""
    times = [{(row["kind"], row["size"]): row for row in result["costs"]} for result in results]
    head = ["what", *(f"run {number}" for number in range(1, len(results) + 1))]
    rows = [["vanilla token, ms", *(f"{run['vanilla', 1]['ms']:.1f}" for run in times)]]
    rows += [[what, *(_times(run[kind, size]["over_vanilla"]) for run in times)] for kind, size, what in _COSTS]
    return _table(head, rows)


def predictions(result: Result) -> list[str]:
    """Measured speedups beside those that the costs predict."""
    rows = [
        [row["task"], row["set"], _times(row["measured"]), _times(row["predicted"]), f"{_ratio(row):.2f}"]
        for row in result["speedups"]
    ]
    middle = statistics.median(_ratio(row) for row in result["speedups"])
    rows.append(["**median**", "", "", "", f"**{middle:.2f}**"])
    return _table(["task", "set", "measured", "predicted", "measured over predicted"], rows)


def page(*results: Result) -> list[str]:
    """The page's tokens per second over those without a page, by lane."""
    head = ["what", "turns", "vanilla", "SWIFT"]
    rows = [
        [way, str(result["arguments"]["repeat"]), *(f"{over[lane]:.2f}" for lane in ("vanilla", "swift"))]
        for result in results
        for way, figures in result["summary"].items()
        if (over := figures["over_headless"]) and way != "headless"
    ]
    return _table(head, rows)


def growth(result: Result) -> list[str]:
    """Costs by the text's length."""
    head = [
        "tokens of context",
        "vanilla token, ms",
        "drafted token, ms",
        "verified token, ms",
        "cache, KB a token",
    ]
    rows = [
        [
            str(row["context"]),
            *(f"{row[f'{kind}_ms']:.1f}" for kind in ("vanilla", "drafted", "verified")),
            f"{row['cache_bytes'] / row['context'] / 1024:.0f}",
        ]
        for row in result["tokens"]
    ]
    return _table(head, rows)


def updates(result: Result) -> list[str]:
    """Costs of one update of the page by the trace's length."""
    rows = [
        [
            str(row["num_tokens"]),
            f"{row['bytes'] / 1000:.0f}",
            f"{row['server_ms']:.1f}",
            f"{row['browser_ms']:.0f}",
        ]
        for row in result["page_updates"]
    ]
    return _table(["tokens in the trace", "KB sent", "server, ms", "browser, ms"], rows)


def stream(result: Result) -> list[str]:
    """Acceptance around each change of task, by way of decoding."""
    rows = result["summary"]
    ways = list(dict.fromkeys(row["way"] for row in rows))
    cells = {(row["change"], row["way"]): _stream_cell(row) for row in rows}
    changes = dict.fromkeys(row["change"] for row in rows)
    body = [[change, *(cells[change, way] for way in ways)] for change in changes]
    is_old = "num_rescued" not in result["runs"][0]
    return _table([_OLD_ACCEPTED if is_old else "accepted", *ways], body)


def recorded(runs: dict[str, Trace]) -> list[str]:
    """The speedups of the recorded runs, greedy and sampled."""
    found: dict[str, dict[str, str]] = {}
    for name, trace in runs.items():
        task, _, kind = name.rpartition("-")
        lanes = (lane_metrics(trace.events, "swift"), lane_metrics(trace.events, "vanilla"))
        found.setdefault(task, {})[kind] = _times(speedup(*lanes))
    kinds = list(dict.fromkeys(kind for by_kind in found.values() for kind in by_kind))
    rows = [[task, *(by_kind.get(kind, "–") for kind in kinds)] for task, by_kind in found.items()]
    return _table(["task", *kinds], rows)


def right(evaluation: Result) -> list[str]:
    """Shares of held-out prompts that the embedded model gets right."""
    shares = evaluation["held_out_right"]
    return _table(["right", *shares], [["share", *(f"{share:.0%}" for share in shares.values())]])


# Each table by its name in the documents.
TABLES: dict[str, Callable[..., list[str]]] = {
    each.__name__: each
    for each in (
        headline,
        speed,
        models,
        stochastic_depth,
        costs,
        predictions,
        page,
        growth,
        updates,
        stream,
        recorded,
        right,
    )
}


def read_runs(folder: Path) -> dict[str, Trace]:
    """The traces of a folder by name."""
    return {path.stem: Trace.load(path) for path in sorted(folder.glob("*.jsonl"))}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def _last_in_bold(rows: list[list[str]]) -> list[list[str]]:
    """The last row, which is for all tasks, in bold."""
    return [*rows[:-1], [f"**{cell}**" for cell in rows[-1]]]


def _accepted(result: Result) -> str:
    return "accepted" if "num_rescued" in result["summary"][OVERALL][named.KEPT] else _OLD_ACCEPTED


def _kept_columns(kept: Result) -> list[str]:
    return [f"{kept['acceptance_rate']:.0%}", f"{kept['mean_tokens_per_round']:.1f}"]


def _stream_cell(row: Result) -> str:
    if "acceptance_rate" in row:
        trials = f", {row['num_trials']} trials" if row["num_trials"] else ""
        return f"{row['acceptance_rate']:.0%}, {_times(row['speedup'])} vanilla{trials}"
    return " → ".join(f"{row[when]:.0%}" for when in ("before", "at", "after"))


def _ratio(row: Result) -> float:
    return row["measured"] / row["predicted"]


def _times(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}×"
