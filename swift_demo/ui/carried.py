"""A sentence on what a run under changed settings cannot use of what was learned before."""

from __future__ import annotations

from swift_demo.skip_set import SkipSet
from swift_demo.ui.visitors import Conditions


def left_behind(before: Conditions, now: Conditions, learned: SkipSet, used: SkipSet) -> str:
    """What is not used, or has no effect any more; empty if there is nothing to say.

    Args:
        before: Settings under which something was learned.
        now: Those of the run that begins.
        learned: The skip set that was learned.
        used: The one that the run begins with.
    """
    (old, started_known), (new, starts_known) = before, now
    if learned != used:
        return (
            f"The skip set learned leaves out {len(learned)} sub-layers, and these settings ask for "
            f"{len(used)}, so SWIFT begins with another one; what it knows about costs and confidence stays."
        )
    if starts_known != started_known:
        return (
            "SWIFT goes on from the skip set learned; the first skip set counts again once that is forgotten."
        )
    if new.skip_ratio != old.skip_ratio:
        return (
            f"SWIFT goes on from the skip set learned, of {len(used)} sub-layers, since a search for speed "
            "chooses their number; the skip ratio counts again once that is forgotten."
        )
    if old.search.is_enabled and not new.search.is_enabled:
        return f"The search is off, so the skip set learned, of {len(used)} sub-layers, stays as it is."
    return ""
