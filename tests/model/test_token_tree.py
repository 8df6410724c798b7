"""A tree in one pass gives each node what its own path alone would give it, and a kept path is cached whole."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support.models import random_model, tiny_sizes
from transformers import LlamaConfig, MistralConfig

from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

PREFIX = torch.arange(3, 21)
TREES = st.lists(st.integers(0, 100), min_size=1, max_size=14).map(
    lambda draws: [-1, *(draw % (node + 1) for node, draw in enumerate(draws))]
)


@pytest.fixture(scope="module", params=["all", "window of 6"])
def target(request, tokenizer):
    sizes = tiny_sizes()
    config = LlamaConfig(**sizes) if request.param == "all" else MistralConfig(**sizes, sliding_window=6)
    return Target(random_model(config), tokenizer, "tiny")


def path_to(node, parents):
    path = [node]
    while parents[path[0]] >= 0:
        path.insert(0, parents[path[0]])
    return path


def after_prefix(target):
    cache = target.new_cache(64)
    target.forward(PREFIX, cache, 0, SkipSet(), needs_logits=False)
    return cache, len(PREFIX)


@torch.inference_mode()
@given(parents=TREES, seed=st.integers(0, 99))
def test_every_node_sees_its_own_path_alone(target, parents, seed):
    ids = torch.randint(3, 60, (len(parents),), generator=torch.Generator().manual_seed(seed))
    cache, slot = after_prefix(target)
    logits = target.forward(ids, cache, slot, SkipSet(), parents=parents)
    for node in range(len(parents)):
        path = path_to(node, parents)
        cache, slot = after_prefix(target)
        alone = target.forward(ids[path], cache, slot, SkipSet())
        torch.testing.assert_close(logits[node], alone[-1], rtol=1e-4, atol=1e-4)


@torch.inference_mode()
@given(parents=TREES, choice=st.integers(0, 100))
def test_a_compacted_path_is_cached_as_if_it_had_been_the_text(target, parents, choice):
    ids = torch.arange(3, 3 + len(parents))
    path = path_to(choice % len(parents), parents)
    cache, slot = after_prefix(target)
    target.forward(ids, cache, slot, SkipSet(), parents=parents)
    cache.compact(slot, path)
    after_tree = target.forward(torch.tensor([50]), cache, slot + len(path), SkipSet())
    cache, slot = after_prefix(target)
    target.forward(ids[path], cache, slot, SkipSet())
    after_chain = target.forward(torch.tensor([50]), cache, slot + len(path), SkipSet())
    torch.testing.assert_close(after_tree, after_chain, rtol=1e-4, atol=1e-4)
