"""Every format of a number on screen."""

from __future__ import annotations

NONE_TEXT = "–"
NOTHING_DRAFTED = "nothing drafted"
LEAST_FOR_SHARE = 10
"""Shares of fewer tokens are not shown: one or two right ones would be 100%."""


def speedup_text(ratio: float | None) -> str:
    """Like "1.43×"."""
    return NONE_TEXT if ratio is None else f"{ratio:.2f}×"


def percent_text(share: float | None) -> str:
    """Like "87%"."""
    return NONE_TEXT if share is None else f"{share:.0%}"


def share_text(part: int, whole: int) -> str:
    """Like "87%"; "…" while it would be a share of too few."""
    return percent_text(part / whole) if whole >= LEAST_FOR_SHARE else "…"


def rate_text(rate: float | None) -> str:
    """Like "41.2", and "123" from a hundred on."""
    return NONE_TEXT if rate is None else f"{rate:.1f}" if rate < 99.95 else f"{rate:.0f}"
