"""Matchness is what a model with those sub-layers silenced would have chosen."""

from __future__ import annotations

import copy
import inspect

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.doubles import eager_config, eager_search
from support.models import NUM_LAYERS, generate_greedily
from transformers import DynamicCache

from swift_demo.config import SamplingConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.events import GenerationStarted, RoundVerified, SkipSetTried
from swift_demo.search.matchness import score_draft
from swift_demo.skip_set import SkipSet

SUBLAYERS = st.frozensets(st.integers(1, NUM_LAYERS - 2)).map(tuple)


def silenced(model, skip_set):
    """A copy whose skipped sub-layers add nothing to the residual stream."""
    quiet = copy.deepcopy(model)
    for i in skip_set.attention:
        quiet.model.layers[i].self_attn.o_proj.weight.zero_()
    for i in skip_set.mlp:
        quiet.model.layers[i].mlp.down_proj.weight.zero_()
    return quiet


def forward(model, ids, past):
    """The model's own pass; transformers 5.24 renamed the argument ``past_key_values`` to ``cache``."""
    names = inspect.signature(model.forward).parameters
    return model(torch.tensor([ids]), **{"cache" if "cache" in names else "past_key_values": past})


@torch.inference_mode()
def brute_force(model, ids, num_scored, skip_set):
    """The share, from transformers alone: the past as the whole model cached it, then the quiet model."""
    first = len(ids) - 1 - num_scored
    past = DynamicCache(config=model.config)
    if first:
        forward(model, ids[:first], past)
    logits = forward(silenced(model, skip_set), ids[first:-1], past).logits[0]
    return float((logits.argmax(-1) == torch.tensor(ids[first + 1 :])).float().mean())


@torch.inference_mode()
def ours(target, ids, num_scored, skip_set):
    cache = target.new_cache(len(ids) + num_scored)
    target.forward(torch.tensor(ids[:-1]), cache, 0, SkipSet())
    return score_draft(target, cache, torch.tensor(ids[-num_scored - 1 :]), len(ids) - 1, skip_set).matchness


@pytest.fixture(scope="module")
def greedy_ids(tiny_target):
    prompt = tiny_target.encode("Anna draws")
    return [*prompt, *generate_greedily(tiny_target, prompt, 40)]


@pytest.mark.parametrize("num_scored", [1, 2, 16, 40])
def test_skipping_nothing_matches_greedy_text_entirely(tiny_target, greedy_ids, num_scored):
    assert ours(tiny_target, greedy_ids, num_scored, SkipSet()) == 1.0


@settings(max_examples=15)
@given(attention=SUBLAYERS, mlp=SUBLAYERS, num_scored=st.integers(1, 40))
def test_matchness_is_that_of_the_silenced_model(tiny_target, greedy_ids, attention, mlp, num_scored):
    skip_set = SkipSet(attention, mlp)
    expected = brute_force(tiny_target.model, greedy_ids, num_scored, skip_set)
    assert ours(tiny_target, greedy_ids, num_scored, skip_set) == pytest.approx(expected)


def test_sets_differ_in_matchness(tiny_target, greedy_ids):
    scores = {ours(tiny_target, greedy_ids, 40, SkipSet((i,), (j,))) for i in (1, 3, 6) for j in (2, 5)}
    assert len(scores) > 1
    assert 0 < min(scores) <= max(scores) < 1


@pytest.mark.parametrize("sampling", [SamplingConfig(), SamplingConfig(temperature=1.0, seed=1)])
def test_every_trial_of_a_run_reports_the_score_of_the_latest_text(tiny_target, sampling):
    search = eager_search(max_time_share=1.0, min_context=3, context_window=9, max_score=1.0)
    decoder = SwiftDecoder(tiny_target, eager_config(skip_ratio=0.6, search=search))
    ids, num_prompt, num_trials = [], 0, 0
    for event in decoder.stream("The café", max_new_tokens=100, sampling=sampling):
        if isinstance(event, GenerationStarted):
            ids, num_prompt = list(event.prompt_ids), len(event.prompt_ids)
        elif isinstance(event, RoundVerified):
            ids += event.token_ids
        elif isinstance(event, SkipSetTried):
            num_trials += 1
            assert event.num_positions == min(9, len(ids) - num_prompt)
            expected = brute_force(tiny_target.model, ids, event.num_positions, event.skip_set)
            assert event.matchness == pytest.approx(expected)
    assert num_trials > 8
