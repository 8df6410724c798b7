"""Events to the points that the figures plot: named series of rows, each stamped with its event.

Where a figure sums up, its rows hold running values, so that any moment's are the newest of a prefix.
"""

from __future__ import annotations

from collections.abc import Iterable

from swift_demo.events import Event, GenerationStarted, PhaseChanged, RoundVerified, SkipSetTried, TokensDrafted
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Trace
from swift_demo.viewer.running import ClockFolder, RoundFolder
from swift_demo.viewer.spans import Span, SpanFolder, rounded

Row = list
Points = dict[str, list[Row]]

SERIES: dict[str, tuple[str, ...]] = {
    "trials": ("event", "trial", "proposer", "matchness", "became_incumbent", "incumbent_matchness", "bits"),
    "skip_sets": ("event", "trial", "bits"),
    "phases": ("event", "trial", "phase", "reason", "label", "label_side", "label_at"),
    "drafts": ("event", "number", "confidence", "state", "target_prob", "round", "node"),
    "thresholds": ("event", "number", "threshold"),
    "rounds": (
        "event",
        "round",
        "num_drafted",
        "num_accepted",
        "num_rescued",
        "num_from_draft",
        "num_tokens",
        "most",
        "mean_tokens_per_round",
    ),
    "calibration": ("event", "confidence", "num_judged", "num_accepted", "acceptance_rate", "count"),
    "progress": ("event", "lane", "clock_s", "num_tokens"),
    "costs": ("event", "lane", "draft_ms", "verify_ms", "search_ms", "ms_per_token"),
}

_LABEL_ROOM = 14  # trials: a phase label closer than this to the one before goes to the other end of its line


def bits_text(skip_set: SkipSet, num_layers: int) -> str:
    """A skip set as 2 L characters, attention of all layers, then MLP: 1 skipped, 0 kept."""
    return "".join(
        "1" if i in layers else "0" for layers in (skip_set.attention, skip_set.mlp) for i in range(num_layers)
    )


class PointFolder:
    """Folds events into rows of ``SERIES``; rows are only ever appended."""

    def __init__(self) -> None:
        self._num_layers = 0
        self._bits = ""
        self._last_trial: int | None = None
        self._early_phases: list[PhaseChanged] = []
        self._last_phase_at: float | None = None
        self._is_label_above = False
        self._num_drafted = 0
        self._threshold = 0.0
        self._clock = ClockFolder()
        self._rounds = RoundFolder()

    def add(self, index: int, event: Event, spans: Iterable[Span] = ()) -> list[tuple[str, Row]]:
        """The rows that an event brings, each with the name of its series.

        Args:
            index: The event's index in the run.
            event: Events of either lane, in order.
            spans: What ``SpanFolder.add`` made of the event.
        """
        spans = list(spans)
        rows = self._search_and_drafts(event, spans)
        rows += self._rounds.add(event, spans) + self._clock.add(event)
        return [(series, [index, *row]) for series, row in rows]

    def _search_and_drafts(self, event: Event, spans: list[Span]) -> list[tuple[str, Row]]:
        if event.lane != "swift":
            return []
        if isinstance(event, GenerationStarted):
            self._num_layers = event.num_layers
            self._bits = bits_text(event.skip_set, event.num_layers)
            return [("skip_sets", [None, self._bits])]
        if isinstance(event, SkipSetTried):
            return self._trial(event)
        if isinstance(event, PhaseChanged):
            if self._last_trial is None:  # the axis counts trials of the decoder's life: not known yet
                self._early_phases.append(event)
                return []
            return [self._phase(event, self._last_trial + 0.5)]
        if isinstance(event, TokensDrafted):
            self._threshold = event.threshold
        if isinstance(event, RoundVerified):
            return self._drafted([span for span in spans if span.confidence is not None])
        return []

    def _trial(self, event: SkipSetTried) -> list[tuple[str, Row]]:
        rows = [self._phase(phase, event.trial - 0.5) for phase in self._early_phases[-1:]]
        self._early_phases.clear()
        self._last_trial = event.trial
        bits = bits_text(event.skip_set, self._num_layers)
        became_incumbent = event.is_kept and event.proposer != "incumbent"
        rows.append(
            (
                "trials",
                [
                    event.trial,
                    event.proposer,
                    rounded(event.matchness),
                    int(became_incumbent),
                    rounded(event.incumbent_matchness),
                    bits,
                ],
            )
        )
        if became_incumbent or (event.is_kept and bits != self._bits):
            rows.append(("skip_sets", [event.trial, bits]))
            self._bits = bits
        return rows

    def _phase(self, event: PhaseChanged, at: float) -> tuple[str, Row]:
        is_close = self._last_phase_at is not None and at - self._last_phase_at < _LABEL_ROOM
        self._is_label_above = not (is_close and self._is_label_above)
        # No trials follow the end of a search, so only on the left there is always room for its label.
        is_first = self._last_phase_at is None
        label = event.phase if is_first else f"{event.reason}:<br>{event.phase} →"
        side = "left" if is_first else "right"
        self._last_phase_at = at
        return "phases", [at, event.phase, event.reason, label, side, int(self._is_label_above)]

    def _drafted(self, spans: list[Span]) -> list[tuple[str, Row]]:
        rows: list[tuple[str, Row]] = []
        first = self._num_drafted + 1
        for span in spans:
            self._num_drafted += 1
            rows.append(
                (
                    "drafts",
                    [
                        self._num_drafted,
                        rounded(span.confidence),
                        span.state,
                        rounded(span.target_prob),
                        span.round,
                        span.node,
                    ],
                )
            )
        if spans:
            rows.append(("thresholds", [first - 0.5, rounded(self._threshold)]))
            rows.append(("thresholds", [self._num_drafted + 0.5, rounded(self._threshold)]))
        return rows


def points_of(trace: Trace) -> Points:
    """All points of a run, by series."""
    points: Points = {name: [] for name in SERIES}
    spans, folder = SpanFolder(), PointFolder()
    for index, (event, pieces) in enumerate(zip(trace.events, trace.texts, strict=True)):
        for name, row in folder.add(index, event, spans.add(event, pieces)):
            points[name].append(row)
    return points
