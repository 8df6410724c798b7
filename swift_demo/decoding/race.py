"""Both ways of decoding one prompt, taking turns on one device."""

from __future__ import annotations

from collections.abc import Generator
from typing import Unpack

from swift_demo.decoding.request import Prompt, Request, RequestOptions, as_request
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import Event


class Race:
    """Vanilla against SWIFT: the lane whose clock is behind moves next.

    So text appears at each lane's true speed on one time axis, and neither lane slows the other.
    """

    def __init__(self, vanilla: VanillaDecoder, swift: SwiftDecoder):
        self.vanilla = vanilla
        self.swift = swift

    def stream(
        self, request: Request | Prompt | None = None, **options: Unpack[RequestOptions]
    ) -> Generator[Event, None, None]:
        """The events of both lanes; closing the iterator at any point closes both.

        The arguments are those of ``Decoder.stream``, the same for both lanes.

        Raises:
            PromptError: If the prompt cannot be continued.
        """
        request = as_request(request, options)
        lanes: list[Generator[Event, None, None]] = [
            decoder.stream(request) for decoder in (self.vanilla, self.swift)
        ]
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
