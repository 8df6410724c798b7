"""What a model's own generation config says about logits holds at all entrances, or is refused by name."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections import Counter

import pytest
import torch
from support.distributions import DRAFT_SET, PROMPT, VOCAB_SIZE, noise_bound, tables, total_variation
from support.doubles import NO_SEARCH, TableTarget, ids_of, swift_config
from support.generating import CONFIG, PROMPT_IDS, plain, swift
from support.models import save_random_model
from transformers import (
    GenerationConfig,
    LogitsProcessorList,
    MinPLogitsWarper,
    NoRepeatNGramLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopPLogitsWarper,
)

from swift_demo import (
    GenerationStarted,
    RoundVerified,
    SamplingConfig,
    SwiftDecoder,
    VanillaDecoder,
    load_target,
    on,
)
from swift_demo.decoding import generation_settings
from swift_demo.decoding.generation_settings import KNOWN
from swift_demo.decoding.model_processors import follow_model
from swift_demo.decoding.request import Hooks, Request

NUM_TOKENS = 24
QUICK = dataclasses.replace(CONFIG, search=NO_SEARCH)
DECODERS = {"vanilla": VanillaDecoder, "swift": lambda target: SwiftDecoder(target, QUICK)}


@pytest.fixture
def config(tiny_target, monkeypatch):
    """Sets what the tiny model's own generation config says."""
    own = GenerationConfig(**tiny_target.model.generation_config.to_dict())
    monkeypatch.setattr(tiny_target.model, "generation_config", own)

    def say(**settings):
        for name, value in settings.items():
            setattr(own, name, value)

    return say


@pytest.fixture(scope="module")
def text(tiny_target):
    """What the model says where its config says nothing."""
    return said(tiny_target.model)


def said(model, **arguments):
    return plain(model, max_new_tokens=NUM_TOKENS, **arguments)[PROMPT_IDS.shape[1] :]


def at_all_entrances(target):
    """The new ids at each, greedily."""
    ids = {
        name: list(make(target).generate(PROMPT_IDS[0].tolist(), max_new_tokens=NUM_TOKENS).token_ids)
        for name, make in DECODERS.items()
    }
    by_generate = swift(target.model, max_new_tokens=NUM_TOKENS, swift_config=QUICK)
    return ids | {"swift_generate": by_generate[PROMPT_IDS.shape[1] :]}


def the_same(ids):
    return dict.fromkeys((*DECODERS, "swift_generate"), ids)


SETTINGS = {
    "repetition_penalty": lambda text: {"repetition_penalty": 1.3},
    "no_repeat_ngram_size": lambda text: {"repetition_penalty": 0.7, "no_repeat_ngram_size": 3},
    "suppress_tokens": lambda text: {"suppress_tokens": [text[2], text[9]]},
    "begin_suppress_tokens": lambda text: {"begin_suppress_tokens": [text[0]]},
    "bad_words_ids": lambda text: {"bad_words_ids": [[text[1]], [text[0], text[3]], text[4:6]]},
    "min_new_tokens": lambda text: {"eos_token_id": [text[5], text[8]], "min_new_tokens": 20},
    "min_length": lambda text: {"eos_token_id": text[5], "min_length": 20},
    "forced_eos_token_id": lambda text: {"forced_eos_token_id": 9},
    "exponential decay": lambda text: {"eos_token_id": 7, "exponential_decay_length_penalty": (4, 1.6)},
    "sequence_bias": lambda text: {"sequence_bias": [[[text[3]], -9.0], [[text[0], 17], 30.0]]},
    "of the prompt": lambda text: {"encoder_repetition_penalty": 20.0, "encoder_no_repeat_ngram_size": 2},
    "a watermark": lambda text: {"watermarking_config": {"bias": 6.0, "seeding_scheme": "lefthash"}},
    "many": lambda text: {
        "repetition_penalty": 1.2,
        "suppress_tokens": text[2:4],
        "eos_token_id": text[7],
        "min_new_tokens": 12,
        "no_repeat_ngram_size": 2,
        "bad_words_ids": [[5], [40, 41]],
        "remove_invalid_values": True,
        "renormalize_logits": True,
    },
}


