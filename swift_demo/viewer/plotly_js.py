"""plotly's own bundle, so that the page needs nothing from the network."""

from __future__ import annotations

from pathlib import Path

import plotly

PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"  # in the installed plotly


def plotly_js() -> str:
    """The bundle of the installed plotly, safe inside a script element."""
    return PLOTLY_JS.read_text(encoding="utf-8").replace("</script", "<\\/script")
