"""A round's draft as the tree that the inspector draws: where each token is and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from swift_demo.events import Alternatives, RoundVerified, TokensDrafted
from swift_demo.viewer.fold.parts import piece_at, rounded
from swift_demo.viewer.fold.spans import Draft, thresholds_of
from swift_demo.viewer.value import Node, NodeState

TARGETS_OWN: tuple[NodeState, ...] = ("corrected", "bonus", "plain")


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A token of a round: a drafted one, or the one that the target added.

    Attributes:
        text: As in ``shown``.
        state: Unjudged tokens were never compared with the target: what hangs under a rejected one, and
            siblings after an accepted one.
        parent: Index of the node it follows; -1 is the last token of the text before.
        column: Depth; the first drafted token has 0.
        row: From the top; the chain runs along row 0, and the target's token below it.
        place: Which token of the chain it is at or beside; after the last one, the bonus token's.
        confidence: The draft's, when it was drafted; None for the target's token.
        threshold: The one in force after a token of the chain; None for others.
        target_prob: When sampling, from the processed distribution if that was recorded.
        draft_prob: As in ``Alternatives``; None if unknown.
    """

    token_id: int
    text: str
    state: NodeState
    parent: int
    column: int
    row: int
    place: int
    confidence: float | None
    threshold: float | None
    target_prob: float | None
    draft_prob: float | None

    @property
    def is_targets_own(self) -> bool:
        return self.state in TARGETS_OWN

    def as_told(self) -> Node:
        """What the browser is sent of it."""
        return Node(
            text=self.text,
            state=self.state,
            parent=self.parent,
            column=self.column,
            row=self.row,
            place=self.place,
            confidence=rounded(self.confidence),
            threshold=rounded(self.threshold),
            target_prob=rounded(self.target_prob),
            draft_prob=rounded(self.draft_prob),
        )


def nodes_of(
    draft: Draft | None, event: RoundVerified, pieces: Sequence[str], is_greedy: bool
) -> list[TreeNode]:
    """The drafted tokens in their own order, then the one that the target added, if it did.

    Args:
        draft: What was verified; None if nothing was drafted.
        pieces: Pieces of text of ``event``, as in ``Trace.texts``.
        is_greedy: If so, the recorded draft probabilities say nothing: they are 1 for what was drafted.
    """
    columns: list[int] = []
    for parent in draft.event.parents if draft else ():
        columns.append(columns[parent] + 1 if parent >= 0 else 0)
    tip = event.accepted[-1] if event.accepted else -1
    own_column = columns[tip] + 1 if tip >= 0 else 0
    has_own = event.next_token_id is not None
    own_row = min(1, columns.count(own_column))
    nodes = (
        _drafted_nodes(draft, event, columns, (own_column, own_row) if has_own else None, is_greedy)
        if draft
        else []
    )
    if event.next_token_id is not None:
        state = event.next_token_kind or "corrected"
        place = own_column if state == "corrected" else max(columns, default=-1) + 1
        own_odds = _odds(event.alternatives, place, event.next_token_id)
        target_prob, _ = own_odds or (event.next_token_prob, None)
        nodes.append(
            TreeNode(
                token_id=event.next_token_id,
                text=shown(piece_at(pieces, len(event.token_ids) - 1)),
                state=state,
                parent=tip,
                column=own_column,
                row=own_row,
                place=place,
                confidence=None,
                threshold=None,
                target_prob=target_prob,
                draft_prob=None,
            )
        )
    return nodes


def _drafted_nodes(
    draft: Draft,
    event: RoundVerified,
    columns: Sequence[int],
    own_cell: tuple[int, int] | None,
    is_greedy: bool,
) -> list[TreeNode]:
    """The drafted tokens, each in its column below those before it; the target's own keeps its cell."""
    drafted = draft.event
    length = next((node for node, parent in enumerate(drafted.parents) if parent != node - 1), len(columns))
    thresholds = thresholds_of(drafted)
    heights = [0] * (len(columns) + 1)
    nodes: list[TreeNode] = []
    for node, (column, state) in enumerate(zip(columns, states_of(drafted, event), strict=True)):
        # The target's token is right below the chain, where it is seen at once.
        heights[column] += (column, heights[column]) == own_cell
        odds = _odds(event.alternatives, column, drafted.token_ids[node])
        if odds is None:
            odds = event.target_probs[node], None if is_greedy else drafted.draft_probs[node]
        target_prob, draft_prob = odds
        nodes.append(
            TreeNode(
                token_id=drafted.token_ids[node],
                text=shown(piece_at(draft.pieces, node)),
                state=state,
                parent=drafted.parents[node],
                column=column,
                row=heights[column],
                place=column,
                confidence=drafted.confidences[node],
                threshold=thresholds[node] if node < length else None,
                target_prob=target_prob,
                draft_prob=draft_prob,
            )
        )
        heights[column] += 1
    return nodes


def states_of(draft: TokensDrafted, event: RoundVerified) -> list[NodeState]:
    """What became of each drafted token."""
    states: list[NodeState] = ["unjudged"] * len(draft.parents)
    children: dict[int, list[int]] = {}
    for child, parent in enumerate(draft.parents):
        children.setdefault(parent, []).append(child)
    tip = -1
    for node in event.accepted:
        for candidate in children[tip]:
            states[candidate] = "accepted" if candidate == node else "rejected"
            if candidate == node:
                break
        tip = node
    if event.next_token_kind == "corrected":
        for candidate in children.get(tip, ()):
            states[candidate] = "rejected"
    return states


def shown(text: str) -> str:
    """A token's text on one line; empty text and white space are made visible."""
    if not text.strip(" "):
        text = "\u2423" * len(text) or "\u2205"
    return text.replace("\n", "\u21b5").replace("\t", "\u21e5")


def quoted(text: str) -> str:
    return f"\u201c{text.strip()}\u201d"


def _odds(alternatives: Sequence[Alternatives], place: int, token_id: int) -> tuple[float, float | None] | None:
    """The target's and the draft's probability of a token at a place; None if not recorded."""
    others = alternatives[place] if place < len(alternatives) else None
    if others is None or token_id not in others.token_ids:
        return None
    at = others.token_ids.index(token_id)
    return others.target_probs[at], others.draft_probs[at] if others.draft_probs else None
