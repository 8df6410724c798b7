"""``spoken.{plot}``: the plots in words, for those who cannot see them, in a sentence or two.

Numbers are as exact as those that the plots are filled from, so that words and labels agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from swift_demo.events import (
    DraftingWeighed,
    Event,
    GenerationStarted,
    Lane,
    PhaseChanged,
    RoundVerified,
    SkipSetTried,
    ThresholdMoved,
    TokensDrafted,
)
from swift_demo.metrics import LaneMetrics
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Entry
from swift_demo.viewer.fold.clocks import LaneClock
from swift_demo.viewer.fold.parts import PROPOSER_NAMES, listed, rounded
from swift_demo.viewer.fold.rounds import Calibration
from swift_demo.viewer.fold.search import became_incumbent
from swift_demo.viewer.fold.weighing import sentence
from swift_demo.viewer.formats import LEAST_FOR_SHARE, percent_text
from swift_demo.viewer.value import SpokenRow, Table

_NUM_LISTED = 3
_NAMES: dict[Lane, str] = {"vanilla": "vanilla", "swift": "SWIFT"}


class SpokenFold:
    """A row for each plot that an event changed: those of the search at a trial, most at a round."""

    def __init__(self) -> None:
        self._clocks: dict[Lane, LaneClock] = {}
        self._metrics = LaneMetrics("swift")
        self._calibration = Calibration()
        self._phase = ""
        self._kept_since = 0
        self._threshold = 0.0
        self._skipped = _Skipped()

    def add(self, entry: Entry, index: int) -> list[tuple[Table, SpokenRow]]:
        event = entry.event
        self._clocks.setdefault(event.lane, LaneClock()).add(event)
        self._metrics.add(event)
        self._calibration.add(entry)
        return [(f"spoken.{plot}", SpokenRow(event=index, text=text)) for plot, text in self._told(event)]

    def _told(self, event: Event) -> Iterator[tuple[str, str]]:
        if isinstance(event, GenerationStarted):
            self._skipped.num_layers = event.num_layers
            yield "worth", "Nothing was weighed so far."
        elif isinstance(event, DraftingWeighed):
            yield (
                "worth",
                f"Milliseconds per token: {1000 * event.plain_token_s:.1f} plainly, "
                f"{1000 * event.drafted_token_s:.1f} with the best draft. {sentence(event)}",
            )
        elif isinstance(event, PhaseChanged):
            self._phase = f"{event.phase} ({event.reason})"
        elif isinstance(event, TokensDrafted | ThresholdMoved):
            self._threshold = event.threshold
        elif isinstance(event, SkipSetTried):
            yield from self._of_trial(event)
        elif isinstance(event, RoundVerified):
            yield from self._of_round(event)

    def _of_trial(self, event: SkipSetTried) -> Iterator[tuple[str, str]]:
        self._skipped.add(event.skip_set)
        if became_incumbent(event):
            self._kept_since = event.trial
        yield (
            "matchness",
            f"Trial {event.trial}, {PROPOSER_NAMES[event.proposer]}: matchness {event.matchness:.2f}. "
            f"Incumbent: {event.incumbent_matchness:.2f}, found in trial {self._kept_since}. "
            f"Phase: {self._phase}.",
        )
        if event.is_kept:
            yield (
                "heatmap",
                f"Incumbent since trial {event.trial}: skips attention of layers "
                f"{listed(event.skip_set.attention)} and MLP of layers {listed(event.skip_set.mlp)}. "
                f"Skipped most often so far: {self._skipped.most_often()}.",
            )

    def _of_round(self, event: RoundVerified) -> Iterator[tuple[str, str]]:
        yield (
            "rounds",
            f"Round {event.round}: {event.num_drafted} drafted, {event.num_accepted} accepted, "
            f"{event.num_rescued} rescued, {len(event.token_ids)} added; "
            f"{rounded(self._metrics.mean_tokens_per_round or 0):.2f} tokens per round so far.",
        )
        yield from self._of_confidence()
        swift, vanilla = (self._clocks.get(lane, LaneClock()).costs for lane in ("swift", "vanilla"))
        if swift is not None:
            yield (
                "time",
                f"Milliseconds per token: SWIFT {swift.ms_per_token:.1f} (drafting {swift.draft_ms:.1f}, "
                f"verifying {swift.verify_ms:.1f}, searching {swift.search_ms:.1f})"
                + (f", vanilla {vanilla.ms_per_token:.1f}." if vanilla else "."),
            )
        progress = [
            f"{name} {clock.num_tokens} tokens after {rounded(clock.clock_s):.2f} s"
            for lane, name in _NAMES.items()
            if (clock := self._clocks.get(lane)) is not None
        ]
        yield "race", "; ".join(progress) + "."

    def _of_confidence(self) -> Iterator[tuple[str, str]]:
        num_judged, num_accepted = self._calibration.num_judged, self._calibration.num_accepted
        num, accepted = sum(num_judged), sum(num_accepted)
        if not num:
            return
        sure = _share(num_judged[-1], num_accepted[-1])
        less = _share(num - num_judged[-1], accepted - num_accepted[-1])
        yield "calibration", f"Confidence of 0.9 or more: {sure}; less: {less}."
        yield (
            "confidence",
            f"{accepted} of {num} judged tokens accepted; the last threshold is {self._threshold:.2f}.",
        )


class _Skipped:
    """How often the trials skipped each sub-layer."""

    def __init__(self) -> None:
        self.num_layers = 0
        self._num_trials = 0
        self._counts: Counter[tuple[int, int]] = Counter()  # by part, 0 for attention and 1 for MLP, and layer

    def add(self, skip_set: SkipSet) -> None:
        self._num_trials += 1
        for part, layers in enumerate((skip_set.attention, skip_set.mlp)):
            self._counts.update((part, layer) for layer in layers)

    def most_often(self) -> str:
        """The sub-layers skipped most often, with their share of the trials."""
        places = [(part, layer) for part in (0, 1) for layer in range(self.num_layers)]
        order = sorted(places, key=lambda place: -self._counts[place])[:_NUM_LISTED]
        return ", ".join(
            f"{('attention', 'MLP')[part]} of layer {layer} "
            f"({self._counts[part, layer] / self._num_trials:.0%} of the trials)"
            for part, layer in order
        )


def _share(num: int, accepted: int) -> str:
    share = f", {percent_text(accepted / num)}" if num >= LEAST_FOR_SHARE else ""
    return f"{accepted} of {num} tokens accepted{share}"
