"""plotly's own bundle as a file, so that the page needs nothing from the network."""

from __future__ import annotations

from pathlib import Path

import plotly
from plotly.offline import get_plotlyjs


def plotly_js() -> str:
    """The bundle of the installed plotly, fit to stand inside a script element."""
    return get_plotlyjs().replace("</script", "<\\/script")


def write_plotly_js(folder: str | Path) -> Path:
    """Write the bundle of the installed plotly to a folder, unless it is there already.

    Args:
        folder: Made if missing.

    Returns:
        The file's path; its name carries plotly's version, so browsers may cache it for good.
    """
    path = Path(folder) / f"plotly-{plotly.__version__}.min.js"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(get_plotlyjs(), encoding="utf-8")
        partial.replace(path)
    return path
