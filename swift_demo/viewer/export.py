"""A run as files to keep: its trace, its numbers, its skip set, and a page that shows it offline."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Callable

from swift_demo.events import GenerationStarted, SkipSetTried
from swift_demo.known_sets import known_sets_text
from swift_demo.metrics import lane_metrics, speedup
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Trace, TraceError
from swift_demo.viewer.bundle import script, styles
from swift_demo.viewer.plotly_js import plotly_js
from swift_demo.viewer.value import File, Value
from swift_demo.viewer.view import label_of, view_of

COLUMNS = (
    "lane",
    "num_tokens",
    "seconds",
    "tokens_per_s",
    "speedup",
    "num_rounds",
    "num_drafted",
    "num_accepted",
    "num_rescued",
    "acceptance_rate",
    "mean_tokens_per_round",
    "num_trials",
    "prompt_s",
    "draft_s",
    "verify_s",
    "search_s",
    "is_finished",
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>SWIFT · {title}</title>
<style>{styles}</style>
<script>{plotly}</script>
</head>
<body class="sv-standalone">
<header><h1>SWIFT <span>on-the-fly self-speculative decoding</span></h1>
<details><summary>Prompt</summary><pre>{prompt}</pre></details></header>
<main id="viewer"></main>
<script type="application/json" id="run">{run}</script>
<script>{scripts}</script>
</body>
</html>
"""


def export(trace: Trace, kind: str) -> File:
    """A file of a run.

    Args:
        kind: One of ``KINDS``.
    """
    extension, make = KINDS[kind]
    return File(name=f"{_stem(trace)}.{extension}", text=make(trace))


def trace_text(trace: Trace) -> str:
    """The trace as ``Trace.save`` writes it."""
    return "\n".join(trace.to_lines()) + "\n"


def metrics_csv(trace: Trace) -> str:
    """A row of numbers for each lane; what is not known is empty, ``speedup`` is over vanilla."""
    vanilla, swift = (lane_metrics(trace.events, lane) for lane in ("vanilla", "swift"))
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    for metrics in (vanilla, swift):
        row = {name: getattr(metrics, name) for name in COLUMNS if name != "speedup"}
        table.writerow(row | {"speedup": speedup(metrics, vanilla)})
    return text.getvalue()


def incumbent_of(trace: Trace) -> SkipSet:
    """The skip set in use when the run ended; empty if SWIFT never started."""
    incumbent = SkipSet()
    for event in trace.events:
        if isinstance(event, GenerationStarted):
            incumbent = event.skip_set if event.lane == "swift" else incumbent
        elif isinstance(event, SkipSetTried) and event.is_kept:
            incumbent = event.skip_set
    return incumbent


def skip_set_text(trace: Trace) -> str:
    """The incumbent in the form of ``skip_layers.json``."""
    return known_sets_text({"incumbent": incumbent_of(trace)})


def value_of(trace: Trace, run_id: str, link: dict[str, str] | None = None) -> Value:
    """A finished run as the viewer takes it.

    Args:
        link: What names the run in the page's address, beside a moment: empty if the page holds no other run;
            None if no link leads to it.

    Raises:
        TraceError: If the trace holds no run.
    """
    chunks = view_of(trace)
    if not chunks:
        raise TraceError("line 2: there is no event, so no lane ever started")
    return Value(
        id=run_id, state="recorded", message="", chunks=chunks, is_code=is_code(trace.header.prompt), link=link
    )


def is_code(prompt: str) -> bool:
    """Whether a prompt is set in monospace."""
    return prompt.lstrip().startswith(("def ", '"""', "class ", "import "))


def html_page(trace: Trace) -> str:
    """The viewer with the run inside, in one file: it needs no server and no network.

    Raises:
        TraceError: See ``value_of``.
    """
    files = {kind: export(trace, kind) for kind in KINDS if kind != "html"}
    value = value_of(trace, "file", link={})
    run = json.dumps({"value": value, "files": files}, ensure_ascii=False, allow_nan=False)
    return _PAGE.format(
        title=html.escape(label_of(trace.header)),
        prompt=html.escape(trace.header.prompt),
        styles=styles(),
        plotly=plotly_js(),
        # No text of the run may end the script element that it is in.
        run=run.replace("<", "\\u003c"),
        scripts=script("standalone.js"),
    )


KINDS: dict[str, tuple[str, Callable[[Trace], str]]] = {
    "trace": ("jsonl", trace_text),
    "metrics": ("csv", metrics_csv),
    "skip-set": ("json", skip_set_text),
    "html": ("html", html_page),
}


def _stem(trace: Trace) -> str:
    model = re.sub(r"[^A-Za-z0-9.-]+", "-", trace.header.model).strip("-.")[:80] or "model"
    return f"swift-{model}-{re.sub(r'[^0-9]', '', trace.header.created)[:14]}".rstrip("-")
