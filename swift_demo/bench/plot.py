"""``python -m swift_demo.bench plot RESULT.json OUT.svg``: the speeds of a run of ``speed`` as a picture."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from swift_demo.bench import methods as named
from swift_demo.bench.browser import save_picture
from swift_demo.bench.report import OVERALL

WIDTH, HEIGHT = 880, 440
_GREY, _BLUE, _VERMILLION = "#999999", "#56b4e9", "#d55e00"  # Okabe and Ito
_INK = "#222222"
_ORDER = (
    named.GENERATE,
    named.LOOKUP,
    named.EARLY_EXIT,
    named.VANILLA,
    named.START,
    named.FOUND,
    named.CHAIN,
    named.TREE,
    named.KEPT,
    named.COLD_START,
    named.SAMPLED_SWIFT,
)


def speed_figure(result: dict[str, Any]) -> go.Figure:
    """For each method a bar, its speed over the vanilla lane on all tasks, and a dot for each task.

    Args:
        result: What ``speed --json`` wrote.
    """
    summary = result["summary"]
    methods = [name for name in _ORDER if summary[OVERALL].get(name, {}).get("over_base") is not None]
    dots = [
        (row[method]["over_base"], method, task)
        for task, row in summary.items()
        if task != OVERALL
        for method in methods
        if method in row and row[method]["over_base"] is not None
    ]
    medians = [summary[OVERALL][method]["over_base"] for method in methods]
    figure = go.Figure()
    figure.add_bar(
        x=medians,
        y=methods,
        orientation="h",
        width=0.6,
        showlegend=False,
        marker_color=[_colour(method) for method in methods],
    )
    figure.add_scatter(
        x=[x for x, _, _ in dots],
        y=[y for _, y, _ in dots],
        mode="markers",
        showlegend=False,
        marker={"size": 8, "color": "rgba(255, 255, 255, 0.8)", "line": {"color": _INK, "width": 1.5}},
    )
    for method, value in zip(methods, medians, strict=True):
        figure.add_annotation(
            x=1, xref="paper", xanchor="left", xshift=8, y=method, text=f"<b>{value:.2f}×</b>", showarrow=False
        )
    settings = result["arguments"]
    figure.update_layout(
        template="none",
        width=WIDTH,
        height=HEIGHT,
        paper_bgcolor="white",
        plot_bgcolor="white",
        bargap=0.3,
        font={"family": "system-ui, sans-serif", "size": 14, "color": _INK},
        margin={"l": 200, "r": 72, "t": 72, "b": 56},
        title={
            "text": "Speed over the vanilla lane: a bar for all tasks, a dot for each<br><sub>"
            f"{result['model']}, {result['dtype']}, at most {settings['tokens']} tokens, {result['hardware']}, "
            f"torch {result['versions']['torch']} on {result['num_threads']}</sub>",
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "pad": {"l": 16},
            "font": {"size": 16},
        },
        xaxis={
            "ticksuffix": "×",
            "rangemode": "tozero",
            "gridcolor": "#e5e5e5",
            "zeroline": False,
            "range": [0, 1.05 * max([*medians, *(x for x, _, _ in dots)])],
        },
        yaxis={"autorange": "reversed", "ticks": "", "showline": False},
        shapes=[
            {
                "type": "line",
                "x0": 1,
                "x1": 1,
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": {"color": _INK, "width": 1.5, "dash": "dot"},
            }
        ],
    )
    return figure


def _colour(method: str) -> str:
    if method.startswith("SWIFT"):
        return _VERMILLION
    return _BLUE if method == named.VANILLA else _GREY


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m swift_demo.bench plot", description=__doc__)
    parser.add_argument("result", type=Path, help="what `speed --json` wrote")
    parser.add_argument("out", type=Path, help="the picture, .svg or .png")
    args = parser.parse_args(argv)
    try:
        figure = speed_figure(json.loads(args.result.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"{args.result} is not what `speed --json` wrote: {error}")
    save_picture(figure, args.out)
