"""``trials``, ``skip_sets``, ``phases`` and ``bands``: how the search goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from swift_demo.events import Event, GenerationFinished, GenerationStarted, PhaseChanged, SkipSetTried
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Entry
from swift_demo.viewer.fold.parts import bits_text, rounded
from swift_demo.viewer.value import BandRow, PhaseRow, SkipSetRow, Table, TrialRow

TRIALS_SPAN = 20  # the fewest trials that the axis of trials shows

_LABEL_ROOM = 14  # trials: a phase label closer than this to the one before goes to the other end of its line


class SearchFold:
    """Rows of SWIFT's trials, incumbents and phases."""

    def __init__(self) -> None:
        self._num_layers = 0
        self._shown = SkipSet()
        self._first_trial: int | None = None
        self._last_trial: int | None = None
        self._early_phases: list[PhaseChanged] = []
        self._last_phase_at: float | None = None
        self._is_label_above = False

    def add(self, entry: Entry, index: int) -> list[tuple[Table, Any]]:
        return list(self._rows(entry.event, index)) if entry.event.lane == "swift" else []

    def _rows(self, event: Event, index: int) -> Iterator[tuple[Table, Any]]:
        if isinstance(event, GenerationStarted):
            self._num_layers = event.num_layers
            yield "skip_sets", self._incumbent(event.skip_set, index, None)
        elif isinstance(event, SkipSetTried):
            yield from self._trial(event, index)
        elif isinstance(event, PhaseChanged):
            yield "bands", BandRow(event=index, phase=event.phase)
            if self._last_trial is None:  # the axis counts trials of the decoder's life: not known yet
                self._early_phases.append(event)
            else:
                yield "phases", self._phase(event, index, self._last_trial + 0.5)
        elif isinstance(event, GenerationFinished):
            yield "bands", BandRow(event=index, phase="")

    def _trial(self, event: SkipSetTried, index: int) -> Iterator[tuple[Table, Any]]:
        for phase in self._early_phases[-1:]:
            yield "phases", self._phase(phase, index, event.trial - 0.5)
        self._early_phases.clear()
        self._last_trial = event.trial
        self._first_trial = self._first_trial or event.trial
        row = TrialRow(
            event=index,
            trial=event.trial,
            proposer=event.proposer,
            matchness=rounded(event.matchness),
            became_incumbent=became_incumbent(event),
            incumbent_matchness=rounded(event.incumbent_matchness),
            attention=bits_text(event.skip_set.attention, self._num_layers),
            mlp=bits_text(event.skip_set.mlp, self._num_layers),
        )
        yield "trials", row
        if became_incumbent(event) or (event.is_kept and event.skip_set != self._shown):
            yield "skip_sets", self._incumbent(event.skip_set, index, event.trial)

    def _incumbent(self, skip_set: SkipSet, index: int, trial: int | None) -> SkipSetRow:
        self._shown = skip_set
        return SkipSetRow(
            event=index,
            trial=trial,
            attention=bits_text(skip_set.attention, self._num_layers),
            mlp=bits_text(skip_set.mlp, self._num_layers),
        )

    def _phase(self, event: PhaseChanged, index: int, at: float) -> PhaseRow:
        is_first = self._last_phase_at is None
        is_close = self._last_phase_at is not None and at - self._last_phase_at < _LABEL_ROOM
        self._is_label_above = not (is_close and self._is_label_above)
        self._last_phase_at = at
        return PhaseRow(
            event=index,
            trial=at,
            label=event.phase if is_first else f"{event.reason}:<br>{event.phase} →",
            label_side=self._side(at),
            label_at=int(self._is_label_above),
        )

    def _side(self, at: float) -> Literal["left", "right"]:
        """Where a label is anchored: by its left in the first half of the axis, so that it fits."""
        passed = at - (self._first_trial or at)
        return "left" if passed < TRIALS_SPAN / 2 else "right"


def became_incumbent(event: SkipSetTried) -> bool:
    """Whether a trial found a new incumbent, rather than scoring the old one again."""
    return event.is_kept and event.proposer != "incumbent"
