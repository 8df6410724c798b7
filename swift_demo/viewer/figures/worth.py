"""The figure of what a token costs, plainly and drafted."""

from __future__ import annotations

from swift_demo.viewer.figures.parts import Spec, axis, layout, line


def worth_spec() -> Spec:
    """Tokens of SWIFT's lane across, milliseconds per token up: decoded plainly, and with the best draft."""
    return {
        "layout": layout() | {"xaxis": axis("tokens of SWIFT's text"), "yaxis": axis("milliseconds per token")},
        "traces": [
            line(
                name,
                {"table": "worth", "set": {"x": "num_tokens", "y": column, "customdata": "odds"}},
                f"after %{{x}} tokens, {name}: %{{y:.1f}} ms<br>%{{customdata}}",
                colour,
                dash=dash,
                mode="lines+markers",
                marker={"symbol": symbol, "size": 7, "color": colour},
            )
            for name, column, colour, dash, symbol in (
                ("decoded plainly", "plain_ms", "@muted", "dash", "square"),
                ("with the best draft", "drafted_ms", "@accent", "solid", "circle"),
            )
        ],
        "ranges": {
            "xaxis": {"table": "worth", "column": "num_tokens", "from": 0, "span": 32, "stretch": 1.02},
            "yaxis": {"table": "worth", "column": "most_ms", "from": 0, "span": 1, "stretch": 1.15},
        },
    }
