"""A verified round as spans: what each token of a lane's text is, in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from swift_demo.events import RoundVerified, TokensDrafted
from swift_demo.viewer.fold.parts import piece_at
from swift_demo.viewer.value import TokenState


@dataclass(frozen=True, slots=True)
class Span:
    """One token as the viewer shows it.

    Attributes:
        text: What it adds to the text; for a rejected token what it would have added.
        state: What happened to it.
        confidence: The draft's, when it was drafted; None for tokens of the target.
        target_prob: The target's probability of it.
        node: Its index among the round's nodes, see ``nodes_of``; None in the vanilla lane.
    """

    text: str
    state: TokenState
    confidence: float | None
    target_prob: float | None
    node: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a round drafted: the event and its pieces of text."""

    event: TokensDrafted
    pieces: Sequence[str]


def spans_of(draft: Draft | None, event: RoundVerified, pieces: Sequence[str]) -> Iterator[Span]:
    """The spans of a round, with what was rejected before what took its place.

    Args:
        draft: What was verified; None if nothing is known of it.
        pieces: The verification's pieces of text, as in ``Trace.texts``.
    """
    first_child = first_children(draft.event) if draft else {}

    def drafted(node: int, text: str, state: TokenState) -> Span:
        confidences = draft.event.confidences if draft else ()
        return Span(text, state, _at(confidences, node), _at(event.target_probs, node), node)

    def rejected_chain(node: int | None) -> Iterator[Span]:
        """A node and what would have followed it: in a tree, each time the first child."""
        while node is not None:
            yield drafted(node, piece_at(draft.pieces if draft else (), node), "rejected")
            node = first_child.get(node)

    joined = joined_nodes(event)
    parent = -1
    for position, node in enumerate(joined):
        first = first_child.get(parent)
        if first not in (None, node):  # a sibling took its place
            yield from rejected_chain(first)
        yield drafted(node, piece_at(pieces, position), "accepted")
        parent = node
    if event.next_token_kind == "corrected":
        yield from rejected_chain(first_child.get(parent))
    own = len(draft.event.token_ids) if draft else 0
    for position in range(len(joined), len(event.token_ids)):
        state = event.next_token_kind or "corrected"
        yield Span(piece_at(pieces, position), state, None, event.next_token_prob, own)


def judged(draft: TokensDrafted, event: RoundVerified) -> list[tuple[float, bool]]:
    """Confidence in each drafted token that the target judged, and whether it was accepted.

    Nothing after a rejected token is judged. A sibling accepted in its place was not the draft's first choice,
    so the confidence does not refer to it.
    """
    first_child = first_children(draft)
    found = []
    parent = -1
    for node in joined_nodes(event):
        first = first_child.get(parent, node)
        found.append((draft.confidences[first], first == node))
        parent = node
    if event.next_token_kind == "corrected" and parent in first_child:
        found.append((draft.confidences[first_child[parent]], False))
    return found


def first_children(draft: TokensDrafted) -> dict[int, int]:
    """The node that the draft itself chose after each node; -1 is the last token of the text."""
    return {parent: child for child, parent in reversed(list(enumerate(draft.parents)))}


def thresholds_of(draft: TokensDrafted) -> Sequence[float]:
    """The threshold after each token of the chain."""
    return draft.thresholds or (draft.threshold,) * len(draft.parents)


def joined_nodes(event: RoundVerified) -> Sequence[int]:
    """The accepted nodes that joined the text, which may end inside the draft."""
    return event.accepted[: len(event.token_ids)]


def _at(values: Sequence[float], position: int) -> float | None:
    return values[position] if position < len(values) else None
