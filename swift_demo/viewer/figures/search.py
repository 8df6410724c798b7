"""Figures of the search: which sub-layers each trial skipped, and how well it matched the text."""

from __future__ import annotations

from typing import Any

from swift_demo.events import Proposer
from swift_demo.viewer.figures.parts import LEGEND_ROOM, Selected, Spec, axis, layout, line, selects
from swift_demo.viewer.fold.parts import PROPOSER_NAMES
from swift_demo.viewer.fold.search import TRIALS_SPAN

_MARKERS: dict[Proposer, dict[str, Any]] = {
    "start": {"symbol": "star", "size": 15, "color": "@start"},
    "incumbent": {"symbol": "diamond-open", "size": 10, "color": "@accent", "line": {"width": 2}},
    "fixed": {"symbol": "cross", "size": 10, "color": "@start"},
    "random": {"symbol": "circle-open", "size": 9, "color": "@random", "line": {"width": 2}},
    "bayesian": {"symbol": "square", "size": 9, "color": "@bayesian"},
    "swap": {"symbol": "triangle-up", "size": 11, "color": "@swap"},
    "hidden states": {"symbol": "hexagon", "size": 12, "color": "@hidden-states"},
    "contribution": {"symbol": "diamond", "size": 11, "color": "@contribution"},
}


def heatmap_spec(num_layers: int) -> Spec:
    """Layers across; from the top the incumbent's strip, then attention and MLP, each with its shares."""
    layers = list(range(num_layers))
    step = next((step for most, step in ((8, 1), (16, 2), (40, 4)) if num_layers <= most), 8)
    across = {
        "range": [-0.5, num_layers + 0.5],
        "tickvals": layers[::step],
        "tickangle": 0,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "color": "@ink",
    }
    down = {
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "color": "@ink",
        "nticks": 5,
        "tickformat": "d",
    }
    share = down | {"range": [0, 1], "tickvals": [0, 1], "ticktext": ["0%", "100%"]}
    shown = layout(height=600 + LEGEND_ROOM, l=88, t=8) | {
        "xaxis": across | {"anchor": "y3", "title": {"text": "layer", "standoff": 8}},
        "bargap": 0.2,
        "yaxis": down
        | {
            "domain": [0.895, 1],
            "range": [1.5, -0.5],
            "tickvals": [0, 1],
            "ticktext": ["attention", "MLP"],
            "title": {"text": ""},
        },
        "yaxis4": share | {"domain": [0.765, 0.845]},
        "yaxis2": down | {"domain": [0.47, 0.755], "title": {"text": "attention"}},
        "yaxis5": share | {"domain": [0.34, 0.42]},
        "yaxis3": down | {"domain": [0, 0.33], "title": {"text": "MLP"}},
    }
    return {
        "layout": shown,
        "traces": [
            _cells(
                layers,
                "y",
                ["attention", "mlp"],
                {"table": "skip_sets", "last": True},
                "incumbent, layer %{x} %{y}: %{z}",
                "incumbent",
                gap=3,
                y=[0, 1],
            ),
            _cells(
                layers,
                "y2",
                ["attention"],
                {"table": "trials", "set": {"y": "trial"}},
                "trial %{y}, layer %{x} attention: %{z}",
                "trial",
            ),
            _cells(
                layers,
                "y3",
                ["mlp"],
                {"table": "trials", "set": {"y": "trial"}},
                "trial %{y}, layer %{x} MLP: %{z}",
                "trial",
            ),
            _shares(layers, "y4", "attention", "attention"),
            _shares(layers, "y5", "mlp", "MLP"),
            *(marks(axis, num_layers) for axis in ("y2", "y3") for marks in (_past_incumbents, _incumbent)),
            *(
                _key(name, colour)
                for name, colour in (
                    ("skipped", "@skipped"),
                    ("kept", "@kept"),
                    ("always kept", "@always-kept"),
                )
            ),
        ],
        "ranges": {
            axis: {"table": "trials", "column": "trial", "span": TRIALS_SPAN, "room": 0.5, "is_reversed": True}
            for axis in ("yaxis2", "yaxis3")
        },
    }


