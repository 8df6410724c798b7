"""Both ways of decoding one prompt, taking turns on one device."""

from __future__ import annotations

from collections.abc import Generator

from swift_demo.decoding.request import Request
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import Event


class Race:
    """Vanilla against SWIFT: the lane whose clock is behind moves next.

    Text so appears at each lane's true speed on one time axis, and neither lane slows the other.
    """

    def __init__(self, vanilla: VanillaDecoder, swift: SwiftDecoder):
        self.vanilla = vanilla
        self.swift = swift

    def stream(self, request: Request) -> Generator[Event, None, None]:
        """The events of both lanes, asked for the same; closing the iterator at any point closes both.

        Raises:
            PromptError: If the prompt cannot be continued.
        """
        lanes = [decoder._decode(request) for decoder in (self.vanilla, self.swift)]
        clocks = [0.0, 0.0]
        running = [0, 1]
        try:
            while running:
                lane = min(running, key=lambda i: clocks[i])
                event = next(lanes[lane], None)
                if event is None:
                    running.remove(lane)
                else:
                    clocks[lane] = event.clock_s
                    yield event
        finally:
            for stream in lanes:
                stream.close()
