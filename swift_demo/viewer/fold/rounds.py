"""``rounds`` and ``calibration``: what each round brought, and whether the draft's confidence is right."""

from __future__ import annotations

from swift_demo.events import RoundVerified, TokensDrafted
from swift_demo.metrics import LaneMetrics
from swift_demo.trace import Entry
from swift_demo.viewer.fold.parts import rounded
from swift_demo.viewer.fold.spans import judged
from swift_demo.viewer.formats import LEAST_FOR_SHARE
from swift_demo.viewer.value import CalibrationRow, RoundRow, Table


class Calibration:
    """How many drafted tokens the target judged and accepted, by tenths of the draft's confidence.

    Attributes:
        num_judged: For each tenth, from the lowest confidence up.
        num_accepted: The same for those accepted.
    """

    NUM_TENTHS = 10

    def __init__(self) -> None:
        self.num_judged = [0] * self.NUM_TENTHS
        self.num_accepted = [0] * self.NUM_TENTHS
        self._draft: TokensDrafted | None = None

    def add(self, entry: Entry) -> list[int]:
        """Take in an entry; returns the tenths that it changed, in order of their tokens."""
        event = entry.event
        changed: dict[int, None] = {}
        if isinstance(event, TokensDrafted):
            self._draft = event
        elif isinstance(event, RoundVerified) and self._draft is not None:
            for confidence, is_accepted in judged(self._draft, event):
                tenth = min(int(confidence * self.NUM_TENTHS), self.NUM_TENTHS - 1)
                self.num_judged[tenth] += 1
                self.num_accepted[tenth] += is_accepted
                changed[tenth] = None
            self._draft = None
        return list(changed)


class RoundFold:
    """A row for each verified round, and one for each tenth of the confidences that it changed."""

    def __init__(self) -> None:
        self._metrics = LaneMetrics("swift")
        self._calibration = Calibration()

    def add(self, entry: Entry, index: int) -> list[tuple[Table, RoundRow | CalibrationRow]]:
        event = entry.event
        rows: list[tuple[Table, RoundRow | CalibrationRow]] = []
        self._metrics.add(event)
        changed = self._calibration.add(entry)
        if isinstance(event, RoundVerified):
            num_tokens = len(event.token_ids)
            row = RoundRow(
                event=index,
                round=event.round,
                num_drafted=event.num_drafted,
                num_accepted=event.num_accepted,
                num_rescued=event.num_rescued,
                num_from_draft=len(event.accepted),
                num_tokens=num_tokens,
                most=max(event.num_drafted, num_tokens),
                mean_tokens_per_round=rounded(self._metrics.mean_tokens_per_round),
            )
            rows.append(("rounds", row))
        rows.extend(("calibration", self._tenth(tenth, index)) for tenth in changed)
        return rows

    def _tenth(self, tenth: int, index: int) -> CalibrationRow:
        num = self._calibration.num_judged[tenth]
        accepted = self._calibration.num_accepted[tenth]
        return CalibrationRow(
            event=index,
            confidence=round((tenth + 0.5) / Calibration.NUM_TENTHS, 2),
            num_judged=num,
            num_accepted=accepted,
            acceptance_rate=rounded(accepted / num) if num >= LEAST_FOR_SHARE else None,
            count=str(num) if num < 1000 else f"{num / 1000:.1f}k",
        )
