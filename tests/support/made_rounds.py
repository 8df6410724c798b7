"""Rounds made up, as the decoder tells them: a chain with siblings beside it, judged and continued."""

from __future__ import annotations

from hypothesis import strategies as st

from support.synthetic import header, started
from support.views import tables_in
from swift_demo.events import Alternatives, PromptRead, RoundVerified, SkipSetTried, TokensDrafted
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Trace
from swift_demo.viewer.view import view_of

A, B = SkipSet((1, 3), (2,)), SkipSet((2,), (1, 2))
OWN = 900  # the id of the target's own token


@st.composite
def verified_rounds(draw):
    """(draft, verification, is_greedy) with ids that tell nodes apart."""
    length = draw(st.integers(0, 6))
    depths = [*range(length), *sorted(draw(st.lists(st.integers(0, max(0, length - 1)), max_size=8)))]
    depths = depths if length else []
    parents = tuple(depth - 1 for depth in depths)
    chance = st.floats(0, 1)
    probs = tuple(draw(chance) for _ in depths)
    on_chain = draw(st.integers(0, length))
    accepted = tuple(range(on_chain))
    siblings = [i for i, depth in enumerate(depths) if i >= length and depth == on_chain]
    is_bonus = on_chain == length
    if siblings and draw(st.booleans()):
        accepted, is_bonus = (*accepted, draw(st.sampled_from(siblings))), True
    ends = bool(accepted) and draw(st.booleans())
    draft = TokensDrafted(
        "swift",
        1,
        0.2,
        tuple(range(len(depths))),
        parents,
        probs,
        probs,
        0.5,
        "low confidence" if length else "token limit",
        A,
    )
    alternatives = []
    if draw(st.booleans()):
        for place in range(length + (is_bonus and not ends)):
            ids = (*(i for i, depth in enumerate(depths) if depth == place), 100, 101, OWN)
            odds = tuple(draw(chance) for _ in ids)
            alternatives.append(Alternatives(ids, odds, odds if place < length else (), ()))
    kind = None if ends else "bonus" if is_bonus else "corrected"
    token_ids = (*accepted, *(() if ends else (OWN,)))
    verified = RoundVerified(
        "swift",
        1,
        0.25,
        length,
        accepted,
        probs,
        None if ends else OWN,
        kind,
        None if ends else 0.5,
        token_ids,
        tuple(alternatives),
    )
    return draft, verified, draw(st.booleans())


def names(ids):
    return tuple(f" t{i}" for i in ids)


def pieces_of(verified):
    return names([*verified.token_ids, *(i for others in verified.alternatives for i in others.token_ids)])


def sampled_trace():
    """Two rounds of sampling on five layers: a correction with its residual, then a bonus; three trials."""

    def tried(round_, clock_s, trial, skip_set, score, is_kept):
        proposer = "start" if trial == 1 else "swap"
        return SkipSetTried("swift", round_, clock_s, trial, proposer, skip_set, score, 8, is_kept, 0.75)

    places = (
        Alternatives((1, 9, 4), (0.6, 0.3, 0.1), (0.8, 0.1, 0.1), (0.0, 0.2, 0.0)),
        Alternatives((7, 2, 3), (0.7, 0.2, 0.1), (0.1, 0.8, 0.1), (0.6, 0.0, 0.0)),
    )
    bonus = Alternatives((6, 8), (0.9, 0.1), (), ())
    first = RoundVerified("swift", 1, 0.25, 2, (0,), (0.6, 0.2, 0.1), 7, "corrected", 0.7, (1, 7), places)
    second = RoundVerified(
        "swift",
        2,
        0.5,
        1,
        (0,),
        (0.9,),
        6,
        "bonus",
        0.9,
        (5, 6),
        (Alternatives((5, 2), (0.9, 0.1), (0.9, 0.1), (0.0, 0.0)), bonus),
    )
    items = [
        (started("swift", num_layers=5, temperature=0.7), ()),
        (PromptRead("swift", 0, 0.1, 2), ()),
        (tried(1, 0.15, 1, A, 0.5, True), ()),
        (
            TokensDrafted(
                "swift",
                1,
                0.2,
                (1, 2, 3),
                (-1, 0, 0),
                (0.9, 0.4, 0.4),
                (0.8, 0.8, 0.1),
                0.5,
                "low confidence",
                A,
            ),
            names((1, 2, 3)),
        ),
        (first, pieces_of(first)),
        (tried(2, 0.3, 2, B, 0.75, True), ()),
        (tried(2, 0.35, 3, A, 0.25, False), ()),
        (TokensDrafted("swift", 2, 0.45, (5,), (-1,), (0.95,), (0.9,), 0.5, "draft limit", B), names((5,))),
        (second, pieces_of(second)),
    ]
    return Trace(header(), [event for event, _ in items], [texts for _, texts in items])


def inspections_of(trace):
    """What the inspector is told of each round."""
    return tables_in(view_of(trace))["inspections"]
