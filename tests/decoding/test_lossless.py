"""Greedy SWIFT gives the very ids of vanilla decoding and of transformers' ``generate``."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.doubles import NO_SEARCH, eager_config, eager_search
from support.models import NUM_LAYERS, generate_greedily

from swift_demo.config import TreeLevel
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.skip_set import SkipSet

PROMPT = "Anna draws"
EAGER_SEARCH = eager_search(
    min_context=2,
    context_window=8,
    tolerance=6,
    max_trials=12,
    bayesian_interval=3,
    restart_margin=0.05,
    max_time_share=1.0,
)
SUBLAYERS = st.frozensets(st.integers(1, NUM_LAYERS - 2)).map(tuple)
LEVELS = st.dictionaries(st.sampled_from([0.05, 0.2, 0.5, 0.9, 1.0]), st.integers(1, 12), max_size=4).map(
    lambda table: tuple(TreeLevel(bound, table[bound]) for bound in sorted(table))
)


@pytest.fixture(scope="module")
def long_text(tiny_target):
    """What the model says to the prompt, far longer than any case below needs."""
    return generate_greedily(tiny_target, tiny_target.encode(PROMPT), 80)


@pytest.fixture
def with_eos(tiny_target, monkeypatch):
    """Choose what ends a text."""

    def choose(eos):
        monkeypatch.setattr(tiny_target.model.generation_config, "eos_token_id", eos)
        return tiny_target

    return choose


def swift_ids(target, prompt, max_new_tokens, skip_set=None, **settings):
    config = eager_config(**({"search": NO_SEARCH, "confidence_threshold": 0.3} | settings))
    return SwiftDecoder(target, config, skip_set).generate(prompt, max_new_tokens=max_new_tokens).token_ids


def test_vanilla_is_what_generate_gives(tiny_target, long_text):
    generation = VanillaDecoder(tiny_target).generate(PROMPT, max_new_tokens=len(long_text))
    assert generation.token_ids == long_text
    assert len(set(long_text)) > 30, "the model must say something varied for these tests to mean anything"


@given(
    attention=SUBLAYERS,
    mlp=SUBLAYERS,
    threshold=st.sampled_from([0.0, 0.05, 0.3, 0.8, 1.0]),
    max_draft_tokens=st.integers(1, 12),
    max_new_tokens=st.integers(1, 40),
    levels=LEVELS,
)
def test_any_skip_set_threshold_and_tree_give_the_text_of_generate(
    tiny_target, long_text, attention, mlp, threshold, max_draft_tokens, max_new_tokens, levels
):
    ids = swift_ids(
        tiny_target,
        PROMPT,
        max_new_tokens,
        SkipSet(attention, mlp),
        confidence_threshold=threshold,
        max_draft_tokens=max_draft_tokens,
        tree_levels=levels,
    )
    assert ids == long_text[:max_new_tokens]


def test_drafts_are_sometimes_accepted_and_sometimes_rejected(tiny_target):
    config = eager_config(skip_ratio=0.3, confidence_threshold=0.3, search=NO_SEARCH)
    metrics = SwiftDecoder(tiny_target, config).generate(PROMPT, max_new_tokens=60).metrics
    assert 0.05 < metrics.acceptance_rate < 0.95


def test_a_draft_that_skips_nothing_is_always_accepted(tiny_target, long_text):
    config = eager_config(skip_ratio=0, confidence_threshold=0, max_draft_tokens=7, search=NO_SEARCH)
    generation = SwiftDecoder(tiny_target, config).generate(PROMPT, max_new_tokens=80)
    assert generation.token_ids == long_text
    assert generation.metrics.acceptance_rate == 1
    assert generation.metrics.mean_tokens_per_round == 8


@pytest.mark.parametrize("rule", ["fixed", "adaptive"])
@pytest.mark.parametrize("skip_ratio", [0.1, 0.45, 0.9])
def test_the_search_does_not_change_the_text(tiny_target, long_text, rule, skip_ratio):
    config = eager_config(
        skip_ratio=skip_ratio,
        confidence_threshold=0.4,
        threshold_rule=rule,
        max_draft_tokens=5,
        search=EAGER_SEARCH,
    )
    decoder = SwiftDecoder(tiny_target, config)
    generation = decoder.generate(PROMPT, max_new_tokens=80)
    assert generation.token_ids == long_text
    assert generation.metrics.num_trials > 5
    again = decoder.generate("The café", max_new_tokens=30)
    assert again.token_ids == generate_greedily(tiny_target, tiny_target.encode("The café"), 30)


@pytest.mark.parametrize("max_new_tokens", [1, 2, 3, 17])
def test_the_number_of_tokens_is_exact(tiny_target, long_text, max_new_tokens):
    for skip_set in (SkipSet(), SkipSet((2, 4), (3,))):
        ids = swift_ids(tiny_target, PROMPT, max_new_tokens, skip_set, confidence_threshold=0)
        assert ids == long_text[:max_new_tokens]
    assert (
        VanillaDecoder(tiny_target).generate(PROMPT, max_new_tokens=max_new_tokens).token_ids
        == long_text[:max_new_tokens]
    )


@settings(max_examples=15)
@given(place=st.integers(0, 30), mlp=SUBLAYERS, max_draft_tokens=st.integers(1, 12))
def test_text_ends_with_an_eos_wherever_the_draft_meets_it(
    tiny_target, long_text, place, mlp, max_draft_tokens
):
    config = tiny_target.model.generation_config
    usual = config.eos_token_id
    config.eos_token_id = long_text[place]
    try:
        ids = swift_ids(
            tiny_target, PROMPT, 60, SkipSet((), mlp), max_draft_tokens=max_draft_tokens, confidence_threshold=0
        )
        assert ids == generate_greedily(tiny_target, tiny_target.encode(PROMPT), 60)
        assert ids == VanillaDecoder(tiny_target).generate(PROMPT, max_new_tokens=60).token_ids
    finally:
        config.eos_token_id = usual
    assert ids == long_text[: long_text.index(long_text[place]) + 1]


@pytest.mark.parametrize("skip_ratio", [0, 0.2])
def test_the_first_of_several_eos_ids_ends_the_text(with_eos, long_text, skip_ratio):
    target = with_eos([299, long_text[25], long_text[11], long_text[40]])
    ids = swift_ids(target, PROMPT, 60, skip_ratio=skip_ratio)
    assert ids == generate_greedily(target, target.encode(PROMPT), 60)
    assert ids[-1] in target.eos_ids
    assert not target.eos_ids & set(ids[:-1])


def test_eos_as_the_very_last_allowed_token_counts_as_end_of_text(with_eos, long_text):
    place = long_text.index(long_text[9])
    target = with_eos(long_text[9])
    for decoder in (
        VanillaDecoder(target),
        SwiftDecoder(target, eager_config(skip_ratio=0, search=NO_SEARCH, confidence_threshold=0)),
    ):
        generation = decoder.generate(PROMPT, max_new_tokens=place + 1)
        assert generation.token_ids == long_text[: place + 1]
        assert generation.trace.events[-1].stop_reason == "end of text"


def test_an_eos_that_is_drafted_but_wrong_does_not_end_the_text(tiny_target, with_eos, long_text):
    skip_set = SkipSet.uniform(NUM_LAYERS, 0.3)
    config = eager_config(skip_ratio=0.3, confidence_threshold=0, search=NO_SEARCH)
    events = SwiftDecoder(tiny_target, config, skip_set).generate(PROMPT, max_new_tokens=60).trace.events
    drafted = {i for e in events if hasattr(e, "confidences") for i in e.token_ids}
    never_said = sorted(drafted - set(long_text))
    assert never_said
    assert swift_ids(with_eos(never_said), PROMPT, 60, skip_set, confidence_threshold=0) == long_text[:60]


@pytest.mark.parametrize("search", [NO_SEARCH, EAGER_SEARCH])
def test_a_prompt_of_one_token(tiny_target, search):
    ids = swift_ids(tiny_target, [7], 30, search=search)
    assert ids == generate_greedily(tiny_target, [7], 30)
    assert ids == VanillaDecoder(tiny_target).generate([7], max_new_tokens=30).token_ids


@pytest.mark.parametrize("length", [512, 513, 514, 700, 1300])
def test_a_prompt_longer_than_one_chunk(tiny_target, length):
    rng = random.Random(length)
    prompt = [rng.randrange(2, 300) for _ in range(length)]
    expected = generate_greedily(tiny_target, prompt, 12)
    assert VanillaDecoder(tiny_target).generate(prompt, max_new_tokens=12).token_ids == expected
    assert swift_ids(tiny_target, prompt, 12, search=EAGER_SEARCH, skip_ratio=0.3) == expected


def test_a_text_that_fills_the_whole_context(tiny_target):
    prompt = [2 + i % 290 for i in range(tiny_target.max_context - 20)]
    expected = generate_greedily(tiny_target, prompt, 20)
    assert swift_ids(tiny_target, prompt, 20, confidence_threshold=0) == expected


@pytest.mark.parametrize("search", [NO_SEARCH, eager_search(max_time_share=1.0, min_context=8)])
def test_the_demo_model_gives_the_text_of_generate(demo_target, search):
    for prompt in ("Anna has 3 apples and", "def add(", "The"):
        expected = generate_greedily(demo_target, demo_target.encode(prompt), 40)
        assert VanillaDecoder(demo_target).generate(prompt, max_new_tokens=40).token_ids == expected
        assert swift_ids(demo_target, prompt, 40, confidence_threshold=0.6, search=search) == expected
