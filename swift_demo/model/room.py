"""Whether a model's weights fit into the memory that is free, told before they are downloaded and read."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import torch

from swift_demo.brief import size
from swift_demo.model.auto_class import auto_class
from swift_demo.model.devices import Dtype, resolve_dtype, room_for_weights
from swift_demo.model.load_errors import NoRoomError, refusal


@dataclass(frozen=True)
class Room:
    """The memory that a model is loaded into.

    Attributes:
        name: The model's, for what is said.
        device: Where all of it will be; None if it is spread over several, and nothing is checked.
        dtype: The setting for its number format.
    """

    name: str
    device: torch.device | None
    dtype: Dtype

    def check(self, config: Any, file_bytes: int | None) -> int | None:
        """Bytes of the weights in memory; None if they are not known.

        Args:
            file_bytes: Bytes of their files, which they keep in memory if they are quantised.

        Raises:
            NoRoomError: If there are more than fit.
        """
        if self.device is None:
            return None
        dtype = resolve_dtype(self.dtype, self.device, config.dtype)
        if getattr(config, "quantization_config", None):
            needed = file_bytes
        else:
            count = num_parameters(config)
            needed = None if count is None else count * dtype.itemsize
        if needed is not None:
            self._check(needed, dtype)
        return needed

    def check_parameters(self, num_parameters: int) -> None:
        """The same for a GGUF file, whose weights become ordinary ones."""
        if self.device is not None:
            dtype = resolve_dtype(self.dtype, self.device, torch.bfloat16)
            self._check(num_parameters * dtype.itemsize, dtype)

    def _check(self, needed: int, dtype: torch.dtype) -> None:
        assert self.device is not None
        free = room_for_weights(self.device)
        if free is not None and needed > free:
            raise refusal(
                self.name,
                f"the weights of {{name}} take {size(needed)} in {str(dtype).removeprefix('torch.')}, and "
                f"{size(free)} of memory are free for {self.device.type}; choose a smaller model",
                NoRoomError,
            )


def num_parameters(config: Any) -> int | None:
    """How many parameters a model of this configuration has; None if none can be built from it."""
    try:
        with torch.device("meta"):
            model = auto_class(config).from_config(copy.deepcopy(config), trust_remote_code=False)
    except Exception:  # what is wrong with it is said when it is loaded
        return None
    return sum(parameter.numel() for parameter in model.parameters())
