"""Events to rounds: what the round inspector shows of each draft and its verification."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from swift_demo.events import Event, GenerationStarted, RoundVerified, SkipSetTried, TokensDrafted
from swift_demo.skip_set import SkipSet, num_skippable
from swift_demo.viewer.nodes import Node, nodes_of, quoted
from swift_demo.viewer.places import place_row
from swift_demo.viewer.points import bits_text
from swift_demo.viewer.spans import rounded

_STOP_WORDS = {
    "draft limit": "the longest draft allowed",
    "end of text": "a token that ends the text",
    "token limit": "the text may not grow longer",
    "invalid logits": "the draft's logits were not numbers",
}
_PROPOSERS = {"start": "start set", "incumbent": "scored again", "fixed": "kept set", "bayesian": "Bayesian"}


class RoundFolder:
    """Folds SWIFT's events into one row for each verified round.

    A row is ``[event_index, round, facts]``; the facts are ready to be shown::

        {"story": str, "facts": [[name, text], ...], "threshold": float,
         "nodes": rows of ``Node``, "places": rows of ``place_row``, "first": the place to show first,
         "parts": [[name, milliseconds], ...], "bits": skip set in force, "skips": the same in words}
    """

    def __init__(self) -> None:
        self._num_layers = 0
        self._is_greedy = True
        self._clock_s = 0.0
        self._draft: TokensDrafted | None = None
        self._draft_pieces: Sequence[str] = ()
        self._begin_round()

    def _begin_round(self) -> None:
        self._draft = None
        self._trials: list[SkipSetTried] = []
        self._seconds = {"search": 0.0, "draft": 0.0, "verify": 0.0}

    def add(self, index: int, event: Event, pieces: Sequence[str]) -> list[list]:
        """The rows that an event brings: one for a verified round, else none.

        Args:
            index: The event's index in the run.
            event: Events of either lane, in order.
            pieces: The event's pieces of text, as in ``Trace.texts``.
        """
        if event.lane != "swift":
            return []
        # A lane's clock stands still between events, so what passed belongs to this one.
        passed_s, self._clock_s = event.clock_s - self._clock_s, event.clock_s
        if isinstance(event, GenerationStarted):
            self._num_layers, self._is_greedy = event.num_layers, event.sampling.is_greedy
        elif isinstance(event, SkipSetTried):
            self._seconds["search"] += passed_s
            self._trials.append(event)
        elif isinstance(event, TokensDrafted):
            self._seconds["draft"] += passed_s
            self._draft, self._draft_pieces = event, pieces
        elif isinstance(event, RoundVerified) and self._draft is not None:
            self._seconds["verify"] += passed_s
            facts = self._facts(self._draft, event, pieces)
            self._begin_round()
            return [[index, event.round, facts]]
        return []

    def _facts(self, draft: TokensDrafted, event: RoundVerified, pieces: Sequence[str]) -> dict[str, Any]:
        nodes = nodes_of(draft, self._draft_pieces, event, pieces, self._is_greedy)
        own = next((node for node in nodes if node.is_targets_own), None)
        return {
            "story": _story(nodes, event, own),
            "facts": self._named_facts(draft, event),
            "threshold": rounded(draft.threshold),
            "nodes": [node.to_row() for node in nodes],
            "places": self._places(nodes, event, pieces[len(event.token_ids) :]),
            "first": own.place if own else max(0, len(event.accepted) - 1),
            "parts": [[name, round(1000 * seconds, 2)] for name, seconds in self._seconds.items()],
            "bits": bits_text(draft.skip_set, self._num_layers),
            "skips": f"Skips attention of layers {_listed(draft.skip_set.attention)}; "
            f"MLP of layers {_listed(draft.skip_set.mlp)}.",
        }

    def _places(self, nodes: list[Node], event: RoundVerified, names: Sequence[str]) -> list[list]:
        here: dict[int, list[Node]] = {}
        for node in nodes:
            here.setdefault(node.place, []).append(node)
        rows, rest = [], iter(names)
        for place in range(len(here)):  # no place is empty: a draft is a chain with siblings
            others = event.alternatives[place] if place < len(event.alternatives) else None
            texts = list(islice(rest, len(others.token_ids))) if others else []
            rows.append(place_row(here[place], others, texts, self._is_greedy))
        return rows

    def _skipped(self, skip_set: SkipSet) -> str:
        """A set given by hand may skip more than a search may."""
        num_all = num_skippable(self._num_layers)
        if skip_set.outer(self._num_layers):
            num_all = 2 * self._num_layers
        return f"{len(skip_set)} of {num_all} sub-layers"

    def _named_facts(self, draft: TokensDrafted, event: RoundVerified) -> list[list[str]]:
        return [
            ["drafting stopped", _why_stopped(draft)],
            [
                "accepted",
                f"{event.num_accepted} of {event.num_drafted}{_rescued(event)}; "
                f"{len(draft.token_ids)} checked at once",
            ],
            ["skipped", self._skipped(draft.skip_set)],
            ["tried before", "; ".join(map(_trial_text, self._trials)) or "no other set"],
        ]


def _story(nodes: list[Node], event: RoundVerified, own: Node | None) -> str:
    """The round in one sentence."""
    if not event.num_drafted:
        return f"Nothing was drafted; the target wrote {quoted(own.text)}." if own else "Nothing was drafted."
    accepted = f"{event.num_accepted} of {event.num_drafted} drafted tokens accepted"
    if event.num_rescued:
        rescued = nodes[event.accepted[-1]]
        accepted += f", and {quoted(rescued.text)} rescued from beside the chain"
    if own is None:
        return f"{accepted}; the text ended with them."
    if own.state == "bonus":
        return f"{accepted}; the target added {quoted(own.text)} as a bonus."
    refused = next((node for node in nodes if node.place == own.place and node.state == "rejected"), None)
    what = f"{quoted(refused.text)} was rejected" if refused else "the rest was rejected"
    return f"{accepted}; {what}, and the target wrote {quoted(own.text)} instead."


def _rescued(event: RoundVerified) -> str:
    return f", {event.num_rescued} rescued" if event.num_rescued else ""


def _why_stopped(draft: TokensDrafted) -> str:
    if draft.stop_reason == "low confidence" and draft.parents:
        chain = [i for i, parent in enumerate(draft.parents) if parent == i - 1]
        last = draft.confidences[chain[-1]]
        return f"confidence {last:.2f} below {draft.threshold:.2f}"
    return _STOP_WORDS.get(draft.stop_reason, draft.stop_reason)


def _trial_text(trial: SkipSetTried) -> str:
    proposer = _PROPOSERS.get(trial.proposer, trial.proposer)
    outcome = "kept" if trial.is_kept else "not kept"
    return f"trial {trial.trial}, {proposer}: matchness {trial.matchness:.2f}, {outcome}"


def _listed(layers: tuple[int, ...]) -> str:
    return ", ".join(map(str, layers)) or "none"
