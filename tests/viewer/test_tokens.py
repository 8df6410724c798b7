"""Every drafted token gets the state that the verification gave it, in reading order."""

from __future__ import annotations

from support.synthetic import events_of
from support.views import folded

from swift_demo.events import GenerationFinished, RoundVerified, TokenDecoded, TokensDrafted
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Entry
from swift_demo.viewer.fold.tokens import TokenFold


def drafted(ids, parents=None, confidences=None):
    parents = tuple(range(-1, len(ids) - 1)) if parents is None else parents
    confidences = confidences or (0.9,) * len(ids)
    return TokensDrafted(
        "swift", 1, 0.1, tuple(ids), parents, confidences, (1.0,) * len(ids), 0.8, "low confidence", SkipSet()
    )


def verified(num_drafted, accepted, next_id, kind, ids):
    return RoundVerified(
        "swift",
        1,
        0.2,
        num_drafted,
        accepted,
        (0.5,) * num_drafted,
        next_id,
        kind,
        None if next_id is None else 0.7,
        ids,
    )


def fold(draft, draft_pieces, round_, pieces):
    rows = folded(TokenFold(), Entry(draft, draft_pieces), Entry(round_, pieces))["tokens.swift"]
    return [(row["text"], row["state"]) for row in rows]


def test_a_rejection_leaves_ghosts_before_the_correction():
    spans = fold(drafted([1, 2, 3]), ("a", "b", "c"), verified(3, (0,), 9, "corrected", (1, 9)), ("a", "X"))
    assert spans == [("a", "accepted"), ("b", "rejected"), ("c", "rejected"), ("X", "corrected")]


def test_full_acceptance_ends_with_a_bonus():
    spans = fold(drafted([1, 2]), ("a", "b"), verified(2, (0, 1), 9, "bonus", (1, 2, 9)), ("a", "b", "X"))
    assert spans == [("a", "accepted"), ("b", "accepted"), ("X", "bonus")]


def test_an_end_of_text_inside_the_draft_has_no_next_token_and_no_ghosts():
    spans = fold(drafted([1, 2, 3]), ("a", "", "c"), verified(3, (0, 1), None, None, (1, 2)), ("a", ""))
    assert spans == [("a", "accepted"), ("", "accepted")]


def test_only_what_joined_the_text_counts():
    spans = fold(drafted([1, 2]), ("a", "b"), verified(2, (0, 1), None, None, (1,)), ("a",))
    assert spans == [("a", "accepted")]


def test_an_empty_draft_gives_the_targets_token_alone():
    assert fold(drafted([]), (), verified(0, (), 9, "bonus", (9,)), ("X",)) == [("X", "bonus")]


def test_in_a_tree_a_sibling_comes_after_the_ghosts_that_it_replaced():
    # 0 ─┬─ 1 ── 3     accepted: 0, 2; the target corrects what hung under 2
    #    └─ 2 ── 4
    draft = drafted([10, 11, 12, 13, 14], parents=(-1, 0, 0, 1, 2))
    spans = fold(draft, tuple("abcde"), verified(5, (0, 2), 9, "corrected", (10, 12, 9)), ("a", "c", "X"))
    assert spans == [
        ("a", "accepted"),
        ("b", "rejected"),
        ("d", "rejected"),
        ("c", "accepted"),
        ("e", "rejected"),
        ("X", "corrected"),
    ]


def test_numbers_belong_to_their_token():
    rows = folded(
        TokenFold(),
        Entry(drafted([1, 2], confidences=(0.91, 0.42)), ("a", "b")),
        Entry(verified(2, (0,), 9, "corrected", (1, 9)), ("a", "X")),
    )["tokens.swift"]
    columns = ("text", "state", "round", "confidence", "target_prob", "node")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("a", "accepted", 1, 0.91, 0.5, 0),
        ("b", "rejected", 1, 0.42, 0.5, 1),
        ("X", "corrected", 1, None, 0.7, 2),
    ]


def test_tokens_that_are_not_ghosts_spell_the_text(race):
    tables = folded(TokenFold(), *race.entries())
    for lane in ("vanilla", "swift"):
        rows = tables[f"tokens.{lane}"]
        assert "".join(row["text"] for row in rows if row["state"] != "rejected") == race.text(lane)
    assert len(events_of(race, TokenDecoded)) == len(race.token_ids("swift"))


def test_a_character_that_never_became_whole_belongs_to_the_last_token():
    finished = GenerationFinished("swift", 1, 1.0, "token limit", 2, 0.0, 0.0, 0.0, 0.0)
    rows = folded(
        TokenFold(),
        Entry(drafted([1, 2], confidences=(0.91, 0.42)), ("a", "")),
        Entry(verified(2, (0, 1), None, None, (1, 2)), ("a", "")),
        Entry(finished, ("\ufffd",)),
        Entry(finished, ()),
    )["tokens.swift"]
    *_, last, mended = rows
    assert mended == last | {"text": "\ufffd", "event": 2}
