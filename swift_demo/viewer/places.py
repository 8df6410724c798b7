"""One place of a draft: the tokens that could have stood there, and why one of them does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from swift_demo.events import Alternatives
from swift_demo.viewer.nodes import Node, quoted, shown
from swift_demo.viewer.spans import rounded


def place_row(
    nodes: Sequence[Node], others: Alternatives | None, names: Sequence[str], is_greedy: bool
) -> list:
    """``[title, note, [[text, state, target_prob, draft_prob, residual], ...]]``, likeliest tokens first.

    ``state`` is empty for a token that nobody chose. Without recorded alternatives, only the round's own
    tokens are known.

    Args:
        nodes: The round's tokens that stood there, at least one, in the order in which they were judged.
        others: What else could have stood there, if it was recorded.
        names: Texts of its tokens.
    """
    states = {node.token_id: node.state for node in reversed(nodes)}
    states |= {node.token_id: node.state for node in nodes if node.is_targets_own}
    rows: list[list[Any]]
    if others is None:
        rows = [[node.text, node.state, node.target_prob, node.draft_prob, None] for node in nodes]
    else:
        draft_probs: Sequence[float | None] = others.draft_probs or [None] * len(others.token_ids)
        residual: Sequence[float | None] = others.residual or [None] * len(others.token_ids)
        rows = [
            [shown(name), states.get(token_id, ""), *probs]
            for token_id, name, *probs in zip(
                others.token_ids, names, others.target_probs, draft_probs, residual, strict=True
            )
        ]
    rows.sort(key=lambda row: (-(row[2] or 0), -(row[3] or 0)))
    is_bonus = nodes[0].state == "bonus"
    title = "The bonus token" if is_bonus else f"Token {nodes[0].place + 1} of the draft"
    note = _note(nodes, is_greedy, has_odds=others is not None)
    if others is None:
        note += " The other likely tokens were not recorded in this run."
    return [title, note, [[*row[:2], *map(rounded, row[2:])] for row in rows]]


def _note(nodes: Sequence[Node], is_greedy: bool, has_odds: bool) -> str:
    """Why the text goes on as it does at this place."""
    first, by_state = nodes[0], {node.state: node for node in reversed(nodes)}
    if first.state == "bonus":
        return f"All was accepted, so the same pass of the target gave {quoted(first.text)} for free" + (
            "." if is_greedy else ", drawn from its distribution."
        )
    if first.state == "unjudged":
        return "Not judged: the text took another way, or ended, before it."
    if is_greedy:
        if first.state == "accepted":
            return f"{quoted(first.text)} is the target\u2019s own choice: accepted."
        if taken := by_state.get("accepted"):
            return (
                f"{quoted(first.text)} is not the target\u2019s choice; {quoted(taken.text)}, which stood "
                "beside it, is."
            )
        own = by_state.get("corrected")
        return (
            f"No drafted token is the target\u2019s choice, so it wrote {quoted(own.text)} itself and the "
            "rest of the draft was dropped."
            if own
            else f"{quoted(first.text)} was rejected."
        )
    chance = _chance(first) if has_odds else None
    note = f"{quoted(first.text)} is accepted with probability min(1, target / draft)"
    note += f" = {chance:.2f}: " if chance is not None else ": "
    if first.state == "accepted":
        return note + "it was."
    if taken := by_state.get("accepted"):
        return note + f"it was not, but {quoted(taken.text)} was, judged by the residual."
    own = by_state.get("corrected")
    return note + (f"it was not, so {quoted(own.text)} was drawn from the residual." if own else "it was not.")


def _chance(node: Node) -> float | None:
    if node.target_prob is None or not node.draft_prob:
        return None
    return min(1.0, node.target_prob / node.draft_prob)
