"""What a decoder carries from one prompt to the next, and from one setting to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from swift_demo.config import SwiftConfig
from swift_demo.decoding.ledger import Budget
from swift_demo.decoding.threshold import Threshold
from swift_demo.decoding.worth import Worth
from swift_demo.search.costs import PassCosts
from swift_demo.search.layer_search import LayerSearch
from swift_demo.skip_set import SkipSet, num_skipped


@dataclass(slots=True)
class Learned:
    """What a decoder carries from one prompt to the next."""

    search: LayerSearch
    threshold: Threshold
    worth: Worth
    costs: PassCosts
    budget: Budget

    def carried_to(
        self,
        config: SwiftConfig,
        before: SwiftConfig,
        start_set: SkipSet | None = None,
        candidates: Sequence[SkipSet] = (),
    ) -> Learned:
        """What other settings can use of it: the set and the scores behind it, the draft's record, all costs.

        A set of another size than the settings ask for is not used: where nothing is searched for, once the
        skip ratio has changed; where matchness is searched for, which keeps the number of skipped sub-layers.

        Args:
            before: The settings under which it was learned.
            start_set: As for ``SwiftDecoder``, for where the set is not used.
            candidates: As for ``SwiftDecoder``.
        """
        if config == before:
            return self
        threshold = self.threshold if _same_threshold(config, before) else Threshold(config)
        search, worth = self.search, self.worth
        if (config.search, config.skip_ratio) != (before.search, before.skip_ratio):
            search = self._searched_under(config, before, start_set, candidates)
        if (config.max_draft_tokens, config.tree_levels) != (before.max_draft_tokens, before.tree_levels):
            worth = worth.in_form(config.max_draft_tokens, config.tree_levels)
        return Learned(search, threshold, worth, self.costs, self.budget)

    def _searched_under(
        self, config: SwiftConfig, before: SwiftConfig, start_set: SkipSet | None, candidates: Sequence[SkipSet]
    ) -> LayerSearch:
        old, num_layers = self.search, self.search.num_layers
        asked = num_skipped(num_layers, config.skip_ratio)
        has_asked_size = config.skip_ratio == before.skip_ratio or len(old.incumbent) == asked
        if config.search.is_enabled:
            is_for_speed = config.search.objective == "speed"
            is_usable = is_for_speed or len(old.incumbent.inner(num_layers)) == asked
        else:
            is_usable = has_asked_size
        search = LayerSearch(num_layers, config, old.incumbent if is_usable else start_set, candidates)
        search.num_trials = old.num_trials
        if is_usable and config.search.objective == before.search.objective:
            search.observations = list(old.observations)
        return search


def _same_threshold(config: SwiftConfig, before: SwiftConfig) -> bool:
    """Whether a threshold that has moved may go on from where it is."""
    names = ("threshold_rule", "confidence_threshold", "target_acceptance_rate")
    return all(getattr(config, name) == getattr(before, name) for name in names)