@pytest.mark.parametrize("name", SETTINGS)
def test_greedy_ids_are_those_of_generate_at_all_entrances(tiny_target, config, text, name):
    settings = vars(GenerationConfig(**SETTINGS[name](text)))
    config(**{key: value for key, value in settings.items() if value is not None})
    expected = said(tiny_target.model)
    assert at_all_entrances(tiny_target) == the_same(expected)
    assert expected != text, "the setting is seen in the text"


def test_a_setting_that_lies_beside_the_weights_is_followed(tmp_path, tokenizer):
    folder = save_random_model(tmp_path / "model", tokenizer)
    path = folder / "generation_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"repetition_penalty": 1.3}))
    target = load_target(folder, "cpu")
    expected = said(target.model)
    assert at_all_entrances(target) == the_same(expected)
    assert expected != said(target.model, repetition_penalty=1.0)


@pytest.mark.parametrize(
    "settings",
    [
        {"do_sample": True, "temperature": 0.7, "top_p": 0.8, "top_k": 20, "repetition_penalty": 1.0},
        {"do_sample": True, "temperature": 0.6, "top_p": 0.9, "max_length": 4096},
        {"do_sample": True, "top_k": 64, "top_p": 0.95, "cache_implementation": "hybrid", "num_beams": 3},
        {"min_length": 0, "no_repeat_ngram_size": 0, "typical_p": 1.0, "guidance_scale": 1.0},
    ],
    ids=["as in Qwen 2.5", "as in Llama 3", "as in Gemma", "all that does nothing"],
)
def test_how_tokens_are_chosen_is_the_callers_and_what_does_nothing_costs_nothing(
    tiny_target, config, text, settings
):
    config(**settings)
    for sampling in (SamplingConfig(), SamplingConfig(temperature=0.9, top_k=5, seed=4)):
        request = Request([3, 4], 9, sampling, (), None, Hooks(), wants_alternatives=True)
        assert follow_model(tiny_target, request, [3, 4]) == request
    for make in DECODERS.values():
        assert (
            list(make(tiny_target).generate(PROMPT_IDS[0].tolist(), max_new_tokens=NUM_TOKENS).token_ids)
            == text
        )


@pytest.mark.parametrize(
    ("name", "value"),
    [("guidance_scale", 1.5), ("token_healing", True), ("max_time", 2.0), ("future_penalty", 3)],
)
@pytest.mark.parametrize("decoder", DECODERS)
def test_what_cannot_be_followed_is_refused_by_name(tiny_target, config, monkeypatch, decoder, name, value):
    config(**{name: value})
    if name == "future_penalty":  # a setting that a later transformers knows
        monkeypatch.setattr(generation_settings.hf, "GenerationConfig", lambda: TellsMore(name))
    advice = rf"asks for {name}={value}, .*; set model\.generation_config\.{name} = None"
    with pytest.raises(ValueError, match=advice):
        DECODERS[decoder](tiny_target).generate([3, 4], max_new_tokens=5)


class TellsMore:
    """A generation config that knows one setting more."""

    def __init__(self, name):
        vars(self).update(vars(GenerationConfig()) | {name: None})


def test_a_wrong_value_is_named(tiny_target, config):
    config(bad_words_ids=[])
    with pytest.raises(ValueError, match="generation config has a wrong bad_words_ids"):
        VanillaDecoder(tiny_target).generate([3, 4], max_new_tokens=5)


def test_every_setting_of_this_transformers_is_known():
    assert {name for name in vars(GenerationConfig()) if not name.startswith("_")} <= KNOWN


def test_stop_strings_of_the_model_end_the_text_beside_the_callers(demo_target, monkeypatch):
    own = GenerationConfig(**demo_target.model.generation_config.to_dict())
    decoder = VanillaDecoder(demo_target)
    expected = decoder.generate("Anna has", max_new_tokens=40, stop=[" and", "."])
    monkeypatch.setattr(demo_target.model, "generation_config", own)
    own.stop_strings = [" and"]
    ended = decoder.generate("Anna has", max_new_tokens=40, stop=["."])
    assert ended.token_ids == expected.token_ids
    assert ended.trace.events[-1].stop_reason == "stop string"


