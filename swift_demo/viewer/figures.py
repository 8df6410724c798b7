"""The figures, each defined once: for notebooks filled here, for the page filled in the browser."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from swift_demo.events import GenerationStarted, Proposer
from swift_demo.trace import Trace
from swift_demo.viewer.filling import fill
from swift_demo.viewer.points import SERIES, points_of

Spec = dict[str, Any]

_FONT = {"family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "size": 14, "color": "@ink"}
_LEGEND_ROOM = 56  # pixels at the bottom, given up where the page draws the legend
_MARKERS: dict[Proposer, dict[str, Any]] = {
    "start": {"symbol": "star", "size": 15, "color": "@start"},
    "incumbent": {"symbol": "diamond-open", "size": 10, "color": "@accent", "line": {"width": 2}},
    "fixed": {"symbol": "cross", "size": 10, "color": "@start"},
    "random": {"symbol": "circle-open", "size": 9, "color": "@random", "line": {"width": 2}},
    "bayesian": {"symbol": "square", "size": 9, "color": "@bayesian"},
    "swap": {"symbol": "triangle-up", "size": 11, "color": "@swap"},
    "hidden states": {"symbol": "hexagon", "size": 12, "color": "@hidden-states"},
}
_MARKER_NAMES: dict[Proposer, str] = {
    "start": "start set", "incumbent": "re-scored", "fixed": "kept set", "random": "random",
    "bayesian": "Bayesian", "swap": "swap", "hidden states": "hidden states",
}


def skip_heatmap(trace: Trace) -> go.Figure:
    """Which sub-layers each trial skipped, with the incumbent as a strip on top."""
    return fill(heatmap_spec(num_layers_of(trace)), points_of(trace))


def matchness(trace: Trace) -> go.Figure:
    """How well each trial's draft matched the text, by proposer, with the incumbent as a line."""
    return fill(matchness_spec(), points_of(trace))


def confidence(trace: Trace) -> go.Figure:
    """The draft's confidence in each drafted token, what became of it, and the threshold."""
    return fill(confidence_spec(), points_of(trace))


def figure_specs(num_layers: int) -> dict[str, Any]:
    """What the browser needs to draw the figures: the columns of each series, and the specs."""
    return {
        "series": {name: list(columns) for name, columns in SERIES.items()},
        "legend_room": _LEGEND_ROOM,
        "heatmap": heatmap_spec(num_layers),
        "matchness": matchness_spec(),
        "confidence": confidence_spec(),
    }


def num_layers_of(trace: Trace) -> int:
    """Layers of the model of a run.

    Raises:
        ValueError: If the run never started.
    """
    for event in trace.events:
        if isinstance(event, GenerationStarted):
            return event.num_layers
    raise ValueError("the trace has no GenerationStarted event, so its number of layers is unknown")


