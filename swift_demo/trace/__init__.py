"""A run as entries: recorded, saved, loaded, and refused if its events cannot have happened."""

from swift_demo.trace.recording import TraceRecorder
from swift_demo.trace.run import FORMAT, MAX_BYTES, VERSION, Entry, Trace, TraceError, TraceHeader

__all__ = ["FORMAT", "MAX_BYTES", "VERSION", "Entry", "Trace", "TraceError", "TraceHeader", "TraceRecorder"]
