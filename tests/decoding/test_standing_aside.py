"""Drafting is a decision: bad drafts are given up within few rounds, good ones go on, the text stays."""

from __future__ import annotations

import pytest
import torch
from support.doubles import NO_SEARCH, GivenCosts, ScriptedTarget, swift_config
from support.models import generate_greedily

from swift_demo.config import SamplingConfig, SearchConfig, SwiftConfig
from swift_demo.decoding.calibration import Calibration, SiblingRecord
from swift_demo.decoding.clock import LaneClock
from swift_demo.decoding.draft_rule import PayingDrafting
from swift_demo.decoding.ledger import CREDIT, Budget, Ledger
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.worth import Worth
from swift_demo.events import DraftingWeighed, PhaseChanged, RoundVerified, SkipSetTried, TokensDrafted
from swift_demo.search.matchness import ScoredDraft
from swift_demo.skip_set import SkipSet

SET = SkipSet((1, 2), (1, 2))
COSTS = GivenCosts(attention=0.1, mlp=0.1, further=0.05)  # a drafted token costs 0.6
DEAR = GivenCosts(attention=0.08, mlp=0.08, further=0.15)  # 0.68
PROMPT = (2, 3)
NUM = 150


def one_round(num_drafted, num_accepted, confidence=0.9):
    """A round as the decoder tells it."""
    ids, sure = tuple(range(10, 10 + num_drafted)), (confidence,) * num_drafted
    chain = tuple(range(-1, num_drafted - 1))
    drafted = TokensDrafted("swift", 1, 0.0, ids, chain, sure, sure, 0.5, "low confidence", SET)
    kind = "bonus" if num_accepted == num_drafted else "corrected"
    accepted = tuple(range(num_accepted))
    added = (*ids[:num_accepted], 5)
    verified = RoundVerified("swift", 1, 0.0, num_drafted, accepted, sure, 5, kind, 0.9, added)
    return drafted, verified


def drafting_worth(acceptance=0.9):
    worth = Worth(10, ())
    worth.suppose(SET, acceptance)
    assert worth.decide(worth.weigh(COSTS), lost=0.0)
    return worth


def test_a_bad_draft_is_given_up_within_few_rounds():
    worth = drafting_worth()
    num_rounds = 0
    while worth.is_drafting:
        worth.learn(*one_round(3, 0), COSTS)
        worth.decide(worth.weigh(COSTS), lost=0.0)
        num_rounds += 1
    assert 1 <= num_rounds <= 6


def test_a_good_draft_goes_on_after_one_bad_round():
    worth = drafting_worth()
    for _ in range(8):
        worth.learn(*one_round(5, 5), COSTS)
    worth.learn(*one_round(5, 0), COSTS)
    assert worth.decide(worth.weigh(COSTS), lost=0.0)


def test_nothing_is_drafted_before_anything_is_known():
    worth = Worth(10, ())
    worth.follow(SET)
    assert not worth.is_known and not worth.decide(worth.weigh(COSTS), lost=0.0)


def test_what_is_only_supposed_is_known_from_no_token():
    worth = Worth(10, ())
    worth.suppose(SET)
    assert worth.is_known and worth.weigh(COSTS).num_judged == 0


def test_another_set_begins_another_record():
    worth = drafting_worth()
    worth.learn(*one_round(5, 5), COSTS)
    assert worth.num_judged == 5
    assert worth.follow(SkipSet((1,), ())) and not worth.is_known
    assert not worth.follow(SkipSet((1,), ()))


def promise_after(num_accepted):
    """What a trial in which all was right promises, after rounds with a set whose trial was the same."""
    worth, perfect = Worth(10, ()), ScoredDraft((True,) * 16, (0.99,) * 16)
    worth.scored(SET, perfect, COSTS)
    for _ in range(16):
        worth.learn(*one_round(5, num_accepted), COSTS)
    assert worth.has_news_of(SET)
    worth.told_speed(COSTS)
    return worth.promised_by(perfect, SkipSet((1,), (1, 2)), COSTS)


def test_a_trial_promises_less_where_rounds_did_not_keep_what_trials_promised():
    assert promise_after(num_accepted=0) < 0.9 * promise_after(num_accepted=5)


def test_what_was_lost_raises_the_bar_for_drafting_again():
    worth = drafting_worth()
    weighing = worth.weigh(COSTS)
    worth.is_drafting = False
    assert not worth.decide(weighing, lost=64.0 * weighing.predicted_speedup)
    assert worth.decide(weighing, lost=0.0)


def test_what_nearly_pays_by_few_tokens_is_drafted_to_find_out_and_what_is_far_off_is_not():
    hopes = {}
    for num_right in (8, 14):
        worth = Worth(10, ())
        worth.scored(SET, ScoredDraft((True,) * num_right + (False,) * (16 - num_right), (0.9,) * 16), DEAR)
        weighing = worth.weigh(DEAR)
        assert weighing.predicted_speedup < 1
        assert not worth.decide(weighing, lost=0.0)
        hopes[num_right] = worth.decide(weighing, lost=0.0, hope=DEAR)
    assert hopes == {8: False, 14: True}


