"""What passes cost, counted or measured, and the speed that follows from this and from how often drafts match.

The unit is a token decoded plainly: one forward of the whole target over one token.
"""

from __future__ import annotations

import math
import statistics
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

# What a sub-layer's calls cost beyond reading its parameters, in parameters: measured on one core of a CPU.
_CALLS = {"attention": 300_000, "mlp": 140_000}
# What several tokens cost beside one, and each of them: such passes are spent on calls and on reading weights.
# Measured on a CPU for a model that its cache holds, and for one whose weights come from memory, on one core
# (where one token takes another way than two) and on several (see ``model/few_tokens.py``); for other devices,
# roughly the arithmetic they do while a number is read.
_LINE_CACHED, _LINE_ON_ONE_CORE, _LINE_ON_CORES = (0.15, 0.015), (0.65, 0.045), (0.1, 0.08)
_LINE_ELSEWHERE = (0.0, 1 / 256)
_CACHED_BYTES = 64_000_000
_PREFIX_LENGTH = 16
_MEASURED_WIDTHS = (2, 4, 8, 16)
_REPEATS = 5
_SURE = 20  # times that a median is taken in, so that what was counted no longer matters
_LEAST_SAVED, _MOST_EFFICIENT = 0.01, 1.5
_LEAST_COST = 0.02  # of a drafted token, whatever its set seems to save
_COUNTED_WEIGHT = 3  # measurements that the counted savings weigh as much as


class PassCosts:
    """What passes over one model cost.

    Counted from its calls and parameters at first. If they are measured, what passes have taken then corrects
    three numbers: how much of what was counted skipping saves, and the line on which verifications lie.

    The machine may become slower or faster at any time. So a plain token's duration also follows drafted
    ones, and what skipping saves is learned only from a drafted token right after a plain one.

    Args:
        is_measured: Whether durations change costs. Otherwise the same passes always cost the same.
    """

    def __init__(self, target: Target, is_measured: bool = True):
        self.is_measured = is_measured
        self._attention, self._mlp = _counted_shares(target)
        self._plain = _RunningValue()
        self._just_plain: float | None = None  # seconds of the pass before, if it was a plain token
        self._efficiency = _RunningValue(1.0, weight=_COUNTED_WEIGHT)
        self._line = _RunningLine(*_counted_line(target))

    @property
    def plain_s(self) -> float | None:
        """Seconds of a token decoded plainly; None before any pass was timed."""
        return self._plain.value

    @property
    def attention(self) -> float:
        """What skipping one attention sub-layer saves."""
        return self._attention * self.efficiency

    @property
    def mlp(self) -> float:
        """What skipping one MLP sub-layer saves."""
        return self._mlp * self.efficiency

    @property
    def further(self) -> float:
        """What one more token adds to a verification."""
        return self._line.slope if self.is_measured else self._line.counted_slope

    @property
    def offset(self) -> float:
        """What a verification of several tokens costs beside what they add."""
        return self._line.offset if self.is_measured else self._line.counted_offset

    @property
    def efficiency(self) -> float:
        """What skipping really saves, as a share of what was counted."""
        assert self._efficiency.value is not None
        return self._efficiency.value if self.is_measured else 1.0

    def numbers(self) -> dict[str, float]:
        """What it knows, for a report."""
        return {
            "attention": self.attention,
            "mlp": self.mlp,
            "verification_offset": self.offset,
            "verification_further": self.further,
        }

    def of_draft(self, skip_set: SkipSet) -> float:
        """A drafted token, with these sub-layers skipped."""
        return max(1 - self.efficiency * self._counted_savings(skip_set), _LEAST_COST)

    def of_verification(self, num_tokens: int) -> float:
        """A forward of the whole target over this many tokens."""
        return 1.0 if num_tokens == 1 else 1 + self.offset + self.further * (num_tokens - 1)

    def of_pass(self, num_tokens: int, skip_set: SkipSet) -> float:
        """A forward over this many tokens, with sub-layers skipped."""
        return self.of_draft(skip_set) * self.of_verification(num_tokens)

    def at_most(self, num_tokens: int, skip_set: SkipSet) -> float:
        """The same, by what was counted or measured, whichever is more: for what must not become too dear."""
        line = self._line
        counted = 1 + line.counted_offset + line.counted_slope * (num_tokens - 1)
        return self.of_draft(skip_set) * max(counted, self.of_verification(num_tokens))

    def of_rounds(self, lengths: np.ndarray, skip_set: SkipSet) -> np.ndarray:
        """Rounds with drafts of these lengths, all at least 1, and nothing beside the chain."""
        return lengths * self.of_draft(skip_set) + 1 + self.offset + self.further * lengths

    def learn(self, num_tokens: int, skip_set: SkipSet, seconds: float) -> None:
        """Take in how long a forward took, which waited for the device."""
        if not 0 < seconds < math.inf:
            return
        just_plain, self._just_plain = self._just_plain, None
        if num_tokens > 1:
            if self._plain.value:
                self._line.add(num_tokens - 1, seconds / self._plain.value / self.of_draft(skip_set) - 1)
            return
        if not skip_set:
            self._just_plain = seconds
        elif just_plain and (counted := self._counted_savings(skip_set)):
            saved = max(1 - seconds / just_plain, _LEAST_SAVED)
            self._efficiency.add(min(saved / counted, _MOST_EFFICIENT))
        self._plain.add(seconds / self.of_draft(skip_set))

    def _counted_savings(self, skip_set: SkipSet) -> float:
        return len(skip_set.attention) * self._attention + len(skip_set.mlp) * self._mlp


