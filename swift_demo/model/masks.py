"""What the tokens of one pass may see."""

from __future__ import annotations

import torch

from swift_demo.model.token_tree import TokenTree


def attention_mask(
    positions: torch.Tensor,
    slot: int,
    hidden_slots: slice | None,
    tree: TokenTree | None,
    window: int | None,
    dtype: torch.dtype,
) -> torch.Tensor | None:
    """(1, 1, T, slot + T) additive mask over cached slots and this pass; None if it would hide nothing.

    Args:
        positions: (T,) of the tokens in the text.
        slot: Where the first of them is cached.
        hidden_slots: Earlier slots that none of them may see.
        tree: Who sees whom among them; if not given, each sees those before it.
        window: How many positions back a token sees, itself included; None is all the way.
    """
    num_tokens, device = len(positions), positions.device
    # Slots hold the text's tokens in order, so that a new token's position is at most its slot.
    if window is not None and slot + num_tokens <= window:
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
        mask[positions[:, None] - torch.cat([cached, positions])[None] >= window] = lowest
    return mask[None, None]
