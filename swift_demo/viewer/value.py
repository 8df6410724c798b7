"""The seam between Python and the browser: what a run is when it is shown, every part by its name."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

RunState = Literal["empty", "loading", "running", "stopped", "failed", "finished", "recorded"]


class Value(TypedDict):
    """A run as the viewer is told it, live or whole.

    Attributes:
        id: Another run has another one.
        state: How far the run is.
        message: What went wrong, in a sentence; empty if nothing did.
        chunks: JSON of what was appended, in order.
        first: How many chunks were told before these; 0 where missing.
        is_code: Whether the text is set in monospace.
        link: What names the run in the page's address; None if no link leads to it.
        pace: Seconds of lane clock shown per second; None is as events come.
        notice: What was wrong with the address, in a sentence.
        opened: Differs each time the run is opened, so that opening it twice is told twice.
    """

    id: str
    state: RunState
    message: str
    chunks: list[str]
    first: NotRequired[int]
    is_code: NotRequired[bool]
    link: NotRequired[dict[str, str] | None]
    pace: NotRequired[float | None]
    notice: NotRequired[str]
    opened: NotRequired[str]
