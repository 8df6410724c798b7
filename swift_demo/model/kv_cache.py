"""One lane's keys and values: written in place, never cloned; a text of thousands of tokens makes them grow."""

from __future__ import annotations

from collections.abc import Sequence

import torch


class KVCache:
    """Keys and values of every layer, in one allocation each.

    A forward writes its T new entries at ``slot .. slot + T`` and sees all slots before them. Nothing
    is ever cropped: writing at a lower slot again simply overwrites what a draft or a trial left there.

    What a layer keeps (how many heads, of what sizes; or something compressed that it makes keys and values of)
    is its own affair. So its first write, with the prompt, says how large its entries are, of which number
    format and where; room for all slots is made then, and stays.

    Args:
        num_layers: L.
        max_length: Number of slots.
    """

    def __init__(self, num_layers: int, max_length: int):
        self.max_length = max_length
        self.slot = 0
        self._keys: list[torch.Tensor | None] = [None] * num_layers
        self._values: list[torch.Tensor | None] = [None] * num_layers

    @property
    def entries(self) -> list[torch.Tensor]:
        """Keys, then values, of the layers that have written; each (1, heads, slots, size)."""
        return [tensor for tensor in (*self._keys, *self._values) if tensor is not None]

    @property
    def num_bytes(self) -> int:
        """Bytes allocated, the same from the first pass to the last unless the cache grows."""
        return sum(tensor.numel() * tensor.element_size() for tensor in self.entries)

    def grow(self, max_length: int) -> None:
        """Make room for ``max_length`` slots, layer by layer, so that only one layer is held twice."""
        for tensors in (self._keys, self._values):
            for i, old in enumerate(tensors):
                if old is not None:
                    tensors[i] = new = _room_for(old, max_length)
                    new[:, :, : self.max_length] = old
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
        keys, values = self._keys[layer_idx], self._values[layer_idx]
        if keys is None or values is None:
            keys = self._keys[layer_idx] = _room_for(key, self.max_length)
            values = self._values[layer_idx] = _room_for(value, self.max_length)
        end = self.slot + key.shape[2]
        keys[:, :, self.slot : end] = key
        values[:, :, self.slot : end] = value
        return keys[:, :, :end], values[:, :, :end]

    def get_seq_length(self, *_args: object) -> int:
        """How many slots are seen before this pass; asked by Llama 4's attention."""
        return self.slot

    def compact(self, slot: int, nodes: Sequence[int]) -> None:
        """Move the entries of a path of tree nodes, node i being cached at ``slot + i``, to ``slot`` onwards.

        Args:
            nodes: From the root down; a node's index is never less than its place in the path.
        """
        for place, node in enumerate(nodes):
            if node != place:
                for entries in self.entries:
                    entries[:, :, slot + place] = entries[:, :, slot + node]


def _room_for(entries: torch.Tensor, max_length: int) -> torch.Tensor:
    """Empty slots for entries like these, (1, heads, any number, size)."""
    return entries.new_zeros(*entries.shape[:2], max_length, entries.shape[3])