def matchness_spec() -> Spec:
    """Trials across, matchness up; phases as vertical lines, labelled with what ended the one before."""
    candidates = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": PROPOSER_NAMES[proposer],
            "marker": marker,
            "hovertemplate": f"trial %{{x}}, {PROPOSER_NAMES[proposer]}: %{{y:.3f}}<extra></extra>",
            "meta": selects("trial"),
            "bind": {
                "table": "trials",
                "where": {"proposer": proposer},
                "set": {"x": "trial", "y": "matchness"},
            },
        }
        for proposer, marker in _MARKERS.items()
    ]
    incumbent = line(
        "incumbent",
        {"table": "trials", "set": {"x": "trial", "y": "incumbent_matchness"}},
        "incumbent after trial %{x}: %{y:.3f}",
        "@accent",
        meta=selects("trial"),
    )
    return {
        "layout": layout(t=52) | {"xaxis": axis("trial"), "yaxis": axis("matchness", range=[0, 1.04])},
        "traces": [incumbent, *candidates],
        "ranges": {"xaxis": {"table": "trials", "column": "trial", "span": TRIALS_SPAN, "room": 1.5}},
        "repeats": [
            {
                "into": "shapes",
                "bind": {"table": "phases", "set": {"x0": "trial", "x1": "trial"}},
                "template": {
                    "type": "line",
                    "xref": "x",
                    "yref": "paper",
                    "y0": 0,
                    "y1": 1,
                    "line": {"color": "@muted", "width": 1.5, "dash": "dash"},
                },
            },
            {
                "into": "annotations",
                "bind": {
                    "table": "phases",
                    "set": {
                        "x": "trial",
                        "text": "label",
                        "align": "label_side",
                        "xanchor": "label_side",
                        "y": "label_at",
                    },
                },
                "template": {
                    "xref": "x",
                    "yref": "paper",
                    "yanchor": "bottom",
                    "showarrow": False,
                    "font": {"size": 14, "color": "@ink"},
                },
            },
        ],
    }


def _cells(
    layers: list[int],
    axis: str,
    columns: list[str],
    bind: dict[str, Any],
    hover: str,
    selected: Selected,
    gap: int = 2,
    y: list[int] | None = None,
) -> dict[str, Any]:
    # Three flat bands: always kept, kept, skipped.
    colours = ["@always-kept", "@kept", "@skipped"]
    scale = [[(i + side) / 3, colour] for i, colour in enumerate(colours) for side in (0, 1)]
    trace = {
        "type": "heatmap",
        "x": layers,
        "xaxis": "x",
        "yaxis": axis,
        "zmin": -1.5,
        "zmax": 1.5,
        "colorscale": scale,
        "showscale": False,
        "xgap": gap,
        "ygap": gap if y else 0,
        "hovertemplate": hover.replace(": %{z}", "") + "<extra></extra>",
        "meta": selects(selected),
        "bind": bind | {"grid": columns},
    }
    return trace | ({"y": y} if y else {})


def _shares(layers: list[int], axis: str, column: str, name: str) -> Spec:
    return {
        "type": "bar",
        "x": layers,
        "xaxis": "x",
        "yaxis": axis,
        "name": "share of trials that skip it",
        "showlegend": axis == "y5",
        "legendgroup": "share",
        "marker": {"color": "@muted"},
        "hovertemplate": f"layer %{{x}} {name}: skipped in %{{y:.0%}} of the trials<extra></extra>",
        "bind": {"table": "trials", "share": column},
    }


def _past_incumbents(axis: str, num_layers: int) -> Spec:
    bind = {"table": "trials", "where": {"became_incumbent": True}, "set": {"y": "trial"}}
    return _beside_rows(axis, num_layers, "new incumbent", "trial %{y} became the incumbent", 10, "@ink", bind)


def _incumbent(axis: str, num_layers: int) -> Spec:
    bind = {"table": "skip_sets", "last": True, "set": {"y": "trial"}}
    return _beside_rows(axis, num_layers, "incumbent", "incumbent since trial %{y}", 18, "@accent", bind)


def _beside_rows(
    axis: str, num_layers: int, name: str, hover: str, size: int, colour: str, bind: dict[str, Any]
) -> Spec:
    """Triangles that point to rows from their right: rows may be thinner than any line around them."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "xaxis": "x",
        "yaxis": axis,
        "showlegend": axis == "y3",
        "legendgroup": name,
        "cliponaxis": False,
        "marker": {"symbol": "triangle-left", "size": size, "color": colour},
        "hovertemplate": f"{hover}<extra></extra>",
        "meta": selects("trial"),
        "bind": bind | {"constant": {"x": num_layers + 0.2}},
    }


def _key(name: str, colour: str) -> dict[str, Any]:
    """A legend entry without points."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [None],
        "y": [None],
        "yaxis": "y3",
        "marker": {"symbol": "square", "size": 14, "color": colour, "line": {"color": "@line", "width": 1}},
        "hoverinfo": "skip",
    }
