"""Every run of the engine is a story, up to any moment; what cannot have happened is refused with its line."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from support.doubles import TableTarget
from support.standing_aside import ASIDE_FROM, DRAFTS_FROM, run

from swift_demo.config import SamplingConfig, SearchConfig, SwiftConfig
from swift_demo.decoding.race import Race
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import GenerationFinished, RoundVerified, ThresholdMoved, TokensDrafted
from swift_demo.trace import Trace, TraceError, TraceHeader, TraceRecorder

HEADER = TraceHeader("Anna", "tiny", "cpu", "float32", "a processor", "2026-01-01", {})
RECORDED = sorted((Path(__file__).parent.parent / "assets" / "traces").glob("*.jsonl"))
EAGER = SearchConfig(max_time_share=1.0, min_context=3, context_window=8, max_trials=5)
FIXED = partial(SwiftConfig, threshold_rule="fixed", confidence_threshold=0.3)
SETTINGS = {
    "chain": FIXED(skip_ratio=0.3, tree_levels=(), search=EAGER),
    "tree": FIXED(skip_ratio=0.3, search=EAGER),
    "moving threshold": SwiftConfig(threshold_rule="adaptive", confidence_threshold=0.4, search=EAGER),
    "longest drafts": FIXED(
        confidence_threshold=0.0, max_draft_tokens=7, search=SearchConfig(is_enabled=False)
    ),
    "search that begins again": FIXED(
        skip_ratio=0.6,
        confidence_threshold=0.0,
        max_draft_tokens=3,
        search=replace(EAGER, min_context=1, context_window=4, max_trials=2, restart_margin=0.01),
    ),
    "search for speed": FIXED(search=replace(EAGER, objective="speed", max_trials=4)),
    "as far as it pays": SwiftConfig(search=replace(EAGER, max_loss_share=1.0)),
    "as far as it pays, without a search": SwiftConfig(search=SearchConfig(is_enabled=False)),
    "as far as it pays, with a search that ends": SwiftConfig(
        search=replace(EAGER, max_trials=2, max_loss_share=1.0)
    ),
}
SAMPLINGS = {"greedy": SamplingConfig(), "sampled": SamplingConfig(temperature=0.9, top_p=0.95, seed=3)}


def recorded(target, events):
    recorder = TraceRecorder(HEADER, target.text_tokenizer)
    for event in events:
        recorder(event)
    return recorder.trace


def reloaded(trace):
    return Trace.from_lines(list(trace.to_lines()))


@pytest.mark.parametrize("sampling", SAMPLINGS.values(), ids=SAMPLINGS)
@pytest.mark.parametrize("name", SETTINGS)
def test_what_the_decoder_tells_is_a_story(tiny_target, name, sampling):
    decoder = SwiftDecoder(tiny_target, SETTINGS[name])
    for manner in ({"wants_alternatives": True}, {"stop": "e"}):  # what was learned goes on
        trace = recorded(
            tiny_target, decoder.stream("Anna draws the longer", max_new_tokens=18, sampling=sampling, **manner)
        )
        assert reloaded(trace) == trace


def test_a_text_that_ends_within_a_draft_is_a_story():
    """The target wants 1, 2, 3 and so on, and so does the draft; 4 ends the text."""
    wanted = torch.eye(8).roll(1, 1)[None]
    target = TableTarget(wanted * 9, wanted * 9, eos_ids=[4])
    events = list(SwiftDecoder(target, SETTINGS["longest drafts"]).stream((0,), max_new_tokens=20))
    assert [event.next_token_id for event in events if isinstance(event, RoundVerified)] == [None]
    trace = recorded(target, events)
    assert reloaded(trace) == trace


@pytest.mark.parametrize("max_new_tokens", [1, 20])
def test_a_race_is_a_story(tiny_target, max_new_tokens):
    race = Race(VanillaDecoder(tiny_target), SwiftDecoder(tiny_target, SETTINGS["tree"]))
    trace = recorded(
        tiny_target, race.stream("Anna draws", max_new_tokens=max_new_tokens, wants_alternatives=True)
    )
    assert reloaded(trace) == trace


def test_a_run_that_is_cancelled_at_any_event_is_a_story(tiny_target):
    for wanted in (1, 5, 9):
        cancel = threading.Event()
        race = Race(VanillaDecoder(tiny_target), SwiftDecoder(tiny_target, SETTINGS["tree"]))
        events = []
        for event in race.stream("Anna draws", max_new_tokens=12, cancel=cancel):
            events.append(event)
            if len(events) == wanted:
                cancel.set()
        trace = recorded(tiny_target, events)
        assert {e.stop_reason for e in events if isinstance(e, GenerationFinished)} == {"cancelled"}
        assert reloaded(trace) == trace


def test_one_lane_after_the_other_is_a_story(tiny_target):
    lanes = [VanillaDecoder(tiny_target), SwiftDecoder(tiny_target, SETTINGS["tree"])]
    trace = recorded(tiny_target, [e for lane in lanes for e in lane.stream("Anna", max_new_tokens=12)])
    assert reloaded(trace) == trace


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_the_recorded_runs_are_stories(path):
    assert len(Trace.load(path)) > 50


@pytest.fixture(scope="module")
def lines():
    """A recorded run with a tree, trials and siblings that were accepted."""
    path = next(path for path in RECORDED if path.stem == "story-greedy")
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def places(lines, event, lane="swift"):
    return [i for i, line in enumerate(lines) if f'"event": "{event}", "lane": "{lane}"' in line]


def changed(lines, number, **changes):
    return [*lines[:number], json.dumps(json.loads(lines[number]) | changes), *lines[number + 1 :]]


def refused(lines, number, words):
    """That reading ends in this line, with a short sentence."""
    with pytest.raises(TraceError) as caught:
        Trace.from_lines(lines)
    message = str(caught.value)
    assert message.startswith(f"line {number + 1}: ")
    assert words in message and len(message) < 300


def test_events_swapped_doubled_or_left_out_are_refused_where_it_shows(lines):
    second, third = places(lines, "TokenDecoded", "vanilla")[1:3]
    swapped = list(lines)
    swapped[second], swapped[third] = lines[third], lines[second]
    refused(swapped, second, "round=3, but it is 2")
    refused([*lines[: third + 1], lines[third], *lines[third + 1 :]], third + 1, "round=3, but it is 4")
    refused([*lines[:second], *lines[second + 1 :]], third - 1, "round=3, but it is 2")
    swift = [lines[0], *(line for line in lines if '"lane": "swift"' in line)]
    draft = places(swift, "TokensDrafted")[4]
    refused([*swift[:draft], *swift[draft + 1 :]], draft, "a round was verified that drafted nothing")


def test_a_lane_starts_once_and_nothing_follows_its_end(lines):
    refused([*lines, lines[1]], len(lines), "GenerationStarted cannot follow GenerationFinished")
    refused([lines[0], *lines[2:]], 1, "the vanilla lane has not started yet")
    end = places(lines, "GenerationFinished")[0]
    refused([*lines[: end + 1], lines[end], *lines[end + 1 :]], end + 1, "cannot follow GenerationFinished")
    refused(changed(lines, end, num_tokens=3), end, "num_tokens=3, but")


def test_lanes_that_take_no_turns_are_refused(lines):
    end = places(lines, "GenerationFinished")[0]
    assert end < len(lines) - 2, "the other lane goes on"
    with pytest.raises(TraceError, match="it is not the vanilla lane's turn"):
        Trace.from_lines([*lines[:end], *lines[end + 1 :]])


def test_both_lanes_continue_the_same_prompt(lines):
    start = places(lines, "GenerationStarted")[0]
    refused(changed(lines, start, prompt_ids=[1, 2, 3]), start, "both lanes of a run have the same prompt_ids")


def test_the_parts_of_the_clock_are_what_passed_before_each_kind_of_event(lines):
    trial = places(lines, "SkipSetTried")[0]
    end = places(lines, "GenerationFinished")[0]
    refused([*lines[:trial], *lines[trial + 1 :]], end - 1, "_s=")
    later_s = 10.0 + json.loads(lines[end])["clock_s"]
    refused(changed(lines, end, clock_s=later_s), end, "do not add up to clock_s")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"num_drafted": 1}, "num_drafted=1, but the chain has"),
        ({"accepted": [1]}, "accepted is not a path"),
        ({"accepted": [-1]}, "accepted is not a path"),
        ({"token_ids": [5, 6]}, "token_ids are not the accepted tokens and the target's own"),
        ({"next_token_id": None}, "are not all there, or all null"),
        ({"next_token_kind": "corrected"}, "next_token_kind='corrected', but it is bonus"),
        ({"target_probs": [0.5]}, "target_probs are not one for each"),
        ({"alternatives": []}, "texts, but"),
        ({"texts": ["a"]}, "1 texts, but"),
        ({"clock_s": 1e12}, "is more than 100000000 seconds"),
        ({"clock_s": 0}, "goes back"),
        ({"round": 2}, "round=2, but it is 1"),
        ({"next_token_prob": 1.5}, "not a probability"),
    ],
)
def test_a_verdict_that_is_not_of_its_draft_is_refused(lines, changes, words):
    number = places(lines, "RoundVerified")[0]
    refused(changed(lines, number, **changes), number, words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"parents": [0] * 13}, "parents are not those of a chain with siblings"),
        (
            {"parents": [-1, 0, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 12]},
            "parents are not those of a chain with siblings",
        ),
        ({"confidences": [0.5]}, "confidences are not one for each of 13"),
        ({"threshold": 0.5}, None),
        ({"skip_set": {"attention": [1], "mlp": []}}, "the draft's skip_set is not the incumbent"),
        ({"skip_set": {"attention": [24], "mlp": []}}, "skip_set has layer 24, but the last one is 23"),
        ({"token_ids": [-200, *range(12)]}, "token id -200 is not in the vocabulary"),
    ],
)
def test_a_draft_that_cannot_be_one_is_refused(lines, changes, words):
    number = places(lines, "TokensDrafted")[0]
    if words is None:  # it is the first, and only the next one shows that the threshold never moved
        second = places(lines, "TokensDrafted")[1]
        refused(changed(lines, number, **changes), second, "threshold=0.8, but it is 0.5")
    else:
        refused(changed(lines, number, **changes), number, words)


def test_a_draft_longer_than_the_settings_allow_is_refused(lines):
    number, size = places(lines, "TokensDrafted")[0], 12_000
    chain = {
        "token_ids": [5] * size,
        "parents": list(range(-1, size - 1)),
        "confidences": [0.9] * size,
        "draft_probs": [1.0] * size,
        "texts": ["a"] * size,
    }
    refused(changed(lines, number, **chain), number, "a chain of 12000 tokens was drafted, but max_draft_tok")
    wide = chain | {"parents": [-1] * size}
    refused(changed(lines, number, **wide), number, "more than 9 siblings for a token")
    deep = chain | {"parents": [-1, -1, *range(1, size - 1)]}
    refused(changed(lines, number, **deep), number, "parents are not those of a chain")


def test_a_trial_that_is_out_of_turn_is_refused(lines):
    first, second = places(lines, "SkipSetTried")[:2]
    refused(changed(lines, second, trial=3), second, "trial=3, but it is 2")
    refused(changed(lines, first, num_positions=1000), first, "num_positions=1000: from 1 to")
    refused(changed(lines, first, incumbent_matchness=0.125), first, "incumbent_matchness=0.125, but it is")
    phase = places(lines, "PhaseChanged")[0]
    is_over = changed(lines, phase, phase="accelerating", reason="search is off")
    refused(is_over, first, "while the search was over")
    refused(changed(lines, phase, reason="acceptance fell"), phase, "cannot be the reason for 'optimising'")


def test_a_fixed_threshold_does_not_move(lines):
    number = places(lines, "RoundVerified")[0]
    clock_s = json.loads(lines[number])["clock_s"]
    moved = {
        "event": "ThresholdMoved",
        "lane": "swift",
        "round": 1,
        "clock_s": clock_s,
        "old_threshold": 0.8,
        "threshold": 0.79,
        "acceptance_rate": 0.9,
    }
    refused(
        [*lines[: number + 1], json.dumps(moved), *lines[number + 1 :]],
        number + 1,
        "only an adaptive threshold moves",
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"num_layers": 3 * 10**7}, "num_layers=30000000: from 1 to 1024 is read"),
        ({"max_new_tokens": 0}, "max_new_tokens=0"),
        ({"prompt_ids": []}, "prompt_ids are empty"),
        ({"prompt_ids": [2**31]}, "is not in the vocabulary"),
        ({"vocab_size": 100}, "is not in the vocabulary of 100"),
        ({"swift": None}, "swift has settings in the swift lane alone"),
    ],
)
def test_a_start_with_numbers_out_of_bounds_is_refused(lines, changes, words):
    number = places(lines, "GenerationStarted")[0]
    only_swift = [lines[0], *(line for line in lines[1:] if '"lane": "swift"' in line)]
    refused(changed(only_swift, 1, **changes), 1, words)
    assert number > 0


@pytest.fixture(scope="module", params=[True, False], ids=["search", "no search"])
def aside(request):
    """A lane in which SWIFT stands aside for a while: its lines."""
    lines = list(run(is_searching=request.param).to_lines())
    return [lines[0], *(line for line in lines if '"lane": "swift"' in line)]


def test_standing_aside_is_a_story_up_to_any_moment(aside):
    assert {"standing aside"} < {json.loads(line).get("phase") for line in aside}
    Trace.from_lines(list(run().to_lines()))
    for end in range(1, len(aside) + 1):
        Trace.from_lines(aside[:end])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"draft_cost": 0}, "draft_cost=0.0, which is not above 0"),
        ({"verification_cost": -1.2}, "verification_cost=-1.2, which is not above 0"),
        ({"predicted_speedup": 0.0}, "predicted_speedup=0.0, which is not above 0"),
        ({"plain_token_s": 0}, "plain_token_s=0.0, which is not above 0"),
        ({"drafted_token_s": 5.0}, "drafted_token_s is not plain_token_s over predicted_speedup"),
        ({"acceptance": 1.5}, "acceptance has 1.5, which is not a probability"),
        ({"num_judged": -1}, "num_judged=-1: from 0 to"),
        ({"best_length": 0}, "best_length=0, but max_draft_tokens is 25"),
        ({"best_length": 26}, "best_length=26, but max_draft_tokens is 25"),
        ({"num_verified": 3}, "num_verified=3, but the best draft and the token before it are 4"),
        ({"pause": 0}, "pause=0 with is_drafting=False"),
        ({"is_drafting": True}, "pause=64 with is_drafting=True"),
        ({"is_drafting": True, "pause": 0}, "the phase changes just where a weighing says so"),
        ({"round": 3}, "round=3, but it is 17"),
    ],
)
def test_a_weighing_with_numbers_that_cannot_be_is_refused(aside, changes, words):
    number = places(aside, "DraftingWeighed")[0]
    lines = changed(aside, number, **changes)
    refused(lines, number + ("phase changes" in words), words)


def test_phases_of_drafting_follow_from_weighings_alone(aside):
    away, back = places(aside, "PhaseChanged")[1:]
    refused([*aside[: away - 1], *aside[away:]], away - 1, "'drafting does not pay' was not weighed")
    refused([*aside[:away], *aside[away + 1 :]], away, "the phase changes just where a weighing says so")
    refused([*aside[:back], *aside[back + 1 :]], back, "the phase changes just where a weighing says so")
    refused(changed(aside, away, phase="accelerating"), away, "cannot be the reason for 'accelerating'")
    refused(changed(aside, back, phase="standing aside"), back, "cannot be the reason for 'standing aside'")
    first = places(aside, "DraftingWeighed")[1]
    refused([*aside[: first + 1], *aside[first:]], first + 1, "DraftingWeighed cannot follow DraftingWeighed")


def test_nothing_is_weighed_and_no_round_goes_without_a_draft_under_a_given_threshold(aside):
    start = places(aside, "GenerationStarted")[0]
    swift = json.loads(aside[start])["swift"] | {"threshold_rule": "fixed"}
    lines = changed(aside, start, swift=swift)
    refused(lines, places(aside, "RoundVerified")[0], "a round was verified that drafted nothing")


def test_no_draft_comes_while_swift_stands_aside_unless_it_is_a_test(aside):
    plain = next(i for i in places(aside, "RoundVerified") if json.loads(aside[i])["round"] == ASIDE_FROM + 3)
    draft = json.loads(aside[places(aside, "TokensDrafted")[0]])
    told = json.loads(aside[plain])
    draft |= {"round": told["round"], "clock_s": told["clock_s"]}
    lines = [*aside[:plain], json.dumps(draft)]
    if json.loads(aside[places(aside, "GenerationStarted")[0]])["swift"]["search"]["is_enabled"]:
        refused(lines, plain, "a draft came while SWIFT stands aside")
    else:
        Trace.from_lines(lines)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"next_token_kind": "bonus"}, "next_token_kind='bonus', but it is plain"),
        ({"num_drafted": 1}, "a verdict tells of a draft, but nothing was drafted"),
        ({"accepted": [0]}, "a verdict tells of a draft, but nothing was drafted"),
        ({"target_probs": [0.5]}, "a verdict tells of a draft, but nothing was drafted"),
        ({"token_ids": [1, 2]}, "token_ids are not the target's own alone"),
        ({"texts": []}, "0 texts, but 1 token_ids"),
    ],
)
def test_a_round_without_a_draft_gives_the_targets_token_alone(aside, changes, words):
    number = places(aside, "RoundVerified")[0]
    refused(changed(aside, number, **changes), number, words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"thresholds": []}, "0 thresholds, but 3 are measured for a chain of 3 tokens"),
        ({"thresholds": [0.3, 0.4, 0.6]}, "threshold is not the last of thresholds"),
        ({"thresholds": [0.3, 1.4, 0.5]}, "thresholds has 1.4, which is not a probability"),
        ({"thresholds": [0.3, 0.99, 0.5]}, "the draft went on after a token below its threshold"),
    ],
)
def test_measured_thresholds_are_one_for_each_token(aside, changes, words):
    number = places(aside, "TokensDrafted")[0]
    assert json.loads(aside[number])["round"] == DRAFTS_FROM
    refused(changed(aside, number, **changes), number, words)


def test_given_thresholds_are_not_told_for_each_token(lines):
    number = places(lines, "TokensDrafted")[0]
    refused(changed(lines, number, thresholds=[0.8]), number, "1 thresholds, but 0 are measured")


def test_the_stories_told_here_have_all_that_a_check_looks_at(lines):
    events = Trace.from_lines(lines).events
    assert any(event.num_rescued for event in events if isinstance(event, RoundVerified))
    assert any(
        event.parents != tuple(range(-1, len(event.parents) - 1))
        for event in events
        if isinstance(event, TokensDrafted)
    )
    assert not any(isinstance(event, ThresholdMoved) for event in events)