class _RunningValue:
    """An average that forgets; one value far off moves it little."""

    _MEMORY = 12
    _MOST_CHANGE = 1.5

    def __init__(self, value: float | None = None, weight: int = 0):
        self.value = value
        self._count = weight

    def add(self, value: float) -> None:
        if self.value is not None:
            value = min(max(value, self.value / self._MOST_CHANGE), self.value * self._MOST_CHANGE)
        self._count = min(self._count + 1, self._MEMORY)
        self.value = value if self.value is None else self.value + (value - self.value) / self._count


class _RunningLine:
    """A line through what further tokens of a pass have cost: least squares that forget.

    It starts as the counted line, which weighs as much as two passes. A pass's time is off by a share of it,
    so wide ones weigh less.
    """

    _KEPT = 0.98

    def __init__(self, offset: float, slope: float):
        self.offset, self.slope = self.counted_offset, self.counted_slope = offset, slope
        self._sums = sum(self._weighed(x, offset + slope * x) for x in (1.0, 8.0))

    def add(self, further: int, cost: float) -> None:
        expected = self.offset + self.slope * further
        cost = min(max(cost, expected / 2 - 0.1), 2 * expected + 0.2)
        self._sums = self._KEPT * self._sums + self._weighed(float(further), cost)
        (n, x, y), (_, xx, xy), _ = self._sums
        self.slope = float(max(0.0, (n * xy - x * y) / max(n * xx - x * x, 1e-9)))
        self.offset = float(max(0.0, (y - self.slope * x) / n))

    @staticmethod
    def _weighed(x: float, cost: float) -> np.ndarray:
        row = np.array([1.0, x, cost])
        return np.outer(row, row) / (1 + x)


@dataclass(frozen=True, slots=True)
class BestDraft:
    """The draft that promises most.

    Attributes:
        length: In tokens, at least 1.
        speedup: Tokens per time over plain decoding's; below 1 it would be a loss.
    """

    length: int
    speedup: float


def best_draft(acceptance: float, skip_set: SkipSet, costs: PassCosts, max_tokens: int) -> BestDraft:
    """The best length if each drafted token is right with this chance, once those before it are.

    Source:
        Leviathan et al. 2023 (arXiv 2211.17192), theorem 3.8, with a verification that costs more than
        a token, and more for each token verified.
    """
    lengths = np.arange(1, max_tokens + 1)
    expected = 1 + np.cumsum(min(acceptance, 1.0) ** lengths)
    speedups = expected / costs.of_rounds(lengths, skip_set)
    best = int(np.argmax(speedups))
    return BestDraft(int(lengths[best]), float(speedups[best]))


def predicted_speedup(acceptance: float, skip_set: SkipSet, costs: PassCosts, max_tokens: int) -> float:
    """Tokens per time over plain decoding's, with the best draft."""
    return best_draft(acceptance, skip_set, costs, max_tokens).speedup


@torch.inference_mode()
def measure_costs(target: Target, repeats: int = _REPEATS) -> PassCosts:
    """Costs from a few forwards, interleaved, in a cache of their own; medians."""
    inner = tuple(range(1, target.num_layers - 1))
    kinds = [(1, SkipSet()), (1, SkipSet(inner[::2], inner[::2]))]
    kinds += [(width, SkipSet()) for width in _MEASURED_WIDTHS]
    ids = torch.arange(_PREFIX_LENGTH + max(_MEASURED_WIDTHS), device=target.device) % target.vocab_size
    cache = target.new_cache(len(ids))
    target.forward(ids[:_PREFIX_LENGTH], cache, 0, SkipSet(), needs_logits=False)
    seconds: dict[tuple[int, SkipSet], list[float]] = {kind: [] for kind in kinds}
    for _ in range(repeats):
        for num_tokens, skip_set in kinds:
            start = time.perf_counter()
            # Fetching the answer waits for the device.
            target.forward(ids[:num_tokens], cache, _PREFIX_LENGTH, skip_set).argmax(-1).tolist()
            seconds[num_tokens, skip_set].append(time.perf_counter() - start)
    costs = PassCosts(target)
    for _ in range(_SURE):
        for (num_tokens, skip_set), values in seconds.items():
            costs.learn(num_tokens, skip_set, statistics.median(values))
    return costs


def _counted_line(target: Target) -> tuple[float, float]:
    """What several tokens cost beside one, and each further token."""
    if target.device.type != "cpu":
        return _LINE_ELSEWHERE
    attention, mlp, head = _parameters(target)
    num_bytes = (target.num_layers * (attention + mlp) + head) * target.dtype.itemsize
    if num_bytes <= _CACHED_BYTES:
        return _LINE_CACHED
    return _LINE_ON_ONE_CORE if torch.get_num_threads() == 1 else _LINE_ON_CORES


def _counted_shares(target: Target) -> tuple[float, float]:
    """What an attention and an MLP sub-layer take of a pass, from calls and parameters."""
    attention, mlp, head = _parameters(target)
    attention, mlp = _CALLS["attention"] + attention, _CALLS["mlp"] + mlp
    whole = target.num_layers * (attention + mlp) + head
    return attention / whole, mlp / whole


def _parameters(target: Target) -> tuple[float, float, float]:
    """How many parameters a mean attention and a mean MLP sub-layer have, and the head."""
    modules = [layer.modules for layer in target.layers]
    attention, mlp = (statistics.fmean(_num_parameters(*layer[i]) for layer in modules) for i in (0, 1))
    return attention, mlp, _num_parameters(target.model.get_output_embeddings())


def _num_parameters(*modules: nn.Module) -> int:
    return sum(parameter.numel() for module in modules for parameter in module.parameters())
