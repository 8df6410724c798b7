"""``inspections``: what the round inspector shows of each draft and its verification."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from swift_demo.events import GenerationStarted, Phase, PhaseChanged, RoundVerified, SkipSetTried, TokensDrafted
from swift_demo.skip_set import SkipSet, num_skippable
from swift_demo.trace import Entry
from swift_demo.viewer.fold.nodes import TreeNode, nodes_of, quoted
from swift_demo.viewer.fold.parts import PROPOSER_NAMES, bits_text, listed
from swift_demo.viewer.fold.places import place_of
from swift_demo.viewer.fold.spans import Draft
from swift_demo.viewer.value import Fact, InspectionRow, Part, Place, Spent, Table

_STOP_WORDS = {
    "draft limit": "the longest draft allowed",
    "end of text": "a token that ends the text",
    "token limit": "the text's length limit",
    "invalid logits": "the draft's logits were NaN or infinite",
}


class InspectionFold:
    """A row for each verified round of SWIFT, also of one that drafted nothing."""

    def __init__(self) -> None:
        self._num_layers = 0
        self._is_greedy = True
        self._clock_s = 0.0
        self._phase: Phase = "optimising"
        self._begin_round()

    def _begin_round(self) -> None:
        self._draft: Draft | None = None
        self._trials: list[SkipSetTried] = []
        self._seconds: dict[Part, float] = {"search": 0.0, "draft": 0.0, "verify": 0.0}

    def add(self, entry: Entry, index: int) -> list[tuple[Table, InspectionRow]]:
        event, pieces = entry
        if event.lane != "swift":
            return []
        # A lane's clock stops between events, so the time that passed belongs to this one.
        passed_s, self._clock_s = event.clock_s - self._clock_s, event.clock_s
        if isinstance(event, GenerationStarted):
            self._num_layers, self._is_greedy = event.num_layers, event.sampling.is_greedy
        elif isinstance(event, PhaseChanged):
            self._phase = event.phase
        elif isinstance(event, SkipSetTried):
            self._seconds["search"] += passed_s
            self._trials.append(event)
        elif isinstance(event, TokensDrafted):
            self._seconds["draft"] += passed_s
            self._draft = Draft(event, pieces)
        elif isinstance(event, RoundVerified) and (self._draft or not event.num_drafted):
            self._seconds["verify"] += passed_s
            row = self._inspection(self._draft, event, pieces, index)
            self._begin_round()
            return [("inspections", row)]
        return []

    def _inspection(
        self, draft: Draft | None, event: RoundVerified, pieces: Sequence[str], index: int
    ) -> InspectionRow:
        nodes = nodes_of(draft, event, pieces, self._is_greedy)
        own = next((node for node in nodes if node.is_targets_own), None)
        skip_set = draft.event.skip_set if draft else SkipSet()
        return InspectionRow(
            event=index,
            round=event.round,
            story=_story(nodes, event, own),
            facts=self._facts(draft.event if draft else None, event),
            nodes=[node.as_told() for node in nodes],
            places=self._places(nodes, event, pieces[len(event.token_ids) :]),
            first_place=own.place if own else max(0, len(event.accepted) - 1),
            spent=[Spent(part=part, ms=round(1000 * s, 2)) for part, s in self._seconds.items()],
            attention=bits_text(skip_set.attention, self._num_layers),
            mlp=bits_text(skip_set.mlp, self._num_layers),
            skips=f"Skips attention of layers {listed(skip_set.attention)}; "
            f"MLP of layers {listed(skip_set.mlp)}."
            if draft
            else "Nothing was drafted, so nothing was skipped.",
        )

    def _places(self, nodes: list[TreeNode], event: RoundVerified, names: Sequence[str]) -> list[Place]:
        here: dict[int, list[TreeNode]] = {}
        for node in nodes:
            here.setdefault(node.place, []).append(node)
        places, rest = [], iter(names)
        for place in range(len(here)):  # no place is empty: a draft is a chain with siblings
            others = event.alternatives[place] if place < len(event.alternatives) else None
            texts = list(islice(rest, len(others.token_ids))) if others else []
            places.append(place_of(here[place], others, texts, self._is_greedy))
        return places

    def _facts(self, draft: TokensDrafted | None, event: RoundVerified) -> list[Fact]:
        tried = Fact(name="tried before", text="; ".join(map(_trial_text, self._trials)) or "no other set")
        if draft is None:
            why = "nothing: SWIFT stands aside" if self._phase == "standing aside" else "nothing in this round"
            return [Fact(name="drafted", text=why), tried]
        rescued = f", {event.num_rescued} rescued" if event.num_rescued else ""
        accepted = f"{event.num_accepted} of {event.num_drafted}{rescued}"
        return [
            Fact(name="drafting stopped", text=_why_stopped(draft)),
            Fact(name="accepted", text=f"{accepted}; {len(draft.token_ids)} checked at once"),
            Fact(name="skipped", text=self._skipped(draft.skip_set)),
            tried,
        ]

    def _skipped(self, skip_set: SkipSet) -> str:
        """What the draft skips; a set given by hand may skip more than a search may."""
        num_all = num_skippable(self._num_layers)
        if skip_set.outer(self._num_layers):
            num_all = 2 * self._num_layers
        return f"{len(skip_set)} of {num_all} sub-layers"


def _story(nodes: list[TreeNode], event: RoundVerified, own: TreeNode | None) -> str:
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


def _why_stopped(draft: TokensDrafted) -> str:
    if draft.stop_reason == "low confidence" and draft.parents:
        chain = [i for i, parent in enumerate(draft.parents) if parent == i - 1]
        last = draft.confidences[chain[-1]]
        return f"confidence {last:.2f} below {draft.threshold:.2f}"
    return _STOP_WORDS.get(draft.stop_reason, draft.stop_reason)


def _trial_text(trial: SkipSetTried) -> str:
    proposer = PROPOSER_NAMES[trial.proposer]
    outcome = "kept" if trial.is_kept else "not kept"
    return f"trial {trial.trial}, {proposer}: matchness {trial.matchness:.2f}, {outcome}"
