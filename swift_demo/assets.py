"""Where the embedded model, the recorded runs and the other files that come with the code are."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_INSTALLED = _PACKAGE / "_assets"  # in a wheel; in a checkout they are beside the package

ASSETS = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent / "assets"
