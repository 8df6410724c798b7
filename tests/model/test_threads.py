"""The page keeps a core for itself, whichever thread decodes."""

from __future__ import annotations

import os
import threading

import torch

from swift_demo.model.threads import leave_a_core_free


def test_torch_uses_all_cores_but_one_in_every_thread():
    before = torch.get_num_threads()
    seen = []
    try:
        leave_a_core_free()
        other = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
        other.start()
        other.join()
        wanted = max(1, min(before, len(os.sched_getaffinity(0)) - 1))
        assert [torch.get_num_threads(), *seen] == [wanted, wanted]
    finally:
        torch.set_num_threads(before)
