"""A look at the hidden states names the set that keeps the draft closest to the target."""

from __future__ import annotations

import pytest
import torch
from support.doubles import eager_config, eager_search
from support.models import NUM_LAYERS, generate_greedily, random_model, tiny_sizes
from transformers import Gemma3TextConfig, LlamaConfig, MistralConfig, Olmo2Config

from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.events import SkipSetTried
from swift_demo.model.target import Target
from swift_demo.search.hidden_states import WINDOW, closest_draft, closest_drafts, num_slots
from swift_demo.search.matchness import score_draft
from swift_demo.skip_set import SkipSet

IDS = torch.arange(3, 33)
SLOT = len(IDS) - 1


@torch.inference_mode()
def look(target, num_skipped, spare=None):
    cache = target.new_cache(len(IDS) + (num_slots(num_skipped) if spare is None else spare))
    target.forward(IDS[:-1], cache, 0, SkipSet(), needs_logits=False)
    return closest_draft(target, cache, IDS, SLOT, num_skipped), cache


@torch.inference_mode()
def silenced(tokenizer, attention, mlp):
    """A model in which these sub-layers add nothing."""
    model = random_model(LlamaConfig(**tiny_sizes()))
    for i in attention:
        model.model.layers[i].self_attn.o_proj.weight.zero_()
    for i in mlp:
        model.model.layers[i].mlp.down_proj.weight.zero_()
    return Target(model, tokenizer, "silenced")


@pytest.mark.parametrize(("attention", "mlp"), [((1, 3), (2,)), ((), (1, 4, 5)), ((2, 4, 6), (6,))])
def test_sub_layers_that_add_nothing_are_the_ones_to_skip(tokenizer, attention, mlp):
    target = silenced(tokenizer, attention, mlp)
    found, _ = look(target, len(attention) + len(mlp))
    assert found == SkipSet(attention, mlp)


@pytest.mark.parametrize("num_skipped", [1, 3, 2 * (NUM_LAYERS - 2) - 1])
def test_it_has_exactly_so_many(tiny_target, num_skipped):
    found, _ = look(tiny_target, num_skipped)
    assert len(found) == num_skipped
    found.check(NUM_LAYERS)


def test_the_text_in_the_cache_stays_as_it_was(tiny_target):
    _, looked = look(tiny_target, 4)
    plain = tiny_target.new_cache(len(IDS))
    with torch.inference_mode():
        tiny_target.forward(IDS[:-1], plain, 0, SkipSet(), needs_logits=False)
    for ours, theirs in zip(looked.entries, plain.entries, strict=True):
        torch.testing.assert_close(ours[:, :, :SLOT], theirs[:, :, :SLOT], rtol=0, atol=0)


def test_where_slots_are_few_fewer_tokens_are_looked_at(tiny_target):
    found, _ = look(tiny_target, 4, spare=7)
    assert len(found) == 4


def test_where_slots_are_too_few_for_the_set_a_smaller_one_is_found(tiny_target):
    found, _ = look(tiny_target, 9, spare=4)
    assert len(found) == 4


@pytest.mark.parametrize(
    "family",
    [
        lambda sizes: MistralConfig(**sizes, sliding_window=6),
        lambda sizes: Gemma3TextConfig(**sizes, sliding_window=6, sliding_window_pattern=2),
        lambda sizes: Olmo2Config(**sizes),
    ],
)
def test_other_families_are_looked_into_as_well(tokenizer, family):
    found, _ = look(Target(random_model(family(tiny_sizes())), tokenizer, "tiny"), 3)
    assert len(found) == 3


@torch.inference_mode()
def test_one_look_gives_every_size_and_judges_as_a_trial_does(tiny_target):
    ids = torch.tensor([*IDS.tolist(), *generate_greedily(tiny_target, IDS.tolist(), 12)])
    slot, most = len(ids) - 1, 2 * (NUM_LAYERS - 2) - 1
    cache = tiny_target.new_cache(len(ids) + num_slots(most))
    tiny_target.forward(ids[:-1], cache, 0, SkipSet(), needs_logits=False)
    drafts = closest_drafts(tiny_target, cache, ids, slot, most, is_judged=True)
    assert [len(draft.skip_set) for draft in drafts] == [*range(1, most + 1)]
    judged = [draft for draft in drafts if draft.is_right]
    assert len(judged) > 3 and drafts[-1].is_right and all(draft.distance >= -1e-6 for draft in drafts)
    for draft in judged:
        scored = score_draft(tiny_target, cache, ids[-WINDOW - 1 :], slot, draft.skip_set)
        assert draft.is_right == scored.is_right
    unjudged = closest_drafts(tiny_target, cache, ids, slot, most)
    assert [draft.skip_set for draft in unjudged] == [draft.skip_set for draft in drafts]
    assert not any(draft.is_right for draft in unjudged)


@pytest.mark.parametrize("interval", [0, 3])
def test_a_run_looks_as_often_as_it_is_told_and_stays_lossless(tiny_target, interval):
    search = eager_search(
        hidden_states_interval=interval, max_time_share=1.0, min_context=3, max_score=1.0, tolerance=99
    )
    prompt = tiny_target.encode("The café")
    generation = SwiftDecoder(tiny_target, eager_config(skip_ratio=0.3, search=search)).generate(
        prompt, max_new_tokens=60
    )
    assert generation.token_ids == generate_greedily(tiny_target, prompt, 60)
    proposers = [e.proposer for e in generation.trace.events if isinstance(e, SkipSetTried)]
    assert proposers[0] == "start"
    assert ("hidden states" in proposers) == bool(interval)
    if interval:
        assert proposers[1] == "hidden states"
