"""One lane's keys and values: written in place, never cloned; a text of thousands of tokens makes them grow."""

from __future__ import annotations

from collections.abc import Sequence

import torch


class KVCache:
    """Preallocated keys and values of every layer.

    A forward writes its T new entries at ``slot .. slot + T`` and sees all slots before them. Nothing
    is ever cropped: writing at a lower slot again simply overwrites what a draft or a trial left there.

    Args:
        shapes: For each layer, (key-value heads, key size, value size).
        max_length: Number of slots.
        devices: For each layer, where it computes.
    """

    def __init__(
        self,
        shapes: Sequence[tuple[int, int, int]],
        max_length: int,
        devices: Sequence[torch.device],
        dtype: torch.dtype,
    ):
        self.max_length = max_length
        self.slot = 0
        layers = list(zip(shapes, devices, strict=True))
        self._keys = [torch.zeros(1, h, max_length, k, device=d, dtype=dtype) for (h, k, _), d in layers]
        self._values = [torch.zeros(1, h, max_length, v, device=d, dtype=dtype) for (h, _, v), d in layers]

    @property
    def num_bytes(self) -> int:
        """Bytes allocated, the same from the first token to the last unless the cache grows."""
        return sum(t.numel() * t.element_size() for t in (*self._keys, *self._values))

    def grow(self, max_length: int) -> None:
        """Make room for ``max_length`` slots, layer by layer, so that only one layer is held twice."""
        for tensors in (self._keys, self._values):
            for i, old in enumerate(tensors):
                tensors[i] = old.new_zeros(*old.shape[:2], max_length, old.shape[3])
                tensors[i][:, :, : self.max_length] = old
        self.max_length = max_length

    def update(
        self, key: torch.Tensor, value: torch.Tensor, layer_idx: int, *_args: object, **_kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write this pass's entries of one layer; called by the model's attention.

        Args:
            key: (1, key-value heads, T, key size), rotated.
            value: (1, key-value heads, T, value size).

        Returns:
            Keys and values of all slots up to and including the new ones, as views.
        """
        end = self.slot + key.shape[2]
        keys, values = self._keys[layer_idx], self._values[layer_idx]
        keys[:, :, self.slot : end] = key
        values[:, :, self.slot : end] = value
        return keys[:, :, :end], values[:, :, :end]

    def compact(self, slot: int, nodes: Sequence[int]) -> None:
        """Move the entries of a path of tree nodes, node i being cached at ``slot + i``, to ``slot`` onwards.

        Args:
            nodes: From the root down; a node's index is never less than its place in the path.
        """
        for place, node in enumerate(nodes):
            if node != place:
                for entries in (*self._keys, *self._values):
                    entries[:, :, slot + place] = entries[:, :, slot + node]
