"""``tokens.{lane}``: the text of both lanes, token by token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from swift_demo.events import GenerationFinished, Lane, RoundVerified, TokenDecoded, TokensDrafted
from swift_demo.trace import Entry
from swift_demo.viewer.fold.parts import piece_at, rounded
from swift_demo.viewer.fold.spans import Draft, Span, spans_of
from swift_demo.viewer.value import Table, TokenRow


class TokenFold:
    """A row for each vanilla token, and for each token of a verified round.

    A lane's end brings one only if its last token is not a whole character: the replacement shown for it.
    """

    def __init__(self) -> None:
        self._draft: Draft | None = None
        self._last: dict[Lane, tuple[int, Span]] = {}

    def add(self, entry: Entry, index: int) -> list[tuple[Table, TokenRow]]:
        event, rows = entry.event, []
        for round_, span in self._spans(entry):
            self._last[event.lane] = round_, span
            row = TokenRow(
                event=index,
                text=span.text,
                state=span.state,
                round=round_,
                confidence=rounded(span.confidence),
                target_prob=rounded(span.target_prob),
                node=span.node,
            )
            rows.append((f"tokens.{event.lane}", row))
        return rows

    def _spans(self, entry: Entry) -> Iterator[tuple[int, Span]]:
        event, pieces = entry
        if isinstance(event, TokenDecoded):
            yield event.round, Span(piece_at(pieces, 0), "vanilla", None, event.target_prob)
        elif isinstance(event, TokensDrafted):
            self._draft = Draft(event, pieces)
        elif isinstance(event, RoundVerified):
            draft, self._draft = self._draft, None
            for span in spans_of(draft, event, pieces):
                yield event.round, span
        elif isinstance(event, GenerationFinished) and event.lane in self._last:
            round_, last = self._last[event.lane]
            for piece in pieces:
                yield round_, replace(last, text=piece)