def test_there_is_less_to_hope_for_once_more_tokens_were_judged():
    worth = drafting_worth(0.8)
    chances = []
    for _ in range(12):
        weighing = worth.weigh(COSTS)
        chances.append(worth.hoped_speedup(weighing, COSTS) / weighing.predicted_speedup)
        worth.learn(*one_round(5, 4), COSTS)
    assert chances[0] > chances[-1] > 1


def test_looks_come_ever_more_rarely_and_sooner_in_another_text():
    worth = Worth(10, ())
    pauses = []
    for _ in range(9):
        pauses.append(worth.pause)
        worth.looked_again()
    assert pauses == sorted(pauses) and pauses[0] < pauses[-1] == pauses[-2]
    worth.begin_text()
    assert pauses[0] <= worth.pause < pauses[-1]


def test_confidence_is_worth_what_it_turned_out_to_be_worth():
    calibration = Calibration()
    assert calibration.chance_of(0.9) == pytest.approx(0.9)
    for number in range(200):
        calibration.add(0.9, number % 2 == 0)
        calibration.refit()
    assert calibration.chance_of(0.9) == pytest.approx(0.5, abs=0.05)
    assert calibration.chance_of(0.99) > calibration.chance_of(0.9) > calibration.chance_of(0.5)
    for chance in (0.2, 0.5, 0.8):
        assert calibration.chance_of(calibration.confidence_of(chance)) == pytest.approx(chance, abs=1e-3)
    assert (calibration.confidence_of(1.5), calibration.confidence_of(0.0)) == (1.0, 0.0)


def rule(**others):
    numbers = {"max_tokens": 10, "levels": (), "acceptance": 0.8, "speedup": 1.0}
    costs = {"token_cost": 0.4, "further_cost": 0.05}
    return PayingDrafting(calibration=Calibration(), siblings=SiblingRecord(), **numbers | costs | others)


def drafted_length(paying, confidence):
    for length in range(1, 1000):
        if confidence < paying.after(confidence).threshold:
            return length


def test_drafts_are_longer_where_tokens_are_surer_or_cost_less():
    by_confidence = [drafted_length(rule(), confidence) for confidence in (0.3, 0.8, 0.95)]
    assert by_confidence == sorted(by_confidence) and by_confidence[0] == 1 < by_confidence[-1]
    by_cost = [drafted_length(rule(token_cost=cost), 0.9) for cost in (0.9, 0.4, 0.1)]
    assert by_cost == sorted(by_cost) and by_cost[0] < by_cost[-1]
    assert drafted_length(rule(speedup=1.5), 0.9) <= drafted_length(rule(), 0.9)


def test_deeper_tokens_are_taken_to_be_as_right_as_they_were():
    calibration = Calibration()
    for number in range(240):
        depth = number % 6
        calibration.add(0.9, is_right=depth > 1 or number % 12 == 0, depth=depth)
        calibration.refit()
    assert calibration.chance_of(0.9, 5) > 0.9 > 0.6 > calibration.chance_of(0.9, 0)
    assert calibration.at_depth(0.7, 5) > 0.8 > 0.6 > calibration.at_depth(0.7, 0)
    assert calibration.chance_of(calibration.confidence_of(0.8, 3), 3) == pytest.approx(0.8, abs=1e-3)


def test_a_ledger_of_counted_costs_affords_by_what_was_spent():
    ledger = Ledger(COSTS, LaneClock(torch.device("cpu")), Budget())
    for _ in range(10):
        ledger.add("verify", 1, SkipSet())
        ledger.got(1)
    assert ledger.budget.lost == 0
    more = CREDIT + 0.5
    assert ledger.affords(CREDIT, time_share=0.1, loss_share=0.0, promised=1.0)
    assert not ledger.affords(more, time_share=0.1, loss_share=0.0, promised=1.0)
    assert ledger.affords(more, time_share=0.1, loss_share=0.0, promised=1.1)
    assert ledger.affords(more, time_share=0.1, loss_share=0.0, promised=1.0, credit=more)
    assert not ledger.affords(100.0, time_share=0.1, loss_share=1.0, promised=9.0)  # a share of one trial's own
    ledger.add("search", 100, SkipSet())
    assert ledger.budget.lost == pytest.approx(COSTS.of_verification(100))
    assert not ledger.affords(0.0, time_share=0.0, loss_share=1.0, promised=2.0)
    ledger.add("prompt", 50, SkipSet())
    assert ledger.budget.lost == pytest.approx(COSTS.of_verification(100))  # both lanes read the prompt


def scripted(is_right):
    text = [*PROMPT, *(4 + i % 20 for i in range(2 * NUM))]
    drafts = {} if is_right else {place: (30, 0.95) for place in range(2, 2 * NUM)}
    return ScriptedTarget(text, drafts), tuple(text[2 : 2 + NUM])


