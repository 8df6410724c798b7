"""What the inspector shows of a round is what the events say, wherever the draft branched or ended."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from support.made_rounds import names, pieces_of, rounds_of, sampled_trace, verified_rounds
from support.synthetic import events_of, started

from swift_demo.events import RoundVerified, SkipSetTried, TokensDrafted
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Trace
from swift_demo.viewer.nodes import nodes_of, shown
from swift_demo.viewer.rounds import RoundFolder
from swift_demo.viewer.spans import SpanFolder


def nodes(draft, verified, is_greedy):
    return nodes_of(draft, names(draft.token_ids), verified, pieces_of(verified), is_greedy)


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
    folder = RoundFolder()
    folder.add(0, started("swift", num_layers=5, temperature=0.0 if is_greedy else 1.0), ())
    assert folder.add(1, draft, names(draft.token_ids)) == []
    ((index, number, facts),) = folder.add(2, verified, pieces_of(verified))
    assert (index, number) == (2, 1)
    json.dumps(facts, allow_nan=False)
    assert 0 <= facts["first"] < max(1, len(facts["places"]))
    for place, (title, note, rows) in enumerate(facts["places"]):
        assert title and note
        assert [row[2] for row in rows] == sorted((row[2] for row in rows), reverse=True)
        here = {row[0]: row[1] for row in facts["nodes"] if row[5] == place}
        assert here.items() <= {row[0]: row[1] for row in rows}.items()
        assert ("not recorded" in note) == (place >= len(verified.alternatives))


@given(verified_rounds())
def test_a_token_of_the_text_points_to_its_node(made):
    draft, verified, is_greedy = made
    folder = SpanFolder()
    folder.add(draft, names(draft.token_ids))
    tree = nodes(draft, verified, is_greedy)
    for span in folder.add(verified, pieces_of(verified)):
        node = tree[span.node]
        assert shown(span.text) == node.text
        assert span.state == node.state or (span.state, node.state) == ("rejected", "unjudged")


def test_greedy_draft_probabilities_are_told_only_where_they_were_recorded(race):
    for row in rounds_of(race):
        assert all(node[8] is None for node in row[2]["nodes"])


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
    folder = RoundFolder()
    folder.add(0, started("swift", num_layers=5), ())
    folder.add(1, draft, names(draft.token_ids))
    ((_, _, facts),) = folder.add(2, verified, pieces_of(verified))
    assert facts["story"] == (
        "1 of 2 drafted tokens accepted, and “t3” rescued from beside the chain; "
        "the target added “t4” as a bonus."
    )
    assert ["accepted", "1 of 2, 1 rescued; 3 checked at once"] in facts["facts"]


def test_a_round_says_why_it_stopped_what_it_skipped_and_what_each_part_took():
    first, second = (row[2] for row in rounds_of(sampled_trace()))
    assert first["story"] == (
        "1 of 2 drafted tokens accepted; “t2” was rejected, and the target wrote “t7” instead."
    )
    assert second["story"] == "1 of 1 drafted tokens accepted; the target added “t6” as a bonus."
    assert dict(first["facts"])["drafting stopped"] == "confidence 0.40 below 0.50"
    assert dict(second["facts"])["tried before"].startswith("trial 2, swap: matchness 0.75, kept; trial 3")
    assert dict(first["parts"]) == {"search": 50, "draft": 50, "verify": 50}
    assert dict(second["parts"]) == {"search": 100, "draft": 100, "verify": 50}
    assert (first["bits"], second["bits"]) == ("0101000100", "0010001100")
    assert first["skips"] == "Skips attention of layers 1, 3; MLP of layers 2."


def test_sampling_shows_target_draft_and_residual_and_the_chance_of_acceptance():
    first, second = (row[2] for row in rounds_of(sampled_trace()))
    _, note, rows = first["places"][1]
    assert rows[0] == [" t7", "corrected", 0.7, 0.1, 0.6]
    assert rows[1] == [" t2", "rejected", 0.2, 0.8, 0.0]
    assert "min(1, target / draft) = 0.25" in note and "drawn from the residual" in note
    assert first["first"] == 1
    assert second["places"][1] == [
        "The bonus token",
        second["places"][1][1],
        [[" t6", "bonus", 0.9, None, None], [" t8", "", 0.1, None, None]],
    ]


def test_the_seconds_of_all_rounds_are_the_lanes_clock(race):
    swift = [event for event in race.events if event.lane == "swift"]
    told = sum(ms for row in rounds_of(race) for _, ms in row[2]["parts"]) / 1000
    last = [event for event in swift if isinstance(event, RoundVerified)][-1]
    prompt = next(event.clock_s for event in swift if event.clock_s > 0)
    assert told == pytest.approx(last.clock_s - prompt, abs=1e-3)
    assert len(rounds_of(race)) == len(events_of(race, RoundVerified))
    assert sum(
        len(row[2]["facts"][3][1].split(";"))
        for row in rounds_of(race)
        if row[2]["facts"][3][1] != "no other set"
    ) <= len(events_of(race, SkipSetTried))


def test_a_verification_without_its_draft_opens_no_round():
    trace = sampled_trace()
    kept = [i for i, event in enumerate(trace.events) if not isinstance(event, TokensDrafted)]
    assert rounds_of(Trace(trace.header, [trace.events[i] for i in kept], [trace.texts[i] for i in kept])) == []


def test_text_that_cannot_be_seen_is_shown_as_a_sign():
    assert [shown(text) for text in (" a", "\n", " \n\t", "  ", "")] == [" a", "↵", " ↵⇥", "␣␣", "∅"]


def test_the_own_token_wins_its_row_over_a_drafted_one_with_the_same_id():
    trace = sampled_trace()
    events = list(trace.events)
    events[4] = dataclasses.replace(events[4], next_token_id=2, token_ids=(1, 2))
    row = rounds_of(Trace(trace.header, events, trace.texts))[0]
    assert [state for text, state, *_ in row[2]["places"][1][2] if text == " t2"] == ["corrected"]
