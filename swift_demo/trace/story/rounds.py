"""What makes a round: a draft that is a chain with siblings beside it, and a verdict on just this draft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from swift_demo.config import SwiftConfig
from swift_demo.events import Alternatives, RoundVerified, TokensDrafted

_ROUNDING = 1e-4  # probabilities are sums of rounded numbers


def require(condition: bool, otherwise: str) -> None:
    """Refuse an event unless the condition holds; ``otherwise`` says why."""
    if not condition:
        raise ValueError(otherwise)


def require_probabilities(name: str, values: Iterable[float | None]) -> None:
    """Refuse values below 0 or above 1."""
    for value in values:
        if value is not None and not 0 <= value <= 1 + _ROUNDING:
            raise ValueError(f"{name} has {value}, which is not a probability")


def chain_length(draft: TokensDrafted) -> int:
    """How many of a draft's nodes are its chain, which comes before the siblings."""
    parents = draft.parents
    return next((node for node, parent in enumerate(parents) if parent != node - 1), len(parents))


def check_draft(draft: TokensDrafted, pieces: Sequence[str], config: SwiftConfig) -> None:
    """A chain no longer than the settings allow, then its siblings by depth, with nothing under them."""
    num_nodes = len(draft.token_ids)
    for name in ("parents", "confidences", "draft_probs"):
        require(len(getattr(draft, name)) == num_nodes, f"{name} are not one for each of {num_nodes} token_ids")
    require(len(pieces) == num_nodes, f"texts are not one for each of {num_nodes} token_ids")
    length = chain_length(draft)
    require(
        length <= config.max_draft_tokens,
        f"a chain of {length} tokens was drafted, but max_draft_tokens is {config.max_draft_tokens}",
    )
    is_full = length == config.max_draft_tokens
    require(
        is_full or draft.stop_reason != "draft limit",
        f"the draft limit is {config.max_draft_tokens} tokens, but the chain that reached it has {length}",
    )
    depths = draft.parents[length:]
    require(
        all(-1 <= parent < length - 1 for parent in depths) and all(a <= b for a, b in pairwise(depths)),
        "parents are not those of a chain with siblings beside its tokens",
    )
    require(
        all(draft.confidences[length + i] == draft.confidences[parent + 1] for i, parent in enumerate(depths)),
        "a sibling does not have the confidence of its place",
    )
    most = max((level.num_candidates for level in config.tree_levels), default=1)
    require(num_nodes <= length * most, f"more than {most - 1} siblings for a token, which tree_levels allow")
    require_probabilities("confidences", draft.confidences)
    require_probabilities("draft_probs", draft.draft_probs)
    require_probabilities("threshold", [draft.threshold])


def check_verdict(event: RoundVerified, draft: TokensDrafted, pieces: Sequence[str]) -> None:
    """An accepted path of the draft, and the token that the target added to it."""
    length, num_nodes = chain_length(draft), len(draft.token_ids)
    require(event.num_drafted == length, f"num_drafted={event.num_drafted}, but the chain has {length} tokens")
    require(len(event.target_probs) == num_nodes, f"target_probs are not one for each of {num_nodes} nodes")
    tip = -1
    for node in event.accepted:
        require(
            0 <= node < num_nodes and draft.parents[node] == tip, "accepted is not a path of the draft's tree"
        )
        tip = node
    if not length:
        kinds: tuple[str, ...] = ("plain", "bonus")  # bonus in older traces
    else:
        kinds = ("bonus",) if tip >= length - 1 else ("corrected",)
    _check_own(event, kinds)
    own = (event.next_token_id,) if event.next_token_id is not None else ()
    require(
        event.token_ids == (*(draft.token_ids[node] for node in event.accepted), *own),
        "token_ids are not the accepted tokens and the target's own",
    )
    _check_told(event, pieces)
    if event.alternatives:
        _check_alternatives(event, draft.token_ids, _places(draft, length))


