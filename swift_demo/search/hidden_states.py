"""The skip sets whose hidden states stay closest to the target's, of all sizes, by one look."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from swift_demo.model.kv_cache import KVCache
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

WINDOW = 8  # tokens that are looked at
# How much the output of skipped attention may count, an MLP's being 1. Later layers make up for missing
# attention better than for a missing MLP (He et al. 2024, arXiv 2406.15786): so do the embedded model's, but
# not all models'.
ATTENTION_WEIGHTS = (0.6, 1.0)
_MOST_JUDGED = 12  # sizes whose draft is asked for its tokens: the head is dear, and neighbours agree


class CloseDraft(NamedTuple):
    """A set that a look found.

    Attributes:
        distance: Mean cosine distance of its last hidden states from the target's.
        is_right: (n,) whether its draft would have chosen the token that came; empty if that was not looked at.
    """

    skip_set: SkipSet
    distance: float
    is_right: tuple[bool, ...]


def num_slots(num_skipped: int) -> int:
    """Cache slots past the text that a look writes to."""
    return (num_skipped + 1) * WINDOW


def closest_drafts(
    target: Target,
    cache: KVCache,
    recent_ids: torch.Tensor,
    slot: int,
    num_skipped: int,
    is_judged: bool = False,
    attention_weight: float = 1.0,
) -> list[CloseDraft]:
    """The sets of 1 to ``num_skipped`` sub-layers found by dynamic programming over the sub-layers.

    Row j holds the best hidden states with j sub-layers skipped so far. At each sub-layer it is the better of
    two: row j run through it, or row j - 1 skipping it. Better means closer to the target's own hidden states
    after that sub-layer, which are those of row 0. What skipping saves does not count: distances weighed with
    it find sets that match far less of the text. All rows run in one pass, as trees side by side in slots past
    the text; it costs about as much as a forward over as many tokens as ``num_slots``.

    Args:
        recent_ids: (n + 1,) the last n + 1 tokens of the text; of the first n at most ``WINDOW`` are looked at,
            the last ones. More are not needed.
        slot: Slot of the last token of the text, the first one free to be written.
        num_skipped: k, at least 1 and fewer than may be skipped. Fewer slots past the text give fewer sets.
        is_judged: Whether the head is applied too, to some rows, so that their drafts' tokens are known.
        attention_weight: How much the output of skipped attention counts, an MLP's being 1.

    Source:
        CLaSp (arXiv 2505.24196), section 3, which chooses whole layers again after every verification, from the
        last token. Here: sub-layers, a window of tokens that see each other as the draft computes them, all
        sizes at once, and a proposal to the search, which scores it like any other.
    """
    room = cache.max_length - slot
    num_skipped = min(num_skipped, room - 1)  # a set that has grown since the cache was made
    rows = num_skipped + 1
    size = min(WINDOW, len(recent_ids) - 1, room // rows)
    window = recent_ids[-size - 1 : -1]
    stream, context = target.enter(
        window.repeat(rows),
        cache,
        slot,
        position=slot - size,
        hidden_slots=slice(slot - size, slot),
        parents=[-1 if i % size == 0 else i - 1 for i in range(rows * size)],
    )
    stream = stream[:, :size]
    choices: list[torch.Tensor] = []
    for i, layer in enumerate(target.layers):
        stream, context = stream.to(layer.device), context.to(layer.device)
        entered = stream
        for weight, sublayer in ((attention_weight, layer.attention), (1.0, layer.mlp)):
            read = entered if layer.is_parallel else stream
            added = sublayer.contribution(
                read.reshape(1, -1, read.shape[-1]), context.first(read.shape[0] * size)
            )
            run = stream + added.view_as(stream)
            if 1 <= i <= target.num_layers - 2:
                is_skipped = _is_better_skipped(run, stream, rows, weight)
                stream = _chosen(is_skipped, run, stream)
                entered = _chosen(is_skipped, entered, entered)
                choices.append(is_skipped)
            else:
                stream = run
    distances = _distance(stream, stream[:1]).tolist()
    right = _right(target, stream, recent_ids[-size:]) if is_judged else {}
    sets = _read_back(choices, num_skipped)
    return [
        CloseDraft(skip_set, distances[row], right.get(row, ())) for row, skip_set in enumerate(sets, start=1)
    ]


def closest_draft(
    target: Target, cache: KVCache, recent_ids: torch.Tensor, slot: int, num_skipped: int
) -> SkipSet:
    """The largest of the ``closest_drafts``, all sub-layers counting alike."""
    return closest_drafts(target, cache, recent_ids, slot, num_skipped)[-1].skip_set


def _right(target: Target, stream: torch.Tensor, next_ids: torch.Tensor) -> dict[int, tuple[bool, ...]]:
    """For some rows, the largest among them, which of (T,) next tokens it would have chosen.

    Args:
        stream: (rows, T, hidden size) after the last layer.
    """
    rows = np.unique(np.linspace(1, len(stream) - 1, _MOST_JUDGED).round().astype(int)).tolist()
    logits = target.judge(stream[rows].reshape(1, -1, stream.shape[-1]))
    is_right = logits.argmax(-1).view(len(rows), -1) == next_ids
    return {row: tuple(values) for row, values in zip(rows, is_right.tolist(), strict=True)}


def _is_better_skipped(run: torch.Tensor, stream: torch.Tensor, rows: int, weight: float) -> torch.Tensor:
    """One step of the dynamic programme, from at most ``rows`` rows to one more, but no more than ``rows``.

    Args:
        run: (R, T, hidden size) the rows run through a sub-layer.
        stream: The same rows before it.
        weight: Of the distance that skipping the sub-layer brings.

    Returns:
        For each new row whether it skipped the sub-layer (and so comes from the row before).
    """
    impossible = torch.full((1,), torch.inf, device=stream.device)
    distance_run = torch.cat([_distance(run, run[:1]), impossible])
    distance_skipped = torch.cat([impossible, weight * _distance(stream, run[:1])])
    return (distance_skipped < distance_run)[:rows]


def _chosen(is_skipped: torch.Tensor, run: torch.Tensor, stream: torch.Tensor) -> torch.Tensor:
    """The new rows, (R, T, hidden size): each the row run through the sub-layer, or the row before it."""
    rows = len(is_skipped)
    skipped = torch.cat([stream[:1], stream])[:rows]
    run = torch.cat([run, run[-1:]])[:rows]
    return torch.where(is_skipped[:, None, None], skipped, run)


def _distance(stream: torch.Tensor, target_stream: torch.Tensor) -> torch.Tensor:
    """(rows,) mean cosine distance of (rows, T, hidden size) from the target's (1, T, hidden size)."""
    similarity = torch.cosine_similarity(stream.float(), target_stream.float(), dim=-1).mean(-1)
    return (1 - similarity).nan_to_num(nan=torch.inf)  # hidden states that overflow are close to nothing


def _read_back(choices: list[torch.Tensor], num_skipped: int) -> list[SkipSet]:
    """What the paths of rows 1 to ``num_skipped`` skipped, read from the last sub-layer to the first."""
    table = [choice.tolist() for choice in choices]
    sets = []
    for last in range(1, num_skipped + 1):
        skipped: tuple[list[int], list[int]] = ([], [])
        row = last
        for number in reversed(range(len(table))):
            if table[number][row]:
                skipped[number % 2].append(1 + number // 2)
                row -= 1
        sets.append(SkipSet(*(tuple(reversed(kind)) for kind in skipped)))
    return sets
