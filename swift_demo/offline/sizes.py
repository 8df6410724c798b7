"""The best set of each size on some texts, and what it promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.offline.remembered import Remembered
from swift_demo.offline.texts import ScoredText
from swift_demo.search.costs import PassCosts, predicted_speedup
from swift_demo.search.hidden_states import CloseDraft
from swift_demo.search.layer_search import LayerSearch
from swift_demo.skip_set import SkipSet, num_skippable, num_skipped

_LOOKS_EVERY = 10  # trials; each look at another text


@dataclass(frozen=True, slots=True)
class OfSize:
    """The best set of one size.

    Attributes:
        skip_ratio: Its share of the sub-layers that may be skipped.
        matchness: Over all texts.
        draft_cost: Of a drafted token, as a share of a vanilla one.
        speed: Tokens per second over vanilla's that follow from both.
    """

    skip_ratio: float
    skip_set: SkipSet
    matchness: float
    draft_cost: float
    speed: float


def best_of_size(
    num_layers: int,
    texts: Sequence[ScoredText],
    remembered: Remembered,
    skip_ratio: float,
    num_trials: int,
    seed: int,
    told: Callable[[], None] = lambda: None,
) -> tuple[SkipSet, float]:
    """The set of this ratio that the search likes best after so many trials, and its matchness.

    A trial scores on all texts, so that scores can be compared for good, and costs what it takes.

    Args:
        told: Called after each trial.
    """
    search_config = SearchConfig(
        objective="matchness",
        max_trials=num_trials,
        tolerance=num_trials,
        max_score=1.0,
        hidden_states_interval=_LOOKS_EVERY,
        seed=seed,
    )
    config = replace(SwiftConfig(), skip_ratio=skip_ratio, search=search_config)
    search = LayerSearch(num_layers, config)
    numbers = count()

    def look(num_skipped: int, is_judged: bool, attention_weight: float) -> list[CloseDraft]:
        number = next(numbers) % len(texts)
        largest = remembered.look(
            f"{num_skipped} of text {number}, attention {attention_weight}",
            lambda: texts[number].look(num_skipped, is_judged, attention_weight)[-1].skip_set,
        )
        return [CloseDraft(largest, 0.0, ())]

    def score(skip_set: SkipSet) -> float:
        return remembered.score(skip_set, lambda wanted: mean_matchness(texts, wanted))

    for _ in range(num_trials + 1):  # the start set is no trial
        proposal = search.propose(0, look)
        search.record(proposal, score(proposal.skip_set), 0)
        told()
    return search.incumbent, score(search.incumbent)


def mean_matchness(texts: Sequence[ScoredText], skip_set: SkipSet) -> float:
    """Matchness over all tokens of all texts."""
    return sum(text.num_tokens * text.score(skip_set) for text in texts) / sum(
        text.num_tokens for text in texts
    )


def of_size(skip_set: SkipSet, matchness: float, num_layers: int, costs: PassCosts) -> OfSize:
    """What a set with this matchness promises at these costs."""
    speed = predicted_speedup(matchness, skip_set, costs, SwiftConfig().max_draft_tokens)
    ratio = len(skip_set) / num_skippable(num_layers)
    return OfSize(ratio, skip_set, matchness, costs.of_draft(skip_set), speed)


def sizes_of(num_layers: int, ratios: Sequence[float]) -> list[float]:
    """The ratios that give sets of different sizes, in ascending order; those that skip nothing left out."""
    by_size = {num_skipped(num_layers, ratio): ratio for ratio in sorted(ratios)}
    return [ratio for size, ratio in sorted(by_size.items()) if size]