SAMPLING = SamplingConfig(temperature=0.8, top_p=0.95)
SAMPLED_TOKENS = 3
SAMPLED = {
    "only on logits": (
        {"repetition_penalty": 1.6, "no_repeat_ngram_size": 1},
        [RepetitionPenaltyLogitsProcessor(1.6), NoRepeatNGramLogitsProcessor(1)],
        [],
    ),
    "also behind top-p": (
        {"repetition_penalty": 1.6, "min_p": 0.25},
        [RepetitionPenaltyLogitsProcessor(1.6)],
        [MinPLogitsWarper(0.25)],
    ),
}


def exact_probabilities(table, first, last):
    """Probability of every text, by transformers' processors in generate's order."""
    chain = LogitsProcessorList(
        [*first, TemperatureLogitsWarper(SAMPLING.temperature), TopPLogitsWarper(SAMPLING.top_p), *last]
    )
    probs = {}
    for text in itertools.product(range(VOCAB_SIZE), repeat=SAMPLED_TOKENS):
        prob, ids = 1.0, list(PROMPT)
        for token in text:
            row = table[(len(ids) - 1) % len(table)][ids[-1]]
            prob *= float(chain(torch.tensor([ids]), row[None].clone()).softmax(-1)[0, token])
            ids.append(token)
        probs[text] = prob
    return probs


@pytest.mark.parametrize("name", SAMPLED)
def test_sampled_text_follows_the_distribution_of_generate(name):
    settings, first, last = SAMPLED[name]
    table, draft = tables()
    target, counts, num_draws = TableTarget(table, draft), Counter(), 250
    target.generation_config = GenerationConfig(**settings)
    decoder = SwiftDecoder(target, swift_config(confidence_threshold=0.0, max_draft_tokens=4), DRAFT_SET)
    for seed in range(num_draws):
        events = decoder.stream(
            PROMPT, max_new_tokens=SAMPLED_TOKENS, sampling=dataclasses.replace(SAMPLING, seed=seed)
        )
        counts[ids_of(events, "swift")] += 1
    probs = exact_probabilities(table, first, last)
    assert total_variation(counts, probs) < noise_bound(probs, num_draws)
    assert all(probs[text] > 0 for text in counts)


@pytest.mark.parametrize("decoder", DECODERS)
def test_events_tell_the_sampling_that_was_asked_for(tiny_target, config, decoder):
    config(min_p=0.1)
    started = []
    DECODERS[decoder](tiny_target).generate(
        [3, 4], max_new_tokens=5, sampling=SAMPLING, callbacks=[on(GenerationStarted, started.append)]
    )
    assert started[0].sampling == SAMPLING


@pytest.mark.parametrize("sampling", [SamplingConfig(), SAMPLING], ids=["greedy", "sampled"])
def test_the_inspector_is_told_the_probabilities_that_decided(tiny_target, config, text, sampling):
    banned = text[:4]
    config(suppress_tokens=banned, repetition_penalty=1.3)
    chain = dataclasses.replace(QUICK, tree_levels=())
    told, untold = (
        [
            event
            for event in SwiftDecoder(tiny_target, chain).stream(
                PROMPT_IDS[0].tolist(),
                max_new_tokens=NUM_TOKENS,
                sampling=sampling,
                wants_alternatives=is_asked,
            )
            if isinstance(event, RoundVerified)
        ]
        for is_asked in (True, False)
    )
    assert [event.token_ids for event in told] == [event.token_ids for event in untold]
    assert all(event.alternatives for event in told)
    for place in (place for event in told for place in event.alternatives):
        for probs in (place.target_probs, place.draft_probs):
            assert not any(prob for i, prob in zip(place.token_ids, probs, strict=False) if i in banned)
    if sampling.is_greedy:
        for event in told:
            for token, place in zip(event.token_ids, event.alternatives, strict=False):
                assert place.token_ids[0] == token, "what was chosen is the likeliest"


def test_hooks_of_a_caller_come_behind_those_of_the_model(tiny_target, config):
    seen = []

    def look(ids, logits):
        seen.append(logits[0, ids[0]].item())
        return logits

    for penalty in (None, 1.3):
        config(repetition_penalty=penalty)
        list(VanillaDecoder(tiny_target).stream([3, 4], max_new_tokens=1, hooks=Hooks(process=look)))
    own, penalised = seen
    assert penalised == pytest.approx(own / 1.3 if own > 0 else own * 1.3)