def check_plain(event: RoundVerified, pieces: Sequence[str]) -> None:
    """A round without a draft: the target's token alone, or none if its logits were not numbers."""
    require(
        event.num_drafted == 0 and not event.accepted and not event.target_probs,
        "a verdict tells of a draft, but nothing was drafted",
    )
    _check_own(event, ("plain",))
    own = (event.next_token_id,) if event.next_token_id is not None else ()
    require(event.token_ids == own, "token_ids are not the target's own alone")
    _check_told(event, pieces)
    if event.alternatives:
        _check_alternatives(event, (), [])


def check_thresholds(draft: TokensDrafted, is_measured: bool) -> None:
    """Measured thresholds: one for each token of the chain, which goes on only above them."""
    length = chain_length(draft)
    wanted = length if is_measured else 0
    require(
        len(draft.thresholds) == wanted,
        f"{len(draft.thresholds)} thresholds, but {wanted} are measured for a chain of {length} tokens",
    )
    if not draft.thresholds:
        return
    require_probabilities("thresholds", draft.thresholds)
    require(draft.threshold == draft.thresholds[-1], "threshold is not the last of thresholds")
    surer = zip(draft.confidences, draft.thresholds[:-1], strict=False)
    require(
        all(confidence >= threshold - _ROUNDING for confidence, threshold in surer),
        "the draft went on after a token below its threshold",
    )


def _check_own(event: RoundVerified, kinds: Sequence[str]) -> None:
    """The target's own token: all of it or nothing, and of one of these kinds."""
    follows = (event.next_token_id, event.next_token_kind, event.next_token_prob)
    has_next = event.next_token_id is not None
    require(
        all((part is not None) == has_next for part in follows),
        "next_token_id, _kind and _prob are not all there, or all null",
    )
    if has_next:
        kind = event.next_token_kind
        require(kind in kinds, f"next_token_kind={kind!r}, but it is {kinds[0]}")


def _check_told(event: RoundVerified, pieces: Sequence[str]) -> None:
    require_probabilities("target_probs", (*event.target_probs, event.next_token_prob))
    num_named = sum(len(others.token_ids) for others in event.alternatives)
    require(
        len(pieces) == len(event.token_ids) + num_named,
        f"{len(pieces)} texts, but {len(event.token_ids)} token_ids and {num_named} alternatives",
    )


def _check_alternatives(event: RoundVerified, token_ids: Sequence[int], places: Sequence[int]) -> None:
    """Tokens for each place of the chain, then for the target's after it, the round's own among them.

    Args:
        token_ids: Those drafted.
        places: Where each stood.
    """
    length = event.num_drafted
    has_bonus = event.next_token_kind in ("bonus", "plain")
    require(
        len(event.alternatives) == length + has_bonus,
        f"{len(event.alternatives)} alternatives, but {length + has_bonus} places",
    )
    stood: list[set[int | None]] = [set() for _ in event.alternatives]
    for token_id, parent in zip(token_ids, places, strict=True):
        stood[parent].add(token_id)
    if event.next_token_id is not None:
        stood[-1 if has_bonus else len(event.accepted)].add(event.next_token_id)
    for place, others in enumerate(event.alternatives):
        _check_place(others, is_drafted=place < length)
        is_whole = stood[place].issubset(others.token_ids)
        require(is_whole, f"alternatives of place {place} lack a token that stood there")


def _places(draft: TokensDrafted, length: int) -> list[int]:
    return [*range(length), *(parent + 1 for parent in draft.parents[length:])]


def _check_place(others: Alternatives, is_drafted: bool) -> None:
    count = len(others.token_ids)
    require(len(set(others.token_ids)) == count, "alternatives name a token twice")
    for name, lengths in (
        ("target_probs", (count,)),
        ("draft_probs", (count * is_drafted,)),
        ("residual", (0, count)),
    ):
        values = getattr(others, name)
        require(len(values) in lengths, f"{name} of alternatives are not one for each token")
        require_probabilities(f"{name} of alternatives", values)
