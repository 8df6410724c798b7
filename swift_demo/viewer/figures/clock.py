"""Figures over the lanes' own clocks: how the race goes, and what a token's time is spent on."""

from __future__ import annotations

from typing import Any

from swift_demo.viewer.figures.parts import Spec, axis, layout, line

_LANES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("vanilla", "vanilla", {"colour": "@muted", "dash": "dash"}),
    ("swift", "SWIFT", {"colour": "@accent"}),
)
_PARTS = (
    ("draft_ms", "drafting", "drafting", "/"),
    ("verify_ms", "verifying (vanilla: decoding)", "verifying", ""),
    ("search_ms", "searching", "searching", "x"),
)


def race_spec() -> Spec:
    """Seconds of each lane's own clock across, its tokens up."""
    return {
        "layout": layout() | {"xaxis": axis("seconds on the lane's clock"), "yaxis": axis("tokens")},
        "traces": [
            line(
                name,
                {"table": "progress", "where": {"lane": lane}, "set": {"x": "clock_s", "y": "num_tokens"}},
                f"{name} after %{{x:.2f}} s: %{{y}} tokens",
                **look,
            )
            for lane, name, look in _LANES
        ],
        "ranges": {
            "xaxis": {"table": "progress", "column": "clock_s", "from": 0, "span": 0.1, "stretch": 1.02},
            "yaxis": {"table": "progress", "column": "num_tokens", "from": 0, "span": 8, "stretch": 1.04},
        },
    }


def time_spec() -> Spec:
    """A bar for each lane: milliseconds per token so far, by what they were spent on."""
    return {
        "layout": layout(l=80)
        | {
            "xaxis": axis("milliseconds per token so far"),
            "yaxis": axis(
                "",
                range=[-0.6, 1.6],
                tickvals=["swift", "vanilla"],
                ticktext=["SWIFT", "vanilla"],
                type="category",
                categoryorder="array",
                categoryarray=["swift", "vanilla"],
                showgrid=False,
                ticks="",
                fixedrange=True,
            ),
            "barmode": "stack",
            "bargap": 0.3,
            "uniformtext": {"minsize": 14, "mode": "hide"},
        },
        "traces": [
            {
                "type": "bar",
                "orientation": "h",
                "name": name,
                "textposition": "inside",
                "textangle": 0,
                "insidetextanchor": "middle",
                "texttemplate": "%{x:.1f}",
                "insidetextfont": {"size": 16, "color": f"@on-{colour}"},
                "marker": {
                    "color": f"@{colour}",
                    "line": {"color": "@ink", "width": 1},
                    "pattern": {
                        "shape": shape,
                        "fillmode": "overlay",
                        "size": 12,
                        "solidity": 0.08,
                        "fgcolor": f"@on-{colour}",
                        "fgopacity": 0.35,
                    },
                },
                "hovertemplate": f"%{{y}}: {name} %{{x:.2f}} ms per token<extra></extra>",
                "bind": {"table": "costs", "last_of": "lane", "set": {"x": column, "y": "lane"}},
            }
            for column, name, colour, shape in _PARTS
        ]
        + [
            {
                "type": "scatter",
                "mode": "text",
                "name": "together",
                "showlegend": False,
                "texttemplate": " %{x:.1f} ms",
                "textposition": "middle right",
                "hoverinfo": "skip",
                "textfont": {"size": 18, "color": "@ink"},
                "cliponaxis": False,
                "bind": {"table": "costs", "last_of": "lane", "set": {"x": "ms_per_token", "y": "lane"}},
            }
        ],
        "ranges": {
            "xaxis": {"table": "costs", "column": "ms_per_token", "from": 0, "span": 0.1, "stretch": 1.3}
        },
    }
