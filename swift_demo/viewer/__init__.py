"""A run as a person sees it: events folded into an append-only view that the browser draws."""

from pathlib import Path

from swift_demo.extras import require

require("app", "plotly")

STATIC = Path(__file__).parent / "static"
STYLES = tuple(
    STATIC / f"{name}.css"
    for name in (
        "viewer",
        "race",
        "timeline",
        "selection",
        "inspector",
        "round",
        "plots",
        "links",
        "gallery",
        "presenter",
        "standalone",
    )
)
SCRIPTS = tuple(
    STATIC / f"{name}.js"
    for name in (
        "words",
        "elements",
        "run",
        "filling",
        "lanes",
        "panels",
        "plots",
        "player",
        "timeline",
        "files",
        "selection",
        "highlights",
        "round",
        "inspector",
        "spoken",
        "links",
        "presenter",
        "gallery",
        "viewer",
    )
)
