"""``drafting`` and ``worth``: whether drafting pays, in a sentence and in numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from swift_demo.events import DraftingWeighed, Event, GenerationStarted, RoundVerified
from swift_demo.trace import Entry
from swift_demo.viewer.formats import LEAST_FOR_SHARE, percent_text, speedup_text
from swift_demo.viewer.value import DraftingRow, Drafts, Table, WorthRow

_GIVEN = "Every round drafts, whether or not that pays: the confidence threshold is given."
_UNKNOWN = (
    "SWIFT decodes plainly until a first draft was scored: before that nobody knows whether drafting pays."
)


class WeighingFold:
    """A row of each table for each weighing; the sentence begins with what can be said before the first."""

    def __init__(self) -> None:
        self._num_tokens = 0
        self._told = ""

    def add(self, entry: Entry, index: int) -> list[tuple[Table, Any]]:
        return list(self._rows(entry.event, index)) if entry.event.lane == "swift" else []

    def _rows(self, event: Event, index: int) -> Iterator[tuple[Table, Any]]:
        if isinstance(event, GenerationStarted) and event.swift is not None:
            if event.swift.threshold_rule != "measured":
                yield from self._sentence(_GIVEN, "always", index)
        elif isinstance(event, RoundVerified):
            self._num_tokens += len(event.token_ids)
            if event.next_token_kind == "plain" and not self._told:
                yield from self._sentence(_UNKNOWN, "unknown", index)
        elif isinstance(event, DraftingWeighed):
            yield from self._sentence(sentence(event), "pays" if event.is_drafting else "does not pay", index)
            yield "worth", self._worth(event, index)

    def _sentence(self, text: str, drafts: Drafts, index: int) -> Iterator[tuple[Table, DraftingRow]]:
        if text != self._told:
            self._told = text
            yield "drafting", DraftingRow(event=index, text=text, drafts=drafts)

    def _worth(self, event: DraftingWeighed, index: int) -> WorthRow:
        plain_ms, drafted_ms = 1000 * event.plain_token_s, 1000 * event.drafted_token_s
        right = _chance(event.acceptance, event.num_judged)
        return WorthRow(
            event=index,
            num_tokens=self._num_tokens,
            plain_ms=round(plain_ms, 2),
            drafted_ms=round(drafted_ms, 2),
            most_ms=round(max(plain_ms, drafted_ms), 2),
            odds=f"a drafted token is right {right}; best length {event.best_length}",
        )


def sentence(event: DraftingWeighed) -> str:
    """What was weighed, in words for everybody."""
    odds = f"a drafted token costs {event.draft_cost:.2f} of a plain one and is right "
    odds += _chance(event.acceptance, event.num_judged)
    checked = "it" if event.best_length == 1 else f"{event.best_length} at once"
    speed = speedup_text(event.predicted_speedup)
    if event.is_drafting:
        if event.predicted_speedup <= 0.99:
            return f"Drafting may pay: {odds}. SWIFT drafts on a little, to find out."
        pays = "Drafting pays" if event.predicted_speedup >= 1.005 else "Drafting is worth what it costs"
        tokens = "one token" if event.best_length == 1 else f"{event.best_length} tokens"
        return f"{pays}: {odds}. Drafts of about {tokens} promise {speed} vanilla\u2019s speed."
    pays = "does not pay here" if event.predicted_speedup < 0.995 else "pays too little here"
    return (
        f"Drafting {pays}: {odds}; checking {checked} costs {event.verification_cost:.2f}. That would be "
        f"{speed} vanilla\u2019s speed, so SWIFT decodes plainly and looks again after {event.pause} tokens."
    )


def _chance(acceptance: float, num_judged: int) -> str:
    """How often a drafted token is right, and from how few that is known."""
    share = f"{percent_text(acceptance)} of the time"
    if not num_judged:
        return f"perhaps {share}"
    if num_judged < LEAST_FOR_SHARE:
        return f"{share}, by only {num_judged} token{'s' * (num_judged > 1)}"
    return share
