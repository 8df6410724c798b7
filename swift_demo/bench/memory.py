"""The most memory that was in use while something ran."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

_RESET_PEAK = "5"  # proc(5): forget the peak resident set so far


def forget_peak(device: torch.device) -> None:
    """Reset the peak. On systems that cannot, it stays that of the process so far."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return
    try:
        Path("/proc/self/clear_refs").write_text(_RESET_PEAK, encoding="ascii")
    except OSError:
        return


def peak_bytes(device: torch.device) -> int:
    """Most bytes since ``forget_peak``: torch's on a GPU, the whole process's on a CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        _, kilobytes, _ = next(line for line in status.splitlines() if line.startswith("VmHWM")).split()
        return int(kilobytes) * 1024
    except (OSError, StopIteration):
        import resource  # not on every system

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
