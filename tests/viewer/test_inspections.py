"""What the inspector shows of a round is what the events say, wherever the draft branched or ended."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from support.made_rounds import inspections_of, names, pieces_of, sampled_trace, verified_rounds
from support.synthetic import events_of, started
from support.views import folded

from swift_demo.events import RoundVerified, SkipSetTried, TokensDrafted
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Entry, Trace
from swift_demo.viewer.fold.inspections import InspectionFold
from swift_demo.viewer.fold.nodes import nodes_of, shown
from swift_demo.viewer.fold.spans import Draft
from swift_demo.viewer.fold.tokens import TokenFold


def nodes(draft, verified, is_greedy):
    return nodes_of(Draft(draft, names(draft.token_ids)), verified, pieces_of(verified), is_greedy)


def inspection(draft, verified, is_greedy=True):
    """What the inspector is told of one round on five layers."""
    (row,) = folded(
        InspectionFold(),
        started("swift", num_layers=5, temperature=0.0 if is_greedy else 1.0),
        Entry(draft, names(draft.token_ids)),
        Entry(verified, pieces_of(verified)),
    )["inspections"]
    return row


def facts(row):
    return {fact["name"]: fact["text"] for fact in row["facts"]}


def spent(row):
    return {part["part"]: part["ms"] for part in row["spent"]}


def candidates(place):
    columns = ("text", "state", "target_prob", "draft_prob", "residual")
    return [tuple(candidate[column] for column in columns) for candidate in place["candidates"]]


@given(verified_rounds())
def test_a_tree_has_every_token_once_in_a_cell_of_its_own_right_of_its_parent(made):
    draft, verified, is_greedy = made
    tree = nodes(draft, verified, is_greedy)
    assert [node.token_id for node in tree if not node.is_targets_own] == list(draft.token_ids)
    assert len({(node.column, node.row) for node in tree}) == len(tree)
    for node in tree:
        assert node.column == (tree[node.parent].column + 1 if node.parent >= 0 else 0)
    assert all(node.row == 0 for node in tree[: verified.num_drafted])


@given(verified_rounds())
def test_what_the_text_took_is_a_path_that_ends_with_the_targets_own_token(made):
    draft, verified, is_greedy = made
    tree = nodes(draft, verified, is_greedy)
    taken = [i for i, node in enumerate(tree) if node.state in ("accepted", "corrected", "bonus")]
    assert [tree[i].token_id for i in taken] == list(verified.token_ids)
    assert [tree[i].parent for i in taken] == [-1, *taken[:-1]]
    own = [node for node in tree if node.is_targets_own]
    assert [node.state for node in own] == [kind for kind in [verified.next_token_kind] if kind]
    assert all(node.row <= 1 for node in own)


@given(verified_rounds())
def test_only_tokens_that_compete_with_the_path_are_rejected(made):
    draft, verified, is_greedy = made
    tree = nodes(draft, verified, is_greedy)
    on_path = {-1, *verified.accepted}
    for i, node in enumerate(tree):
        if node.state == "rejected":
            assert node.parent in on_path
            later = [a for a in verified.accepted if tree[a].parent == node.parent]
            assert all(a > i for a in later)  # whoever was accepted instead was judged after it
        if node.state == "unjudged" and verified.next_token_kind == "corrected":
            assert node.parent != (verified.accepted[-1] if verified.accepted else -1)


@given(verified_rounds())
def test_every_place_tells_of_its_tokens_likeliest_first(made):
    draft, verified, is_greedy = made
    row = inspection(draft, verified, is_greedy)
    assert (row["event"], row["round"]) == (2, 1)
    json.dumps(row, allow_nan=False)
    assert 0 <= row["first_place"] < max(1, len(row["places"]))
    for number, place in enumerate(row["places"]):
        assert place["title"] and place["note"]
        probs = [candidate["target_prob"] for candidate in place["candidates"]]
        assert probs == sorted(probs, reverse=True)
        here = {node["text"]: node["state"] for node in row["nodes"] if node["place"] == number}
        told = {candidate["text"]: candidate["state"] for candidate in place["candidates"]}
        assert here.items() <= told.items()
        assert ("not recorded" in place["note"]) == (number >= len(verified.alternatives))


@given(verified_rounds())
def test_a_token_of_the_text_points_to_its_node(made):
    draft, verified, is_greedy = made
    entries = Entry(draft, names(draft.token_ids)), Entry(verified, pieces_of(verified))
    tree = nodes(draft, verified, is_greedy)
    for row in folded(TokenFold(), *entries)["tokens.swift"]:
        node = tree[row["node"]]
        assert shown(row["text"]) == node.text
        assert row["state"] == node.state or (row["state"], node.state) == ("rejected", "unjudged")


def test_greedy_draft_probabilities_are_told_only_where_they_were_recorded(race):
    for row in inspections_of(race):
        assert all(node["draft_prob"] is None for node in row["nodes"])


def test_a_rescued_token_is_told_apart_from_the_chain():
    draft = TokensDrafted(
        "swift",
        1,
        0.2,
        (1, 2, 3),
        (-1, 0, 0),
        (0.9, 0.4, 0.4),
        (1.0, 1.0, 0.0),
        0.5,
        "low confidence",
        SkipSet((1,), ()),
    )
    verified = RoundVerified("swift", 1, 0.3, 2, (0, 2), (0.9, 0.1, 0.8), 4, "bonus", 0.7, (1, 3, 4))
    row = inspection(draft, verified)
    assert row["story"] == (
        "1 of 2 drafted tokens accepted, and “t3” rescued from beside the chain; "
        "the target added “t4” as a bonus."
    )
    assert facts(row)["accepted"] == "1 of 2, 1 rescued; 3 checked at once"


def test_a_round_says_why_it_stopped_what_it_skipped_and_what_each_part_took():
    first, second = inspections_of(sampled_trace())
    assert first["story"] == (
        "1 of 2 drafted tokens accepted; “t2” was rejected, and the target wrote “t7” instead."
    )
    assert second["story"] == "1 of 1 drafted tokens accepted; the target added “t6” as a bonus."
    assert facts(first)["drafting stopped"] == "confidence 0.40 below 0.50"
    assert facts(second)["tried before"].startswith("trial 2, swap: matchness 0.75, kept; trial 3")
    assert spent(first) == {"search": 50, "draft": 50, "verify": 50}
    assert spent(second) == {"search": 100, "draft": 100, "verify": 50}
    assert (first["attention"], first["mlp"]) == ("01010", "00100")
    assert (second["attention"], second["mlp"]) == ("00100", "01100")
    assert first["skips"] == "Skips attention of layers 1, 3; MLP of layers 2."


def test_sampling_shows_target_draft_and_residual_and_the_chance_of_acceptance():
    first, second = inspections_of(sampled_trace())
    place, bonus = first["places"][1], second["places"][1]
    assert candidates(place)[:2] == [(" t7", "corrected", 0.7, 0.1, 0.6), (" t2", "rejected", 0.2, 0.8, 0.0)]
    assert "min(1, target / draft) = 0.25" in place["note"] and "drawn from the residual" in place["note"]
    assert first["first_place"] == 1
    assert bonus["title"] == "The bonus token"
    assert candidates(bonus) == [(" t6", "bonus", 0.9, None, None), (" t8", "", 0.1, None, None)]


def test_the_seconds_of_all_rounds_are_the_lanes_clock(race):
    swift = [event for event in race.events if event.lane == "swift"]
    told = sum(sum(spent(row).values()) for row in inspections_of(race)) / 1000
    last = [event for event in swift if isinstance(event, RoundVerified)][-1]
    prompt = next(event.clock_s for event in swift if event.clock_s > 0)
    assert told == pytest.approx(last.clock_s - prompt, abs=1e-3)
    assert len(inspections_of(race)) == len(events_of(race, RoundVerified))
    tried = [facts(row)["tried before"] for row in inspections_of(race)]
    assert sum(text.count("trial ") for text in tried) <= len(events_of(race, SkipSetTried))


def test_a_verification_without_its_draft_opens_no_round():
    trace = sampled_trace()
    kept = [entry for entry in trace.entries() if not isinstance(entry.event, TokensDrafted)]
    without = Trace(trace.header, [event for event, _ in kept], [pieces for _, pieces in kept])
    assert inspections_of(without) == []


def test_text_that_cannot_be_seen_is_shown_as_a_sign():
    assert [shown(text) for text in (" a", "\n", " \n\t", "  ", "")] == [" a", "↵", " ↵⇥", "␣␣", "∅"]


def test_the_own_token_wins_its_row_over_a_drafted_one_with_the_same_id():
    trace = sampled_trace()
    events = list(trace.events)
    events[4] = dataclasses.replace(events[4], next_token_id=2, token_ids=(1, 2))
    row = inspections_of(Trace(trace.header, events, trace.texts))[0]
    assert [state for text, state, *_ in candidates(row["places"][1]) if text == " t2"] == ["corrected"]


@pytest.mark.parametrize("is_greedy", [True, False])
def test_where_nothing_was_drafted_nothing_is_said_to_have_been_accepted(is_greedy):
    draft = TokensDrafted("swift", 1, 0.1, (), (), (), (), 0.8, "draft limit", SkipSet())
    verified = RoundVerified("swift", 1, 0.2, 0, (), (), 7, "bonus", 0.5, (7,))
    (place,) = inspection(draft, verified, is_greedy)["places"]
    assert place["title"] == "The target\u2019s token"
    assert place["note"].startswith("Nothing was drafted, so the target wrote")
    assert "accepted" not in place["note"]
