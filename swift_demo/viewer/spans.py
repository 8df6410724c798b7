"""Events to token rows: what each token of a lane's text is, in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from swift_demo.events import Event, GenerationFinished, RoundVerified, TokenDecoded, TokensDrafted

TokenState = Literal["vanilla", "accepted", "rejected", "corrected", "bonus"]


@dataclass(frozen=True, slots=True)
class Span:
    """One token as the viewer shows it.

    Attributes:
        text: What it adds to the text; for a rejected token what it would have added.
        state: What happened to it.
        round: Draft-and-verify round it belongs to.
        confidence: The draft's, when it was drafted; None for tokens of the target.
        target_prob: The target's probability of it.
        node: Its index among the round's nodes, see ``nodes_of``; None in the vanilla lane.
    """

    text: str
    state: TokenState
    round: int
    confidence: float | None
    target_prob: float | None
    node: int | None = None

    def to_row(self, event_index: int) -> list:
        """``[event_index, text, state, round, confidence, target_prob, node]``."""
        return [
            event_index,
            self.text,
            self.state,
            self.round,
            rounded(self.confidence),
            rounded(self.target_prob),
            self.node,
        ]


class SpanFolder:
    """Remembers the draft under way, so that the verification can tell what became of each token."""

    def __init__(self) -> None:
        self._draft: TokensDrafted | None = None
        self._draft_pieces: Sequence[str] = ()
        self._first_child: dict[int, int] = {}  # by node; -1 is the last token of the text
        self._last: dict[str, Span] = {}

    def add(self, event: Event, pieces: Sequence[str]) -> list[Span]:
        """The spans that an event brings: none but for a vanilla token or a verified round.

        A lane's end brings one only if its last token is no whole character: what is shown for it then.

        Args:
            event: Events of either lane, in order.
            pieces: The event's pieces of text, as in ``Trace.texts``.
        """
        spans: list[Span] = []
        if isinstance(event, TokenDecoded):
            spans = [Span(_piece(pieces, 0), "vanilla", event.round, None, event.target_prob)]
        elif isinstance(event, TokensDrafted):
            self._draft, self._draft_pieces = event, pieces
            self._first_child = {parent: child for child, parent in reversed(list(enumerate(event.parents)))}
        elif isinstance(event, RoundVerified):
            spans = list(self._verified(event, pieces))
            self._draft, self._draft_pieces, self._first_child = None, (), {}
        elif isinstance(event, GenerationFinished) and event.lane in self._last:
            return [replace(self._last[event.lane], text=piece) for piece in pieces]
        if spans:
            self._last[event.lane] = spans[-1]
        return spans

    def _verified(self, event: RoundVerified, pieces: Sequence[str]) -> Iterator[Span]:
        # The text may end (or be cut) inside the draft: only what joined it counts.
        joined = event.accepted[: len(event.token_ids)]
        parent = -1
        for position, node in enumerate(joined):
            first = self._first_child.get(parent)
            if first not in (None, node):  # a sibling took its place
                yield from self._rejected_chain(event, first)
            yield self._drafted(event, node, _piece(pieces, position), "accepted")
            parent = node
        if event.next_token_kind == "corrected":
            yield from self._rejected_chain(event, self._first_child.get(parent))
        for position in range(len(joined), len(event.token_ids)):
            kind = event.next_token_kind or "corrected"
            own = len(self._draft.token_ids) if self._draft else 0
            yield Span(_piece(pieces, position), kind, event.round, None, event.next_token_prob, own)

    def _rejected_chain(self, event: RoundVerified, node: int | None) -> Iterator[Span]:
        """A node and what would have followed it: in a tree, each time the first child."""
        while node is not None:
            yield self._drafted(event, node, _piece(self._draft_pieces, node), "rejected")
            node = self._first_child.get(node)

    def _drafted(self, event: RoundVerified, node: int, text: str, state: TokenState) -> Span:
        confidences = self._draft.confidences if self._draft else ()
        return Span(text, state, event.round, _at(confidences, node), _at(event.target_probs, node), node)


def rounded(value: float | None) -> float | None:
    """Four decimals: enough for any screen, and a third of the bytes."""
    return None if value is None else round(value, 4)


def _piece(pieces: Sequence[str], position: int) -> str:
    return pieces[position] if position < len(pieces) else ""


def _at(values: Sequence[float], position: int) -> float | None:
    return values[position] if position < len(values) else None
