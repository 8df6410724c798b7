"""What makes events a run: each lane starts once, goes round by round, and its counts and clock add up.

A prefix of a run is a run too, since a run may be stopped at any moment.
"""

from __future__ import annotations

from collections.abc import Sequence

from swift_demo.events import Event, GenerationStarted, Lane
from swift_demo.trace.story.lanes import LaneStory, VanillaStory
from swift_demo.trace.story.rounds import require
from swift_demo.trace.story.swift import SwiftStory


class Story:
    """Follows the events of a run and refuses the first that cannot have happened."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, LaneStory] = {"vanilla": VanillaStory(), "swift": SwiftStory()}
        self._is_by_turns = self._is_by_clocks = True

    def add(self, event: Event, pieces: Sequence[str]) -> None:
        """Take in the next event, with its pieces of text as in ``Trace.texts``.

        Raises:
            ValueError: If it does not follow from those before; the message says why in a short sentence.
        """
        own = self._lanes[event.lane]
        other = self._lanes["swift" if event.lane == "vanilla" else "vanilla"]
        before_s = own.clock_s
        own.add(event, pieces)
        if isinstance(event, GenerationStarted) and other.start is not None:
            for name in ("prompt_ids", "max_new_tokens", "num_layers", "sampling", "vocab_size"):
                same = getattr(event, name) == getattr(other.start, name)
                require(same, f"both lanes of a run have the same {name}")
        if other.goes_on:  # a race is in turns, in which the lane that is behind moves, or by its clocks
            self._is_by_turns = self._is_by_turns and before_s <= other.clock_s
            self._is_by_clocks = self._is_by_clocks and other.clock_s <= event.clock_s
            require(self._is_by_turns or self._is_by_clocks, f"it is not the {event.lane} lane's turn")
