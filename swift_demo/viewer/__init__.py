"""A run as a person sees it: events folded into an append-only view that the browser draws."""

from swift_demo.extras import require

require("app", "plotly")
