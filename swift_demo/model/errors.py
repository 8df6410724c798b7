"""Why a model cannot be run with sub-layers skipped."""

from __future__ import annotations


class UnsupportedModelError(ValueError):
    """The model is built in a way that cannot be run with sub-layers skipped."""
