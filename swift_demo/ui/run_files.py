"""Runs that can be saved as files, by the id under which the page shows them; files that become runs."""

from __future__ import annotations

import base64
import threading
import uuid
from collections import OrderedDict
from collections.abc import Mapping

from swift_demo.trace import MAX_BYTES, Trace, TraceError
from swift_demo.viewer.export import KINDS, export, value_of
from swift_demo.viewer.value import FileAnswer, Refused

MAX_RUNS = 32


class RunFiles:
    """The newest runs of all visitors. An id is hard to guess, and known only where its run is shown.

    Args:
        recorded: Runs that are open to everybody at any time, by their ids.
    """

    def __init__(self, recorded: Mapping[str, Trace]) -> None:
        self._recorded = recorded
        self._traces: OrderedDict[str, Trace] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, run_id: str, trace: Trace) -> None:
        """From now on the run can be saved as files; it may still grow."""
        with self._lock:
            self._traces[run_id] = trace
            while len(self._traces) > MAX_RUNS:
                self._traces.popitem(last=False)

    def trace(self, run_id: str) -> Trace | None:
        """The run of this id; None if there is none, or it is no longer kept."""
        with self._lock:
            return self._recorded.get(run_id) or self._traces.get(run_id)

    def file(self, run_id: str, kind: str) -> FileAnswer:
        """A file of a run, or why there is none."""
        trace = self.trace(run_id)
        if trace is None or not trace.events:
            return Refused(error="This run is no longer kept here; run it again, or open its trace.")
        if kind not in KINDS:
            return Refused(error=f"{kind!r} is none of {', '.join(KINDS)}.")
        return export(trace, kind)

    def open(self, content: str) -> str:
        """The id of the run that an uploaded file holds, from now on kept.

        Args:
            content: The file's bytes, in base64.

        Raises:
            TraceError: If it does not hold a run; the message names line and reason.
        """
        trace = Trace.from_bytes(_decoded(content))
        run_id = uuid.uuid4().hex
        value_of(trace, run_id)  # what cannot be shown is refused here
        self.keep(run_id, trace)
        return run_id


def _decoded(content: str) -> bytes:
    """The decoded base64; its length gives the file's, so a large one is refused before decoding."""
    if len(content) > 4 * (MAX_BYTES // 3 + 1):
        raise TraceError(f"it is larger than {MAX_BYTES // 2**20} MB")
    try:
        return base64.b64decode(content, validate=True)
    except ValueError:
        raise TraceError("it did not arrive whole; open it again") from None
