"""Reading a prompt shows what each sub-layer contributes, and is the forward that it would have been."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from support.doubles import GivenCosts
from support.families import FAMILIES
from support.models import INTO_THE_STREAM, random_model

from swift_demo.model.target import Target
from swift_demo.search.contributions import FEWEST_TOKENS, Contributions, read_and_compare
from swift_demo.skip_set import SkipSet

IDS = torch.arange(3, 23)
KINDS = ["Llama 3", "Gemma 2", "Pythia, GPT-NeoX", "Phi-1, Phi-2"]
SILENT = {"attention": (1, 4), "mlp": (2,)}


def target_of(family, tokenizer, silent=None):
    """A random model of a family, in which some sub-layers add nothing."""
    model = random_model(FAMILIES[family].config)
    target = Target(model, tokenizer, family)
    with torch.no_grad():
        for number, kind in enumerate(("attention", "mlp")):
            for layer in (silent or {}).get(kind, ()):
                for module in target.layers[layer].modules[number]:
                    for name, weight in module.named_parameters():
                        if name.endswith((*INTO_THE_STREAM, "bias")):
                            weight.zero_()
    return target


@torch.inference_mode()
def compared(target, ids=IDS):
    cache = target.new_cache(len(ids))
    return read_and_compare(target, ids, cache, 0), cache


@pytest.mark.parametrize("family", KINDS)
def test_the_cache_is_bitwise_what_a_forward_writes(family, tokenizer):
    target = target_of(family, tokenizer)
    _, ours = compared(target)
    plain = target.new_cache(len(IDS))
    with torch.inference_mode():
        target.forward(IDS, plain, 0, SkipSet(), needs_logits=False)
    assert len(ours.entries) == len(plain.entries) > 0
    for mine, other in zip(ours.entries, plain.entries, strict=True):
        assert torch.equal(mine, other)


@pytest.mark.parametrize("family", KINDS)
def test_sub_layers_that_add_nothing_have_the_least_distance(family, tokenizer):
    target = target_of(family, tokenizer, SILENT)
    distances, _ = compared(target)
    assert distances.shape == (2 * target.num_layers,)
    silent = {*(2 * i for i in SILENT["attention"]), *(2 * i + 1 for i in SILENT["mlp"])}
    assert {*np.argsort(distances)[: len(silent)].tolist()} == silent
    assert max(distances[i] for i in silent) < 1e-6 < min(np.delete(distances, [*silent]))


def test_sets_grow_by_what_takes_least_away_for_the_time_saved():
    contributions = Contributions(4)
    contributions.add(np.array([9, 9, 0.1, 0.2, 0.3, 0.05, 9, 9]), FEWEST_TOKENS)
    alike = contributions.sets(GivenCosts(0.1, 0.1))
    assert alike == [SkipSet((), (2,)), SkipSet((1,), (2,)), SkipSet((1,), (1, 2)), SkipSet((1, 2), (1, 2))]
    assert contributions.of(alike[1]) == pytest.approx(0.15)
    assert contributions.sets(GivenCosts(0.1, 0.01))[0] == SkipSet((1,), ())


def test_short_prompts_say_nothing_and_the_latest_prompt_counts_half():
    contributions = Contributions(4)
    contributions.add(np.ones(8), FEWEST_TOKENS - 1)
    assert not contributions.are_known
    contributions.add(np.ones(8), FEWEST_TOKENS)
    contributions.add(np.full(8, 2.0), FEWEST_TOKENS)
    assert contributions.of(SkipSet((1,), (2,))) == pytest.approx(3.0)


def test_prompts_of_one_stream_are_compared_until_enough_was_seen():
    contributions, distances = Contributions(3), np.zeros(6)
    assert not contributions.are_sure
    contributions.add(distances, FEWEST_TOKENS - 1)  # says nothing
    assert not contributions.are_known and not contributions.are_sure
    num_read = 0
    while not contributions.are_sure:
        contributions.add(distances, 40)
        num_read += 40
    assert 100 < num_read < 200
    contributions.begin_stream()
    assert contributions.are_known and not contributions.are_sure
