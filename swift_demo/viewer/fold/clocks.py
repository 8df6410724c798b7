"""``progress`` and ``costs``: how far each lane is on its own clock, and what its time is spent on."""

from __future__ import annotations

from dataclasses import dataclass, field

from swift_demo.events import (
    Event,
    GenerationFinished,
    GenerationStarted,
    Lane,
    PromptRead,
    RoundVerified,
    SkipSetTried,
    TokenDecoded,
    TokensDrafted,
)
from swift_demo.trace import Entry
from swift_demo.viewer.fold.parts import rounded
from swift_demo.viewer.value import CostRow, Part, ProgressRow, Table

# What the seconds before an event of a kind were spent on.
_SPENT_ON: dict[type[Event], Part] = {
    TokenDecoded: "verify",
    TokensDrafted: "draft",
    RoundVerified: "verify",
    SkipSetTried: "search",
}
_ADVANCES = (GenerationStarted, PromptRead, TokenDecoded, RoundVerified, GenerationFinished)


@dataclass(frozen=True, slots=True)
class Costs:
    """Milliseconds per token by what they were spent on, as exact as they are sent."""

    draft_ms: float
    verify_ms: float
    search_ms: float
    ms_per_token: float


@dataclass(slots=True)
class LaneClock:
    """A lane's time and tokens so far.

    Attributes:
        costs: After the last event that changed them, the prompt left out; None before the first token.
    """

    clock_s: float = 0.0
    num_tokens: int = 0
    spent_s: dict[Part, float] = field(default_factory=lambda: {"draft": 0.0, "verify": 0.0, "search": 0.0})
    costs: Costs | None = None

    def add(self, event: Event) -> Costs | None:
        """Take in the lane's next event; returns what a token costs, if that changed."""
        if (part := _SPENT_ON.get(type(event))) is not None:
            self.spent_s[part] += event.clock_s - self.clock_s
        self.clock_s = event.clock_s
        added = len(event.token_ids) if isinstance(event, RoundVerified) else isinstance(event, TokenDecoded)
        self.num_tokens += added
        if not added and not (self.num_tokens and isinstance(event, SkipSetTried)):
            return None
        ms = {part: 1000 * spent / self.num_tokens for part, spent in self.spent_s.items()}
        self.costs = Costs(
            draft_ms=round(ms["draft"], 3),
            verify_ms=round(ms["verify"], 3),
            search_ms=round(ms["search"], 3),
            ms_per_token=round(sum(ms.values()), 3),
        )
        return self.costs


class ClockFold:
    """Rows of both lanes' clocks."""

    def __init__(self) -> None:
        self._clocks: dict[Lane, LaneClock] = {}

    def add(self, entry: Entry, index: int) -> list[tuple[Table, ProgressRow | CostRow]]:
        event = entry.event
        rows: list[tuple[Table, ProgressRow | CostRow]] = []
        clock = self._clocks.setdefault(event.lane, LaneClock())
        costs = clock.add(event)
        if isinstance(event, _ADVANCES):
            progress = ProgressRow(
                event=index, lane=event.lane, clock_s=rounded(event.clock_s), num_tokens=clock.num_tokens
            )
            rows.append(("progress", progress))
        if costs is not None:
            row = CostRow(
                event=index,
                lane=event.lane,
                draft_ms=costs.draft_ms,
                verify_ms=costs.verify_ms,
                search_ms=costs.search_ms,
                ms_per_token=costs.ms_per_token,
            )
            rows.append(("costs", row))
        return rows
