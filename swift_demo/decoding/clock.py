"""A lane's own clock: it runs only while the lane computes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch

Part = Literal["prompt", "draft", "verify", "search"]


class LaneClock:
    """Seconds of compute, device-synchronised, by what they were spent on.

    Between two blocks the clock is stopped: other lanes, the page and callbacks cost the lane nothing.

    Attributes:
        seconds: Of each part.
        last_s: Of the latest block.
    """

    def __init__(self, device: torch.device):
        self._is_cuda = device.type == "cuda"
        self._device = device
        self.seconds: defaultdict[Part, float] = defaultdict(float)
        self.last_s = 0.0

    @property
    def elapsed_s(self) -> float:
        """Sum over all parts."""
        return sum(self.seconds.values(), 0.0)

    @contextmanager
    def running(self, part: Part) -> Iterator[None]:
        """Count the time of a block, waiting at both ends for work queued on the device."""
        self._synchronise()
        start = time.perf_counter()
        try:
            yield
        finally:
            self._synchronise()
            self.last_s = time.perf_counter() - start
            self.seconds[part] += self.last_s

    def _synchronise(self) -> None:
        if self._is_cuda:
            torch.cuda.synchronize(self._device)
