"""What loading tells about how far it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from huggingface_hub.utils import tqdm

Stage = Literal["downloading", "reading weights", "checking"]


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """How far loading is.

    Attributes:
        stage: In this order; "downloading" only if files are missing here.
        num_bytes: Bytes of the missing files that have arrived; None in the other stages.
        total_bytes: Bytes of all the missing files, or of the weights in memory; None if not known.
    """

    stage: Stage
    num_bytes: int | None = None
    total_bytes: int | None = None


Progress = Callable[[LoadProgress], None]


class Reporter:
    """Hands progress to a callback, if there is one, and keeps what that raises.

    Args:
        progress: May be called from other threads.

    Attributes:
        raised: What the callback raised. Libraries between it and us may wrap or lose it.
    """

    def __init__(self, progress: Progress | None):
        self._progress = progress
        self._lock = threading.Lock()
        self.raised: BaseException | None = None

    def __call__(self, stage: Stage, num_bytes: int | None = None, total_bytes: int | None = None) -> None:
        if self._progress is None:
            return
        with self._lock:
            if self.raised is not None:
                raise self.raised
            try:
                self._progress(LoadProgress(stage, num_bytes, total_bytes))
            except BaseException as error:
                self.raised = error
                raise

    def bar(self, total_bytes: int | None) -> type[tqdm] | None:
        """What the Hub library reports its downloads to; None leaves its own bars on the terminal."""
        return None if self._progress is None else _bar_of(self, total_bytes)


def _bar_of(report: Reporter, total_bytes: int | None) -> type[tqdm]:
    """A class all of whose bars, one for each file, add to one sum."""
    num_bytes = 0

    class Bar(tqdm):
        def __init__(self, *args, initial: int = 0, **settings):
            super().__init__(*args, **settings | {"disable": True})
            self.update(initial)

        def update(self, n: float | None = 1) -> None:
            nonlocal num_bytes
            num_bytes += int(n or 0)
            report("downloading", num_bytes, total_bytes)

        def update_transfer(self, n: float | None = 1) -> None:
            """What went over the network, which is counted once it is written."""

    return Bar