def events_of(target, **others):
    config = swift_config(threshold_rule="measured", max_draft_tokens=5, **others)
    return list(SwiftDecoder(target, config, SET).stream(PROMPT, max_new_tokens=NUM))


def test_a_draft_that_is_always_wrong_stands_aside_and_says_so():
    target, text = scripted(is_right=False)
    events = events_of(target)
    rounds = [event for event in events if isinstance(event, RoundVerified)]
    assert tuple(token for event in rounds for token in event.token_ids) == text
    aside = [i for i, e in enumerate(events) if isinstance(e, PhaseChanged) and e.phase == "standing aside"]
    assert aside and events[aside[0]].round <= 12
    weighed = events[aside[0] - 1]
    assert isinstance(weighed, DraftingWeighed) and not weighed.is_drafting and weighed.pause > 0
    assert weighed.predicted_speedup < 1.02
    plain = [event for event in rounds if event.num_drafted == 0]
    assert len(plain) > 0.8 * NUM
    assert {event.next_token_kind for event in plain} == {"plain"}
    assert all(event.token_ids == (event.next_token_id,) and not event.accepted for event in plain)


def test_something_is_made_of_a_draft_tested_while_standing_aside():
    text = [*PROMPT, *(4 + i % 20 for i in range(8 * NUM))]
    target = ScriptedTarget(text, {place: (30, 0.95) for place in range(2, 8 * NUM)})
    decoder = SwiftDecoder(target, swift_config(threshold_rule="measured", max_draft_tokens=5), SET)
    decoder.learned.costs = COSTS  # in the time of this double's passes little else can be done
    events = list(decoder.stream(PROMPT, max_new_tokens=4 * NUM))
    (aside,) = (e.round for e in events if isinstance(e, PhaseChanged) and e.phase == "standing aside")
    tested = [e.round for e in events if isinstance(e, RoundVerified) and e.num_drafted and e.round > aside]
    weighed = {e.round: e.pause for e in events if isinstance(e, DraftingWeighed) and e.round > aside}
    assert tested and weighed.keys() == {number + 1 for number in tested}
    pauses = list(weighed.values())
    assert pauses == sorted(set(pauses)) and pauses[0] > 16


@pytest.mark.parametrize("search", [NO_SEARCH, SearchConfig(min_context=4, context_window=8)])
@pytest.mark.parametrize("skip_ratio", [0.1, 0.5])
def test_the_text_is_lossless_whether_or_not_drafting_pays(tiny_target, search, skip_ratio):
    prompt = tiny_target.encode("The café")
    config = SwiftConfig(skip_ratio=skip_ratio, search=search)
    start = SkipSet.uniform(tiny_target.num_layers, skip_ratio)
    generation = SwiftDecoder(tiny_target, config, start).generate(prompt, max_new_tokens=80)
    assert generation.token_ids == generate_greedily(tiny_target, prompt, 80)


def sampled(target, seed):
    decoder = SwiftDecoder(target, SwiftConfig(skip_ratio=0.2, search=NO_SEARCH), SkipSet((3,), (4,)))
    return decoder.generate("Anna", max_new_tokens=40, sampling=SamplingConfig(0.8, seed=seed))


def test_a_sampled_run_is_the_same_with_the_same_seed(tiny_target):
    first, again, other = (sampled(tiny_target, seed) for seed in (1, 1, 2))
    assert first.token_ids == again.token_ids != other.token_ids
    lengths = [
        [e.num_drafted for e in run.trace.events if isinstance(e, RoundVerified)] for run in (first, again)
    ]
    assert lengths[0] == lengths[1] and max(lengths[0]) > 0


def test_a_search_may_start_from_nothing_skipped(tiny_target):
    config = SwiftConfig(
        skip_ratio=0.0, search=SearchConfig(min_context=4, context_window=8, max_loss_share=1.0)
    )
    generation = SwiftDecoder(tiny_target, config).generate("The café", max_new_tokens=60)
    assert any(isinstance(event, SkipSetTried) for event in generation.trace.events)
    assert generation.token_ids == generate_greedily(tiny_target, tiny_target.encode("The café"), 60)


def test_under_a_given_threshold_the_search_goes_on_whatever_drafts_lose():
    target, text = scripted(is_right=False)
    search = SearchConfig(
        min_context=30, context_window=30, max_time_share=1.0, contribution_interval=0, hidden_states_interval=0
    )
    config = SwiftConfig(threshold_rule="fixed", skip_ratio=0.5, search=search)
    events = list(SwiftDecoder(target, config).stream(PROMPT, max_new_tokens=NUM))
    assert sum(isinstance(event, SkipSetTried) for event in events) > 3
    added = [token for event in events if isinstance(event, RoundVerified) for token in event.token_ids]
    assert tuple(added) == text
