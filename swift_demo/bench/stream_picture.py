"""The plot of a changing stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import plotly.graph_objects as go

if TYPE_CHECKING:
    from swift_demo.bench.stream import StreamRun

_SIZE = {"width": 1000, "height": 500}
_INK = "#1f2328"


class _Look(NamedTuple):
    """Of a way: its colour, the mark of a single prompt, its line's width and dash."""

    colour: str
    symbol: str
    width: float
    dash: str


# One for each way, in the order in which they were run. The second line is broad and pale, so that it is seen
# under the first where both do the same.
_LOOKS = (
    _Look("#0072B2", "circle", 2.5, "solid"),
    _Look("#e8996b", "x", 6, "solid"),
    _Look("#6e7781", "", 2.5, "dot"),
)
_WINDOW = 3  # prompts of one task that a line's point is taken over


def stream_figure(runs: Sequence[StreamRun]) -> go.Figure:
    """Acceptance by prompt, a line for each way; below, the prompts during which each searched."""
    ways = list(dict.fromkeys(r.way for r in runs))
    figure = go.Figure(layout=_layout(runs))
    for way, (colour, symbol, width, dash) in reversed(list(zip(ways, _LOOKS, strict=False))):
        own = [r for r in runs if r.way == way]
        if symbol:
            figure.add_scatter(
                x=[r.number for r in own],
                y=[_rate([r]) for r in own],
                mode="markers",
                showlegend=False,
                marker={"symbol": symbol, "size": 6, "color": colour, "opacity": 0.6},
            )
        for task in dict.fromkeys(r.task for r in own):
            part = [r for r in own if r.task == task]
            figure.add_scatter(
                x=[r.number for r in part],
                y=[_rate(part[max(0, i - _WINDOW + 1) : i + 1]) for i in range(len(part))],
                mode="lines",
                line={"color": colour, "width": width, "dash": dash},
                name=way,
                legendgroup=way,
                showlegend=task == own[0].task,
            )
    searching = [way for way in ways if any(r.num_trials for r in runs if r.way == way)]
    for row, way in enumerate(reversed(searching)):
        busy = [r.number for r in runs if r.way == way and r.num_trials]
        figure.add_scatter(
            x=busy,
            y=[row] * len(busy),
            yaxis="y2",
            mode="markers",
            showlegend=False,
            marker={"symbol": "square", "size": 10, "color": _LOOKS[ways.index(way)].colour},
        )
    figure.update_layout(
        yaxis2={
            "domain": [0, 0.12],
            "range": [-0.7, len(searching) - 0.3],
            "tickvals": list(range(len(searching))),
            "ticktext": [f"searches ({way.split()[-1]})" for way in reversed(searching)],
            "showgrid": False,
            "zeroline": False,
        }
    )
    return figure


def _rate(runs: Sequence[StreamRun]) -> float | None:
    drafted = sum(r.num_drafted for r in runs)
    return 100 * sum(r.num_accepted for r in runs) / drafted if drafted else None


def _layout(runs: Sequence[StreamRun]) -> dict[str, object]:
    tasks = list(dict.fromkeys(r.task for r in runs))
    numbers = {task: [r.number for r in runs if r.task == task] for task in tasks}
    lowest = min((rate for r in runs if (rate := _rate([r])) is not None), default=0)
    return {
        **_SIZE,
        "template": "none",
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "font": {"family": "system-ui, 'Segoe UI', Roboto, Helvetica, sans-serif", "size": 15, "color": _INK},
        "margin": {"l": 136, "r": 16, "t": 64, "b": 48},
        "legend": {"orientation": "h", "x": 0, "y": 1.17, "yanchor": "top", "traceorder": "reversed"},
        "xaxis": {
            "title": {"text": "prompt"},
            "anchor": "y2",
            "showgrid": False,
            "zeroline": False,
            "range": [0.5, max(map(max, numbers.values())) + 0.5],
        },
        "yaxis": {
            "title": {"text": "accepted", "standoff": 16},
            "ticksuffix": " %",
            "domain": [0.19, 1],
            "range": [10 * (lowest // 10), 101],
            "gridcolor": "#e3e6ea",
            "zeroline": False,
        },
        "shapes": [
            {
                "type": "line",
                "x0": min(numbers[task]) - 0.5,
                "x1": min(numbers[task]) - 0.5,
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": {"color": "#8c959f", "width": 1},
            }
            for task in tasks[1:]
        ],
        "annotations": [
            {
                "text": f"<b>{task}</b>",
                "x": min(numbers[task]) - 0.3,
                "xanchor": "left",
                "yref": "paper",
                "y": 1.0,
                "yanchor": "bottom",
                "showarrow": False,
            }
            for task in tasks
        ],
    }
