"""What the figures share: their layout, their axes, and the room that the page's own key leaves them."""

from __future__ import annotations

from typing import Any, Literal

Spec = dict[str, Any]
Selected = Literal["token", "trial", "incumbent"]

LEGEND_ROOM = 56  # pixels at the bottom, given up if the page draws the legend
PLOT_HEIGHT = 400 + LEGEND_ROOM

_FONT = {"family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "size": 14, "color": "@ink"}


def layout(height: int = PLOT_HEIGHT, **margin: int) -> Spec:
    """A layout without axes; ``margin`` as plotly names its sides: l, r, t, b."""
    sides = {"l": 64, "r": 16, "t": 16, "b": 56} | margin
    return {
        "height": height,
        "margin": sides | {"b": sides["b"] + LEGEND_ROOM},
        "autosize": True,
        "uirevision": "swift",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": _FONT,
        "showlegend": True,
        "hovermode": "closest",
        "dragmode": "zoom",
        "legend": {
            "orientation": "h",
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 0,
            "yref": "container",
            "yanchor": "bottom",
            "font": {"size": 14, "color": "@ink"},
        },
        "hoverlabel": {"font": {"size": 14}},
    }


def axis(title: str, **more: Any) -> Spec:
    """An axis with a grid; ``more`` are plotly's own attributes."""
    return {
        "title": {"text": title, "standoff": 8},
        "gridcolor": "@grid",
        "linecolor": "@line",
        "showline": True,
        "zeroline": False,
        "color": "@ink",
        "ticks": "outside",
        "tickcolor": "@line",
    } | more


def line(
    name: str,
    bind: Spec,
    hover: str,
    colour: str,
    width: float = 3,
    dash: str = "solid",
    shape: str = "hv",
    **more: Any,
) -> Spec:
    """A trace that is one line."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "line": {"color": colour, "width": width, "shape": shape, "dash": dash},
        "hovertemplate": hover + "<extra></extra>",
        "bind": bind,
    } | more


def selects(what: Selected) -> Spec:
    """A trace's ``meta``: what a click on one of its points selects on the page; without it nothing."""
    return {"selects": what}
