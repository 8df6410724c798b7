"""Whether drafting pays is said in one sentence from the numbers weighed, at any moment of a run."""

from __future__ import annotations

import re

import pytest
from support import standing_aside
from support.standing_aside import ASIDE_FROM, DRAFTS_FROM, NUM_TOKENS, TICK_S, plain, weighed
from support.synthetic import events_of, race, started
from support.views import folded, merged

from swift_demo.events import DraftingWeighed, PhaseChanged, RoundVerified
from swift_demo.trace import Entry
from swift_demo.viewer import figures
from swift_demo.viewer.fold.inspections import InspectionFold
from swift_demo.viewer.fold.numbers import NumbersFold, StatusFold
from swift_demo.viewer.fold.tokens import TokenFold
from swift_demo.viewer.fold.weighing import WeighingFold, sentence
from swift_demo.viewer.view import view_of


@pytest.fixture(scope="module")
def run():
    return standing_aside.run()


@pytest.fixture(scope="module")
def tables(run):
    return merged(view_of(run))["tables"]


def test_where_drafting_does_not_pay_the_sentence_says_why_and_when_it_looks_again():
    assert sentence(weighed(9, 1.0, False)) == (
        "Drafting does not pay here: a drafted token costs 0.83 of a plain one and is right 73% of the time; "
        "checking 3 at once costs 1.20. That would be 0.80× vanilla’s speed, so SWIFT decodes plainly "
        "and looks again after 64 tokens."
    )
    assert "; checking it costs 1.10. " in sentence(
        weighed(9, 1.0, False, best_length=1, num_verified=2, verification_cost=1.1)
    )


def test_where_drafting_pays_the_sentence_says_what_it_promises():
    assert sentence(weighed(9, 1.0, True)) == (
        "Drafting pays: a drafted token costs 0.50 of a plain one and is right 90% of the time. "
        "Drafts of about 3 tokens promise 1.25× vanilla’s speed."
    )
    assert sentence(weighed(9, 1.0, True, predicted_speedup=0.995)).startswith(
        "Drafting is worth what it costs"
    )
    assert sentence(weighed(9, 1.0, True, predicted_speedup=0.95)).startswith("Drafting may pay: ")


def test_a_gain_too_small_to_begin_with_is_not_called_a_loss():
    text = sentence(weighed(9, 1.0, False, predicted_speedup=1.03))
    assert text.startswith("Drafting pays too little here: ") and "1.03×" in text


@pytest.mark.parametrize(
    ("num_judged", "words"),
    [
        (0, "right perhaps 73% of the time;"),
        (1, "73% of the time, by only 1 token;"),
        (9, "73% of the time, by only 9 tokens;"),
        (10, "right 73% of the time;"),
    ],
)
def test_a_chance_known_from_few_tokens_says_so(num_judged, words):
    assert words in sentence(weighed(9, 1.0, False, num_judged=num_judged))


def test_before_the_first_weighing_it_says_what_is_not_known():
    rows = folded(WeighingFold(), started("swift"))["drafting"]
    assert [row["drafts"] for row in rows] == ["always"]
    measured = [event for _, event in events_of(standing_aside.run(), RoundVerified)][:3]
    first = standing_aside.run().events[1]
    rows = folded(WeighingFold(), first, *measured)["drafting"]
    assert [(row["event"], row["drafts"]) for row in rows] == [(1, "unknown")]


def test_the_sentence_at_any_moment_is_that_of_the_newest_weighing(run, tables):
    rows = tables["drafting"]
    assert [row["drafts"] for row in rows] == ["unknown", "does not pay", "pays"]
    for row in rows[1:]:
        event = run.events[row["event"]]
        assert isinstance(event, DraftingWeighed) and row["text"] == sentence(event)
    assert tables["spoken.worth"][-1]["text"].endswith(rows[-1]["text"])


def test_a_number_of_few_characters_is_all_that_the_sentence_has_room_for():
    worst = {"draft_cost": 12.34, "verification_cost": 12.34, "num_judged": 9, "acceptance": 1.0, "pause": 512}
    assert len(sentence(weighed(9, 1.0, False, best_length=25, num_verified=26, **worst))) < 250


def test_plain_rounds_are_plain_tokens(tables):
    states = [row["state"] for row in tables["tokens.swift"]]
    assert states.count("plain") >= DRAFTS_FROM - 1
    assert set(states) == {"plain", "accepted", "bonus"}
    assert all(row["confidence"] is None for row in tables["tokens.swift"] if row["state"] == "plain")
    assert len(states) == NUM_TOKENS


