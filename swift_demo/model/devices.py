"""What the settings for device, number format and attention stand for, and what memory a device has left."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import torch

from swift_demo.model.load_errors import ModelLoadError

Device = Literal["auto", "cpu", "cuda"]
Dtype = Literal["auto", "float32", "bfloat16", "float16"]
AttnImplementation = Literal["auto", "eager", "sdpa"]

# A container's limit and its use, for both versions of Linux control groups.
_CONTAINER_LIMITS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.stat", "anon"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.stat", "total_rss"),
)


def resolve_device(device: Device) -> torch.device:
    """The torch device that a setting stands for."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device == "cuda" and not torch.cuda.is_available():
        raise ModelLoadError("device cuda was asked for, but there is no CUDA GPU; use --device cpu or auto")
    return torch.device(device)


def resolve_dtype(dtype: Dtype, device: torch.device, saved: torch.dtype | None) -> torch.dtype:
    """The torch dtype that a setting stands for."""
    if dtype != "auto":
        return getattr(torch, dtype)
    if device.type == "cpu":
        return torch.float32
    return saved if saved in (torch.float16, torch.bfloat16) else torch.float32


def resolve_attn_implementation(setting: AttnImplementation, config: Any) -> str | None:
    """The implementation that a setting stands for; None leaves the choice to transformers."""
    if setting != "auto":
        return setting
    # Older transformers would choose sdpa for Gemma 2 too, which leaves out the capping of its scores.
    return "eager" if getattr(config, "attn_logit_softcapping", None) else None


def free_memory(device: torch.device) -> int | None:
    """Bytes that new weights can take on a device; None if the system does not tell."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    found = [
        each for each in (_free_on_machine(), *map(_free_in_container, _CONTAINER_LIMITS)) if each is not None
    ]
    return min(found, default=None)


def room_for_weights(device: torch.device) -> int | None:
    """Bytes that the weights of a model for this device may have; they are read into the CPU's memory first."""
    room = [free_memory(each) for each in {device, torch.device("cpu")}]
    return min((each for each in room if each is not None), default=None)


def _free_on_machine() -> int | None:
    """What the system could give to a program without swapping."""
    try:
        return _line_of(Path("/proc/meminfo"), "MemAvailable:") * 1024
    except (OSError, ValueError):
        pass
    try:  # all there is, on systems that do not count what is free
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _free_in_container(files: tuple[str, str, str]) -> int | None:
    limit, counts, used = files
    try:
        return max(0, int(Path(limit).read_text()) - _line_of(Path(counts), used))
    except (OSError, ValueError):  # no container, or one without a limit
        return None


def _line_of(file: Path, name: str) -> int:
    for line in file.read_text().splitlines():
        if line.split()[0] == name:
            return int(line.split()[1])
    raise ValueError(f"{file} has no {name}")
