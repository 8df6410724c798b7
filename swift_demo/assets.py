"""Where the embedded model, the recorded runs and the other files lie that come with the code."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_INSTALLED = _PACKAGE / "_assets"  # in a wheel; in a checkout they lie beside the package

ASSETS = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent / "assets"
