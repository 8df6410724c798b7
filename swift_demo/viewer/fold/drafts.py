"""``drafts`` and ``thresholds``: drafted tokens in the order of drafting, and the threshold for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from swift_demo.events import RoundVerified, TokensDrafted
from swift_demo.trace import Entry
from swift_demo.viewer.fold.parts import rounded
from swift_demo.viewer.fold.spans import Draft, spans_of, thresholds_of
from swift_demo.viewer.value import DraftRow, Table, ThresholdRow


class DraftFold:
    """A row for each drafted token of a verified round, and the thresholds after them."""

    def __init__(self) -> None:
        self._draft: Draft | None = None
        self._num_drafted = 0

    def add(self, entry: Entry, index: int) -> list[tuple[Table, DraftRow | ThresholdRow]]:
        event, pieces = entry
        if isinstance(event, TokensDrafted):
            self._draft = Draft(event, pieces)
        elif isinstance(event, RoundVerified) and self._draft is not None:
            draft, self._draft = self._draft, None
            return list(self._round(draft, event, pieces, index))
        return []

    def _round(
        self, draft: Draft, event: RoundVerified, pieces: Sequence[str], index: int
    ) -> Iterator[tuple[Table, DraftRow | ThresholdRow]]:
        thresholds: list[float] = []
        before = self._num_drafted
        for span in spans_of(draft, event, pieces):
            if span.confidence is None or span.node is None:
                continue
            self._num_drafted += 1
            thresholds.append(_threshold_after(draft.event, span.node))
            row = DraftRow(
                event=index,
                number=self._num_drafted,
                confidence=rounded(span.confidence),
                state=span.state,
                round=event.round,
                node=span.node,
            )
            yield "drafts", row
        for place, threshold in enumerate(thresholds):
            if place == 0 or threshold != thresholds[place - 1]:
                yield "thresholds", _row(index, before + place, threshold)
        if thresholds:
            yield "thresholds", _row(index, self._num_drafted, thresholds[-1])


def _row(index: int, number: int, threshold: float) -> ThresholdRow:
    """The threshold right of the token of this number."""
    return ThresholdRow(event=index, number=number + 0.5, threshold=rounded(threshold))


def _threshold_after(draft: TokensDrafted, node: int) -> float:
    """The threshold after a node: its place's own if they were measured, else the one in force."""
    return thresholds_of(draft)[draft.parents[node] + 1]