def heatmap_spec(num_layers: int) -> Spec:
    """Layers across; from the top the incumbent's strip, the attention panel, the MLP panel."""
    layers = list(range(num_layers))
    step = next((step for most, step in ((8, 1), (16, 2), (40, 4)) if num_layers <= most), 8)
    across = {
        "range": [-0.5, num_layers + 0.5], "tickvals": layers[::step], "tickangle": 0, "showgrid": False,
        "zeroline": False, "fixedrange": True, "color": "@ink",
    }
    down = {"showgrid": False, "zeroline": False, "fixedrange": True, "color": "@ink", "nticks": 5,
            "tickformat": "d"}
    layout = _layout(height=560, margin={"l": 88, "r": 16, "t": 8, "b": 56 + _LEGEND_ROOM}) | {
        "xaxis": across | {"anchor": "y3", "title": {"text": "layer", "standoff": 8}},
        "yaxis": down | {"domain": [0.88, 1], "range": [1.5, -0.5], "tickvals": [0, 1],
                         "ticktext": ["attention", "MLP"], "title": {"text": ""}},
        "yaxis2": down | {"domain": [0.45, 0.83], "title": {"text": "trial (attention)"}},
        "yaxis3": down | {"domain": [0, 0.40], "title": {"text": "trial (MLP)"}},
    }
    return {
        "layout": layout,
        "traces": [
            _cells(layers, "y", "both", {"series": "skip_sets", "last": True},
                   "incumbent, layer %{x} %{y}: %{z}", gap=3, y=[0, 1]),
            _cells(layers, "y2", "attention", {"series": "trials", "set": {"y": "trial"}},
                   "trial %{y}, layer %{x} attention: %{z}"),
            _cells(layers, "y3", "mlp", {"series": "trials", "set": {"y": "trial"}},
                   "trial %{y}, layer %{x} MLP: %{z}"),
            *(_incumbent_marks(axis, num_layers, is_in_legend=axis == "y3") for axis in ("y2", "y3")),
            *(_key(name, colour) for name, colour in (
                ("skipped", "@skipped"), ("kept", "@kept"), ("always kept", "@always-kept"))),
        ],
        "ranges": {
            axis: {"series": "trials", "column": "trial", "span": 20, "room": 0.5,
                   "is_reversed": True}
            for axis in ("yaxis2", "yaxis3")
        },
        "repeats": [
            {
                "into": "shapes",
                "bind": {"series": "skip_sets", "last": True, "set": {"yanchor": "trial"}},
                # In pixels, so that the frame stays visible when rows are thinner than its lines.
                "template": {"type": "rect", "xref": "x", "yref": axis, "x0": -0.5, "x1": num_layers - 0.5,
                             "ysizemode": "pixel", "y0": -6, "y1": 6, "line": {"color": "@ink", "width": 2}},
            }
            for axis in ("y2", "y3")
        ],
    }


def matchness_spec() -> Spec:
    """Trials across, matchness up; the phases as vertical lines."""
    candidates = [
        {
            "type": "scatter", "mode": "markers", "name": _MARKER_NAMES[proposer], "marker": marker,
            "hovertemplate": f"trial %{{x}}, {_MARKER_NAMES[proposer]}: %{{y:.3f}}<extra></extra>",
            "bind": {"series": "trials", "where": {"proposer": proposer},
                     "set": {"x": "trial", "y": "matchness"}},
        }
        for proposer, marker in _MARKERS.items()
    ]
    incumbent = {
        "type": "scatter", "mode": "lines", "name": "incumbent",
        "line": {"color": "@accent", "width": 3, "shape": "hv"},
        "hovertemplate": "incumbent after trial %{x}: %{y:.3f}<extra></extra>",
        "bind": {"series": "trials", "set": {"x": "trial", "y": "incumbent_matchness"}},
    }
    return {
        "layout": _layout(height=424, margin={"l": 64, "r": 16, "t": 44, "b": 56 + _LEGEND_ROOM}) | {
            "xaxis": _axis("trial"), "yaxis": _axis("matchness") | {"range": [0, 1.04]},
        },
        "traces": [incumbent, *candidates],
        "ranges": {"xaxis": {"series": "trials", "column": "trial", "span": 20, "room": 1.5}},
        "repeats": [
            {
                "into": "shapes",
                "bind": {"series": "phases", "set": {"x0": "trial", "x1": "trial"}},
                "template": {"type": "line", "xref": "x", "yref": "paper", "y0": 0, "y1": 1,
                             "line": {"color": "@muted", "width": 1.5, "dash": "dash"}},
            },
            {
                "into": "annotations",
                "bind": {"series": "phases", "set": {"x": "trial", "text": "label",
                                                     "xanchor": "label_side", "yshift": "label_y"}},
                "template": {"xref": "x", "yref": "paper", "y": 1, "yanchor": "bottom",
                             "showarrow": False, "font": {"size": 14, "color": "@ink"}},
            },
        ],
    }