def test_standing_aside_is_a_band_and_a_status(run, tables):
    assert [row["phase"] for row in tables["bands"]] == ["optimising", "standing aside", "optimising", ""]
    assert "standing aside (drafting does not pay)" in [row["text"] for row in tables["status.swift"]]
    aside = [event for event in run.events if isinstance(event, PhaseChanged)][1]
    (row,) = folded(StatusFold(), aside)["status.swift"]
    assert row["stage"] == "standing aside"


def test_both_costs_are_two_lines_over_the_text(run):
    figure = figures.worth(run)
    lines = {trace.name: trace for trace in figure.data}
    assert list(lines) == ["decoded plainly", "with the best draft"]
    tokens, plainly, drafted = lines["decoded plainly"].x, *(trace.y for trace in lines.values())
    assert tokens[0] == ASIDE_FROM - 1 and list(tokens) == sorted(tokens)
    assert set(plainly) == {1000 * TICK_S}
    assert drafted[0] == 12.5 and drafted[-1] == 8.0
    assert (
        lines["with the best draft"].customdata[0] == "a drafted token is right 73% of the time; best length 3"
    )
    assert figure.layout.yaxis.range[1] > 12.5


def test_a_run_that_weighs_nothing_has_an_empty_plot():
    assert all(not trace.x for trace in figures.worth(race()).data)


def test_measured_thresholds_are_drawn_token_by_token(run):
    figure = figures.confidence(run)
    line = next(trace for trace in figure.data if trace.name == "threshold")
    assert list(zip(line.x, line.y, strict=True))[:4] == [(0.5, 0.3), (1.5, 0.4), (2.5, 0.5), (3.5, 0.5)]


def test_a_round_without_a_draft_is_inspected_too():
    event = plain(1, 0.2)
    (row,) = folded(InspectionFold(), started("swift", num_layers=5), Entry(event, (" fox",)))["inspections"]
    assert row["story"] == "Nothing was drafted; the target wrote “fox”."
    (node,) = row["nodes"]
    assert (node["state"], node["threshold"], node["target_prob"]) == ("plain", None, 0.9)
    assert (row["places"][0]["title"], row["attention"], row["mlp"]) == ("The target’s token", "00000", "00000")
    assert row["facts"][0]["text"] == "nothing in this round"


def test_in_the_inspector_a_node_has_the_threshold_after_it(tables):
    drafted = next(row for row in tables["inspections"] if row["round"] == DRAFTS_FROM)
    assert [node["threshold"] for node in drafted["nodes"]] == [0.3, 0.4, 0.5, None]
    aside = next(row for row in tables["inspections"] if row["round"] == ASIDE_FROM)
    assert aside["facts"][0]["text"] == "nothing: SWIFT stands aside"


def test_a_lane_that_drafted_nothing_says_so():
    rows = folded(NumbersFold(), started("swift"), plain(1, 0.2))["numbers.swift"]
    assert [row["acceptance_rate"] for row in rows] == ["–", "nothing drafted"]


@pytest.mark.parametrize(("num_rounds", "shown"), [(4, "…"), (5, "100%")])
def test_a_share_of_few_tokens_is_not_shown(num_rounds, shown):
    rounds = [
        RoundVerified("swift", n, 0.1 * n, 2, (0, 1), (0.9,) * 2, 9, "bonus", 0.9, (1, 2, 9))
        for n in range(1, num_rounds + 1)
    ]
    rows = folded(NumbersFold(), started("swift"), *rounds)["numbers.swift"]
    assert rows[-1]["acceptance_rate"] == shown


def test_no_text_on_the_page_gives_a_share_of_few_tokens(run):
    early = [row["acceptance_rate"] for row in merged(view_of(run))["tables"]["numbers.swift"]]
    assert early[0] == "–" and early.count("…") > 2
    assert [text for text in early if re.fullmatch(r"\d+%", text)]
    tenths = merged(view_of(run))["tables"]["calibration"]
    assert all((row["acceptance_rate"] is None) == (row["num_judged"] < 10) for row in tenths)


def test_a_plain_token_is_in_the_text_of_its_lane():
    rows = folded(TokenFold(), Entry(plain(3, 0.2), (" owl",)))["tokens.swift"]
    assert [(row["text"], row["state"], row["round"], row["node"]) for row in rows] == [(" owl", "plain", 3, 0)]
