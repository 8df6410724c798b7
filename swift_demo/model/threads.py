"""How many CPU cores the model may keep busy."""

from __future__ import annotations

import os

import torch


def leave_a_core_free() -> None:
    """Let torch use all cores but one, in every thread: the last is for the page and its browser.

    With few cores and a small model, drawing the page on the cores that decode would cost more than one more
    core brings.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(max(1, min(torch.get_num_threads(), cores - 1)))


def use_cores(count: int) -> None:
    """Let torch use this many CPU cores, in every thread."""
    torch.set_num_threads(count)
