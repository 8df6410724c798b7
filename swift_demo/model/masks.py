"""What the tokens of one pass may see."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from swift_demo.model.token_tree import TokenTree


@dataclass(frozen=True, slots=True)
class Window:
    """How far back a token sees.

    Attributes:
        size: How many positions, itself included, or how many a chunk has.
        is_chunk: Whether the text is cut into chunks, and a token sees its own chunk only (Llama 4).
    """

    size: int
    is_chunk: bool = False

    def hides(self, positions: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """(T, S) whether each of T tokens is too far from each of S earlier ones, by their positions."""
        if self.is_chunk:
            return positions[:, None] // self.size != seen[None] // self.size
        return positions[:, None] - seen[None] >= self.size


def attention_mask(
    positions: torch.Tensor,
    slot: int,
    hidden_slots: slice | None,
    tree: TokenTree | None,
    window: Window | None,
    dtype: torch.dtype,
) -> torch.Tensor | None:
    """(1, 1, T, slot + T) additive mask over cached slots and this pass; None if it would hide nothing.

    Args:
        positions: (T,) of the tokens in the text.
        slot: Where the first of them is cached.
        hidden_slots: Earlier slots that none of them may see.
        tree: Who sees whom among them; if not given, each sees those before it.
        window: How far back a token sees; None is all the way.
    """
    num_tokens, device = len(positions), positions.device
    # Slots hold the text's tokens in order, so that a new token's position is at most its slot.
    if window is not None and slot + num_tokens <= window.size:
        window = None  # it reaches back to the first token
    if num_tokens == 1 and hidden_slots is None and window is None:
        return None
    lowest = torch.finfo(dtype).min
    mask = torch.full((num_tokens, slot + num_tokens), lowest, device=device, dtype=dtype)
    if tree is None:
        mask.triu_(slot + 1)
    else:
        mask[:, :slot] = 0
        mask[:, slot:].masked_fill_(tree.is_visible, 0)
    if hidden_slots is not None:
        mask[:, hidden_slots] = lowest
    if window is not None:
        cached = torch.arange(slot, device=device)
        mask[window.hides(positions, torch.cat([cached, positions]))] = lowest
    return mask[None, None]
