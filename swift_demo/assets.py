"""Where the embedded model and the recorded runs lie."""

from __future__ import annotations

from pathlib import Path

_INSIDE = Path(__file__).parent / "assets"  # in a wheel
ASSETS = _INSIDE if _INSIDE.is_dir() else Path(__file__).parent.parent / "assets"
