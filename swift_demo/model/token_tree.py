"""Who sees whom when a tree of tokens goes through the model in one pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch


class TokenTree:
    """T tokens of one pass, each following another one.

    Args:
        parents: (T,) index of the token that each follows, -1 for the first; parents come first.

    Attributes:
        depths: (T,) int64, steps from the first token.
        is_visible: (T, T) bool: row sees column, which is itself or one of its ancestors.
    """

    def __init__(self, parents: Sequence[int], device: torch.device):
        size = len(parents)
        depths = np.zeros(size, dtype=np.int64)
        is_visible = np.eye(size, dtype=bool)
        for node, parent in enumerate(parents):
            if parent >= 0:
                depths[node] = depths[parent] + 1
                is_visible[node] |= is_visible[parent]
        self.depths = torch.from_numpy(depths).to(device)
        self.is_visible = torch.from_numpy(is_visible).to(device)
