"""Where the target's logits name no token, the text ends there, cleanly, in both lanes alike."""

from __future__ import annotations

import math

import pytest
import torch
from support.doubles import ScriptedTarget, eager_search, finish_of, ids_of, swift_config
from support.models import byte_tokenizer, random_model

from swift_demo.config import SamplingConfig, TreeLevel
from swift_demo.decoding.request import Hooks
from swift_demo.decoding.sampling import NO_TOKEN, draw, most_probable, new_generator, process
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import GenerationStarted, RoundVerified, TokensDrafted
from swift_demo.metrics import lane_metrics
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

PROMPT = [2, 3]
TEXT = [*PROMPT, *range(4, 30)]
SKIPPED = SkipSet((1,), (2,))
NAN, INF = math.nan, math.inf
GREEDY, SAMPLED = SamplingConfig(), SamplingConfig(0.01, seed=3)  # so cold that the text is the script's
TREE = (TreeLevel(1.0, 3),)
BREAKS = {
    "one is not a number": lambda row: row.__setitem__(7, NAN),
    "none is a number": lambda row: row.fill_(NAN),
    "one is infinite": lambda row: row.__setitem__(9, INF),
    "all are minus infinity": lambda row: row.fill_(-INF),
}


class Breaking(ScriptedTarget):
    """The target's row at some positions, or the draft's, is broken."""

    def __init__(self, damage, broken=(), broken_drafts=()):
        super().__init__(TEXT)
        self._damage = damage
        self._broken = {0: set(broken), 1: set(broken_drafts)}

    def rows(self, token_ids, positions, skip_set):
        rows = super().rows(token_ids, positions, skip_set)
        for row, position in zip(rows, positions, strict=True):
            if position in self._broken[len(skip_set) > 0]:
                self._damage(row)
        return rows


def decoders(target, levels=()):
    config = swift_config(max_draft_tokens=4, confidence_threshold=0.0, tree_levels=levels)
    return VanillaDecoder(target), SwiftDecoder(target, config, SKIPPED)


def assert_finite(events):
    for event in events:
        if isinstance(event, RoundVerified):
            assert all(0 <= prob <= 1 for prob in event.target_probs)
        if isinstance(event, TokensDrafted):
            assert all(0 <= prob <= 1 for prob in (*event.confidences, *event.draft_probs))


@pytest.mark.parametrize("sampling", [GREEDY, SAMPLED], ids=["greedy", "sampled"])
@pytest.mark.parametrize("levels", [(), TREE], ids=["chain", "tree"])
@pytest.mark.parametrize("place", [0, 1, 3, 4, 5, 11])
@pytest.mark.parametrize("damage", BREAKS.values(), ids=BREAKS)
def test_the_text_ends_before_the_first_token_that_has_no_logits(damage, place, levels, sampling):
    # The row behind the last prompt token is at position 1.
    target = Breaking(damage, [1 + place])
    for decoder in decoders(target, levels):
        events = list(decoder.stream(PROMPT, max_new_tokens=20, sampling=sampling, wants_alternatives=True))
        lane = events[0].lane
        assert ids_of(events, lane) == tuple(TEXT[2 : 2 + place])
        finish = finish_of(events)
        assert (finish.stop_reason, finish.num_tokens) == ("invalid logits", place)
        assert events[-1] is finish
        assert lane_metrics(events, lane).num_tokens == place
        assert_finite(events)


@pytest.mark.parametrize("sampling", [GREEDY, SAMPLED, SamplingConfig(1.0, 0.9, 5)], ids=str)
@pytest.mark.parametrize("value", [NAN, INF])
def test_weights_that_are_no_numbers_end_a_run_before_its_first_token(sampling, value):
    model = random_model()
    with torch.no_grad():
        model.model.layers[3].mlp.down_proj.weight[0, 0] = value
    target = Target(model, byte_tokenizer(), "broken")
    for decoder in (
        VanillaDecoder(target),
        SwiftDecoder(target, swift_config()),
        SwiftDecoder(target, swift_config(), SkipSet((), (3,))),
    ):
        generation = decoder.generate("The café", max_new_tokens=30, sampling=sampling, wants_alternatives=True)
        assert (generation.token_ids, generation.text) == ((), "")
        assert generation.trace.events[-1].stop_reason == "invalid logits"
        assert_finite(generation.trace.events)


@pytest.mark.parametrize("sampling", [GREEDY, SAMPLED], ids=["greedy", "sampled"])
@pytest.mark.parametrize("damage", BREAKS.values(), ids=BREAKS)
def test_a_draft_without_logits_costs_its_round_the_draft_and_nothing_else(damage, sampling):
    search = eager_search(min_context=2, context_window=4, max_time_share=1.0, hidden_states_interval=0)
    target = Breaking(damage, broken_drafts=[1, 4, *range(9, 15)])
    for config in (swift_config(max_draft_tokens=4), swift_config(max_draft_tokens=4, search=search)):
        events = list(
            SwiftDecoder(target, config, SKIPPED).stream(PROMPT, max_new_tokens=20, sampling=sampling)
        )
        assert ids_of(events, "swift") == tuple(TEXT[2:22])
        assert finish_of(events).stop_reason == "token limit"
        drafts = [event for event in events if isinstance(event, TokensDrafted)]
        assert drafts[0].token_ids == ()
        assert {draft.stop_reason for draft in drafts} >= {"invalid logits"}
        assert_finite(events)


@pytest.mark.parametrize("sampling", [GREEDY, SAMPLED], ids=["greedy", "sampled"])
@pytest.mark.parametrize(
    ("scores", "broken"),
    [
        (lambda logits: logits.fill_(-INF), []),
        (lambda logits: logits.fill_(NAN), []),
        (lambda logits: logits.nan_to_num(0), [6]),
    ],
    ids=["all masked", "no numbers", "hiding that there are none"],
)
def test_processors_that_rule_out_everything_end_the_text_too(scores, broken, sampling):
    target = Breaking(BREAKS["none is a number"], broken)

    def process_row(ids, logits):
        return scores(logits.clone()) if len(ids) == 7 else logits

    for process_draft in (None, process_row):
        for decoder in decoders(target):
            events = list(
                decoder.stream(
                    PROMPT, max_new_tokens=20, sampling=sampling, hooks=Hooks(process_row, process_draft)
                )
            )
            assert ids_of(events, events[0].lane) == tuple(TEXT[2:7])
            assert finish_of(events).stop_reason == "invalid logits"
            assert_finite(events)


def test_a_text_that_ends_inside_the_draft_ends_for_its_own_reason():
    target = Breaking(BREAKS["none is a number"], [4])
    target.eos_ids = frozenset([TEXT[4]])
    for decoder in decoders(target):
        events = list(decoder.stream(PROMPT, max_new_tokens=20))
        assert isinstance(events[0], GenerationStarted)
        assert finish_of(events).stop_reason == "end of text"


def test_rows_are_judged_one_by_one():
    rows = torch.tensor([[0.0, 2.0, 1.0], [0.0, NAN, 1.0], [INF, 0.0, 1.0], [-INF, 3.0, -INF], [-INF] * 3])
    assert most_probable(rows).tolist() == [1, NO_TOKEN, NO_TOKEN, 1, NO_TOKEN]
    generator = new_generator(SAMPLED, rows.device)
    for sampling in (SAMPLED, SamplingConfig(0.01, 0.5), SamplingConfig(0.01, 1.0, 2)):
        assert draw(process(rows, sampling), generator).tolist() == [1, NO_TOKEN, NO_TOKEN, 1, NO_TOKEN]
