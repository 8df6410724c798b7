"""Figures of the drafts: how sure they were, how many tokens a round gave, and whether confidence is right."""

from __future__ import annotations

from swift_demo.viewer.figures.parts import Spec, axis, layout, line, selects


def confidence_spec() -> Spec:
    """Drafted tokens across in the order of drafting, confidence up; the threshold as a line."""
    outcomes = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": state,
            "marker": marker,
            "hovertemplate": f"drafted token %{{x}}, {state}, round %{{customdata}}: confidence %{{y:.3f}}"
            "<extra></extra>",
            "meta": selects("token"),
            "bind": {
                "table": "drafts",
                "where": {"state": state},
                "set": {"x": "number", "y": "confidence", "customdata": "round"},
            },
        }
        for state, marker in (
            ("accepted", {"symbol": "circle", "size": 7, "color": "@accepted"}),
            ("rejected", {"symbol": "x", "size": 9, "color": "@rejected"}),
        )
    ]
    threshold = line(
        "threshold",
        {"table": "thresholds", "set": {"x": "number", "y": "threshold"}},
        "threshold %{y:.3f}",
        "@accent",
    )
    return {
        "layout": layout() | {"xaxis": axis("drafted token"), "yaxis": axis("confidence", range=[0, 1.04])},
        "traces": [*outcomes, threshold],
        "ranges": {"xaxis": {"table": "drafts", "column": "number", "span": 40, "room": 2}},
    }


def rounds_spec() -> Spec:
    """Rounds across, tokens up: accepted, rescued, the target's own on top of them, and what was drafted."""

    def of(column: str, **others: str) -> Spec:
        return {"table": "rounds", "set": {"x": "round", "y": column} | others}

    return {
        "layout": layout() | {"xaxis": axis("round"), "yaxis": axis("tokens")},
        "traces": [
            line(
                "accepted",
                of("num_accepted"),
                "round %{x}: %{y} accepted",
                "@accepted",
                1,
                shape="hvh",
                fill="tozeroy",
                fillcolor="@accepted",
            ),
            line(
                "rescued",
                of("num_from_draft", customdata="num_rescued"),
                "round %{x}: %{customdata} rescued",
                "@accepted",
                1,
                shape="hvh",
                fill="tonexty",
                fillpattern={"shape": "/", "fgcolor": "@accepted", "size": 5},
            ),
            line(
                "corrected or bonus",
                of("num_tokens"),
                "round %{x}: %{y} tokens",
                "@own",
                1,
                shape="hvh",
                fill="tonexty",
                fillcolor="@own",
            ),
            line("drafted", of("num_drafted"), "round %{x}: %{y} drafted", "@ink", 1.5, "dot", "hvh"),
            line(
                "mean tokens per round",
                of("mean_tokens_per_round"),
                "after round %{x}: %{y:.2f} per round",
                "@accent",
                shape="linear",
            ),
        ],
        "ranges": {
            "xaxis": {"table": "rounds", "column": "round", "span": 20, "room": 0.5},
            "yaxis": {"table": "rounds", "column": "most", "from": 0, "span": 4, "stretch": 1.04},
        },
    }


def calibration_spec() -> Spec:
    """Confidence across in tenths, the share of tokens accepted up, with their number."""
    return {
        "layout": layout()
        | {
            "xaxis": axis("confidence", range=[-0.01, 1.01], dtick=0.2, tickformat=".1f"),
            "yaxis": axis("accepted", range=[0, 1.13], dtick=0.25, tickformat=".0%"),
            "bargap": 0,
        },
        "traces": [
            {
                "type": "bar",
                "name": "accepted",
                "width": 0.088,
                "marker": {"color": "@accepted", "line": {"color": "@ink", "width": 1}},
                "hovertemplate": "confidence about %{x:.2f}: %{y:.0%} of %{customdata} accepted<extra></extra>",
                "bind": {
                    "table": "calibration",
                    "last_of": "confidence",
                    "set": {"x": "confidence", "y": "acceptance_rate", "customdata": "num_judged"},
                },
            },
            {
                "type": "scatter",
                "mode": "text",
                "name": "number of tokens",
                "showlegend": False,
                "textfont": {"size": 14, "color": "@ink"},
                "hoverinfo": "skip",
                "bind": {
                    "table": "calibration",
                    "last_of": "confidence",
                    "set": {"x": "confidence", "text": "count"},
                    "constant": {"y": 1.07},
                },
            },
            {
                "type": "scatter",
                "mode": "lines",
                "name": "as often right as sure",
                "x": [0, 1],
                "y": [0, 1],
                "line": {"color": "@ink", "width": 2, "dash": "dash"},
                "hoverinfo": "skip",
            },
        ],
    }
