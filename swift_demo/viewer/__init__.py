"""A run as a person sees it: events folded into an append-only view that the browser draws."""

from pathlib import Path

STATIC = Path(__file__).parent / "static"
STYLES = (STATIC / "viewer.css", STATIC / "timeline.css", STATIC / "inspector.css")
SCRIPTS = tuple(
    STATIC / f"{name}.js"
    for name in (
        "words", "elements", "run", "filling", "lanes", "plots", "player", "timeline", "files", "selection",
        "highlights", "round", "inspector", "viewer",
    )
)
