"""Where the embedded model, the recorded runs and the other files that come with the code are."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def assets() -> Path:
    """Their folder: in a checkout it lies beside the package, in a wheel inside it."""
    package = Path(__file__).parent
    installed = package / "_assets"
    return installed if installed.is_dir() else package.parent / "assets"
