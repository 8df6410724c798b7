"""One place of a draft: its likeliest tokens, and why one of them was chosen."""

from __future__ import annotations

from collections.abc import Sequence

from swift_demo.events import Alternatives
from swift_demo.viewer.fold.nodes import TreeNode, quoted, shown
from swift_demo.viewer.fold.parts import rounded
from swift_demo.viewer.value import Candidate, Place


def place_of(
    nodes: Sequence[TreeNode], others: Alternatives | None, names: Sequence[str], is_greedy: bool
) -> Place:
    """A place, its likeliest tokens first; without recorded alternatives, only the round's own are known.

    Args:
        nodes: The round's tokens at this place, at least one, in the order in which they were judged.
        others: The other likely tokens, if they were recorded.
        names: Texts of its tokens.
    """
    note = _note(nodes, is_greedy, has_odds=others is not None)
    if others is None:
        note += " The other likely tokens were not recorded in this run."
    candidates = _from_nodes(nodes) if others is None else _from_alternatives(nodes, others, names)
    candidates.sort(key=lambda token: (-(token["target_prob"] or 0), -(token["draft_prob"] or 0)))
    for token in candidates:
        token["target_prob"] = rounded(token["target_prob"])
        token["draft_prob"] = rounded(token["draft_prob"])
        token["residual"] = rounded(token["residual"])
    return Place(title=_title(nodes[0]), note=note, candidates=candidates)


def _title(first: TreeNode) -> str:
    if first.state not in ("bonus", "plain"):
        return f"Token {first.place + 1} of the draft"
    return "The bonus token" if first.place else "The target\u2019s token"


def _from_nodes(nodes: Sequence[TreeNode]) -> list[Candidate]:
    return [
        Candidate(
            text=node.text,
            state=node.state,
            target_prob=node.target_prob,
            draft_prob=node.draft_prob,
            residual=None,
        )
        for node in nodes
    ]


def _from_alternatives(
    nodes: Sequence[TreeNode], others: Alternatives, names: Sequence[str]
) -> list[Candidate]:
    states = {node.token_id: node.state for node in reversed(nodes)}
    states |= {node.token_id: node.state for node in nodes if node.is_targets_own}
    unknown: Sequence[float | None] = [None] * len(others.token_ids)
    odds = zip(others.target_probs, others.draft_probs or unknown, others.residual or unknown, strict=True)
    return [
        Candidate(
            text=shown(name),
            state=states.get(token_id, ""),
            target_prob=target_prob,
            draft_prob=draft_prob,
            residual=residual,
        )
        for token_id, name, (target_prob, draft_prob, residual) in zip(
            others.token_ids, names, odds, strict=True
        )
    ]


def _note(nodes: Sequence[TreeNode], is_greedy: bool, has_odds: bool) -> str:
    """Why the text continues as it does at this place."""
    first, by_state = nodes[0], {node.state: node for node in reversed(nodes)}
    if first.state in ("bonus", "plain"):
        how = "" if is_greedy else ", drawn from its distribution"
        if not first.place:
            return f"Nothing was drafted, so the target wrote {quoted(first.text)} itself{how}."
        return (
            f"The draft was accepted to its end, so the same pass of the target gave {quoted(first.text)} "
            f"for free{how}."
        )
    if first.state == "unjudged":
        return "Not judged: the text took another path, or ended, before it."
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


def _chance(node: TreeNode) -> float | None:
    if node.target_prob is None or not node.draft_prob:
        return None
    return min(1.0, node.target_prob / node.draft_prob)