def confidence_spec() -> Spec:
    """Drafted tokens across in the order of drafting, confidence up; the threshold as a line."""
    outcomes = [
        {
            "type": "scatter", "mode": "markers", "name": state, "marker": marker,
            "hovertemplate": f"drafted token %{{x}}, {state}, round %{{customdata}}: confidence %{{y:.3f}}"
                             "<extra></extra>",
            "bind": {"series": "drafts", "where": {"state": state},
                     "set": {"x": "number", "y": "confidence", "customdata": "round"}},
        }
        for state, marker in (
            ("accepted", {"symbol": "circle", "size": 7, "color": "@accepted"}),
            ("rejected", {"symbol": "x", "size": 9, "color": "@rejected"}),
        )
    ]
    threshold = {
        "type": "scatter", "mode": "lines", "name": "threshold",
        "line": {"color": "@accent", "width": 3, "shape": "hv"},
        "hovertemplate": "threshold %{y:.3f}<extra></extra>",
        "bind": {"series": "thresholds", "set": {"x": "number", "y": "threshold"}},
    }
    return {
        "layout": _layout(height=424, margin={"l": 64, "r": 16, "t": 44, "b": 56 + _LEGEND_ROOM}) | {
            "xaxis": _axis("drafted token"), "yaxis": _axis("confidence") | {"range": [0, 1.04]},
        },
        "traces": [*outcomes, threshold],
        "ranges": {"xaxis": {"series": "drafts", "column": "number", "span": 40, "room": 2}},
    }


def _layout(height: int, margin: dict[str, int]) -> dict[str, Any]:
    return {
        "height": height, "margin": margin, "autosize": True, "uirevision": "swift",
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "font": _FONT,
        "showlegend": True, "hovermode": "closest", "dragmode": "zoom",
        "legend": {"orientation": "h", "x": 0, "xref": "container", "xanchor": "left", "y": 0,
                   "yref": "container", "yanchor": "bottom", "entrywidth": 96,
                   "font": {"size": 14, "color": "@ink"}},
        "hoverlabel": {"font": {"size": 14}},
    }


def _axis(title: str) -> dict[str, Any]:
    return {
        "title": {"text": title, "standoff": 8}, "gridcolor": "@grid", "linecolor": "@line", "showline": True,
        "zeroline": False, "color": "@ink", "ticks": "outside", "tickcolor": "@line",
    }


def _cells(layers: list[int], axis: str, part: str, bind: dict[str, Any], hover: str, gap: int = 2,
           y: list[int] | None = None) -> dict[str, Any]:
    # Three flat bands: always kept, kept, skipped.
    colours = ["@always-kept", "@kept", "@skipped"]
    scale = [[(i + side) / 3, colour] for i, colour in enumerate(colours) for side in (0, 1)]
    trace = {
        "type": "heatmap", "x": layers, "xaxis": "x", "yaxis": axis, "zmin": -1.5, "zmax": 1.5,
        "colorscale": scale, "showscale": False, "xgap": gap, "ygap": gap if y else 0,
        "hovertemplate": hover.replace(": %{z}", "") + "<extra></extra>", "bind": bind | {"grid": part},
    }
    return trace | ({"y": y} if y else {})


def _incumbent_marks(axis: str, num_layers: int, is_in_legend: bool) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "name": "new incumbent", "xaxis": "x", "yaxis": axis,
        "showlegend": is_in_legend, "legendgroup": "incumbent",
        "cliponaxis": False, "marker": {"symbol": "triangle-left", "size": 10, "color": "@ink"},
        "hovertemplate": "trial %{y} became the incumbent<extra></extra>",
        "bind": {"series": "trials", "where": {"became_incumbent": 1}, "set": {"y": "trial"},
                 "constant": {"x": num_layers - 0.1}},
    }


def _key(name: str, colour: str) -> dict[str, Any]:
    """A legend entry without points."""
    return {
        "type": "scatter", "mode": "markers", "name": name, "x": [None], "y": [None], "yaxis": "y3",
        "marker": {"symbol": "square", "size": 14, "color": colour, "line": {"color": "@line", "width": 1}},
        "hoverinfo": "skip",
    }
