"""``model.generate(custom_generate=swift_generate)`` gives what ``model.generate`` gives."""

from __future__ import annotations

import inspect
import threading
import warnings

import pytest
import torch
from support.generating import PROMPT_IDS, WAIT_S, Listener, plain, swift
from support.models import random_model, tiny_sizes
from transformers import (
    DynamicCache,
    LlamaConfig,
    LogitsProcessor,
    NoRepeatNGramLogitsProcessor,
    StaticCache,
    StoppingCriteria,
    StopStringCriteria,
    TextIteratorStreamer,
    set_seed,
)

from swift_demo import (
    GenerationFinished,
    GenerationStarted,
    SamplingConfig,
    SwiftConfig,
    SwiftGenerate,
    on,
    swift_generate,
)


class Forbid(LogitsProcessor):
    """Rules out one token, and every third time another."""

    def __init__(self, *token_ids):
        self.token_ids = token_ids
        self.calls = []

    def __call__(self, input_ids, scores):
        self.calls.append(input_ids[0].tolist())
        scores[:, self.token_ids[0]] = -torch.inf  # in place, as some do
        if len(self.calls) % 3 == 0:
            scores[:, self.token_ids[1]] = -torch.inf
        return scores


class Enough(StoppingCriteria):
    """Ends the text at its second token of a kind."""

    def __init__(self, is_of_kind):
        self.is_of_kind = is_of_kind
        self.calls = []

    def __call__(self, input_ids, scores, **_):
        self.calls.append(input_ids[0].tolist())
        num = sum(map(self.is_of_kind, input_ids[0, PROMPT_IDS.shape[1] :].tolist()))
        return torch.tensor([num >= 2])


@pytest.fixture(scope="module")
def model(tiny_target):
    return tiny_target.model


@pytest.fixture(scope="module")
def text(model):
    return plain(model, max_new_tokens=40)[PROMPT_IDS.shape[1] :]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"max_length": 12},
        {"max_new_tokens": 1},
        {"repetition_penalty": 1.4},
        {"no_repeat_ngram_size": 1, "suppress_tokens": [5, 6]},
        {"forced_eos_token_id": 9, "max_new_tokens": 9},
        {"bad_words_ids": [[7], [40, 41]], "exponential_decay_length_penalty": (5, 1.5)},
        {"guidance_scale": 1.5},
        {"prefix_allowed_tokens_fn": lambda _, ids: list(range(2 + len(ids) % 3, 300, 3))},
    ],
    ids=str,
)
def test_greedy_ids_are_those_of_generate(model, arguments):
    arguments = {"max_new_tokens": None if "max_length" in arguments else 40} | arguments
    assert swift(model, **arguments) == plain(model, **arguments)


def test_several_eos_ids_and_a_least_number_of_tokens(model, text):
    eos = [text[4], text[9], 299]
    for arguments in ({}, {"min_new_tokens": 8}, {"min_new_tokens": 8, "repetition_penalty": 1.2}):
        arguments |= {"eos_token_id": eos, "max_new_tokens": 40}
        ids = swift(model, **arguments)
        assert ids == plain(model, **arguments)
    assert len(swift(model, eos_token_id=eos, max_new_tokens=40)) == PROMPT_IDS.shape[1] + 5


def test_without_an_eos_the_models_own_does_not_end_the_text(model, text, monkeypatch):
    monkeypatch.setattr(model.generation_config, "eos_token_id", text[3])
    config = model.generation_config.__class__(max_new_tokens=20)
    config.eos_token_id = text[6]
    assert swift(model, generation_config=config) == plain(model, generation_config=config)
    assert len(swift(model, max_new_tokens=20)) == PROMPT_IDS.shape[1] + 4


def test_a_users_processor_is_called_as_generate_calls_it(model, text):
    answers = []
    for decode in (plain, swift):
        processor = Forbid(text[2], text[8])
        ids = decode(model, max_new_tokens=30, logits_processor=[processor, NoRepeatNGramLogitsProcessor(2)])
        answers.append((ids, processor.calls))
    assert answers[0] == answers[1]
    assert answers[0][0] != plain(model, max_new_tokens=30)


def test_a_users_stopping_criterion_is_asked_token_by_token(model):
    answers = []
    for decode in (plain, swift):
        criterion = Enough(lambda token: token % 7 == 3)
        ids = decode(model, max_new_tokens=60, stopping_criteria=[criterion])
        answers.append((ids, criterion.calls))
    assert answers[0] == answers[1]
    assert len(answers[0][0]) < PROMPT_IDS.shape[1] + 60


@pytest.mark.parametrize("prompt", ["Anna has 3 apples and", "def add("])
def test_the_demo_model_gives_the_text_of_generate(demo_target, prompt):
    model, tokenizer = demo_target.model, demo_target.tokenizer
    ids = tokenizer(prompt, return_tensors="pt").input_ids
    criterion = StopStringCriteria(tokenizer, [". ", "\n\n"])
    for arguments in ({"repetition_penalty": 1.2}, {"stopping_criteria": [criterion]}):
        expected = plain(model, ids, max_new_tokens=25, **arguments)
        assert swift(model, ids, swift_config=SwiftConfig(), max_new_tokens=25, **arguments) == expected


def test_sampling_settings_and_seed_come_from_the_generation_config(model):
    started = []
    arguments = {
        "do_sample": True,
        "temperature": 0.7,
        "top_k": 20,
        "top_p": 0.9,
        "max_new_tokens": 15,
        "callbacks": [on(GenerationStarted, started.append)],
        "method": SwiftGenerate(),
    }
    texts = []
    for seed in (1, 1, 2):
        set_seed(seed)
        texts.append(swift(model, **arguments | {"method": SwiftGenerate()}))
    assert texts[0] == texts[1] != texts[2]
    seen = started[0].sampling
    assert seen == SamplingConfig(0.7, 0.9, 20, seen.seed)


@pytest.mark.parametrize(
    "arguments", [{"top_k": 1}, {"min_p": 1.0}, {"top_p": 1e-6, "typical_p": 0.9}], ids=str
)
def test_sampling_that_leaves_one_token_gives_the_greedy_text(model, arguments):
    sampled = swift(model, do_sample=True, max_new_tokens=30, **arguments)
    assert sampled == plain(model, max_new_tokens=30)


def test_a_streamer_gets_the_prompt_then_every_token_then_the_end(model):
    listeners, at_the_end = [Listener(), Listener()], []
    ids = plain(model, max_new_tokens=20, streamer=listeners[0])
    swift(
        model,
        max_new_tokens=20,
        streamer=listeners[1],
        callbacks=[on(GenerationFinished, lambda _: at_the_end.append(len(listeners[1].heard)))],
    )
    assert listeners[0].heard == listeners[1].heard
    assert listeners[1].heard == [PROMPT_IDS[0].tolist(), *([i] for i in ids[PROMPT_IDS.shape[1] :]), "end"]
    assert at_the_end == [21], "all tokens are there before the end"


def test_text_can_be_read_from_a_streamer_while_it_is_written(demo_target):
    streamer = TextIteratorStreamer(demo_target.tokenizer, skip_prompt=True, timeout=WAIT_S)
    ids = demo_target.tokenizer("Anna has", return_tensors="pt").input_ids
    writer = threading.Thread(
        target=swift, args=(demo_target.model, ids), kwargs={"max_new_tokens": 20, "streamer": streamer}
    )
    writer.start()
    text = "".join(streamer)
    writer.join(WAIT_S)
    expected = plain(demo_target.model, ids, max_new_tokens=20)[ids.shape[1] :]
    assert text == demo_target.tokenizer.decode(expected)


def test_an_output_object_holds_the_sequences(model):
    output = model.generate(
        PROMPT_IDS,
        max_new_tokens=10,
        do_sample=False,
        return_dict_in_generate=True,
        custom_generate=swift_generate,
    )
    assert output.sequences[0].tolist() == plain(model, max_new_tokens=10)
    assert not output.sequences.is_inference()


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        ({"input_ids": PROMPT_IDS.repeat(2, 1)}, "call generate for each prompt"),
        ({"do_sample": True, "num_return_sequences": 2}, "num_return_sequences=1"),
        ({"num_beams": 2}, "num_beams=1"),
        ({"prompt_lookup_num_tokens": 3}, "assisted generation"),
        ({"return_dict_in_generate": True, "output_scores": True}, "leave out output_scores"),
        ({"attention_mask": torch.tensor([[0, 1, 1, 1, 1]])}, "leave out the padding"),
        ({"position_ids": torch.arange(5)[None] + 3}, "leave out position_ids"),
        ({"inputs_embeds": torch.zeros(1, 5, 32)}, "no use for inputs_embeds"),
    ],
)
def test_what_cannot_be_done_is_refused_with_advice(model, arguments, advice):
    with pytest.raises(ValueError, match=advice):
        swift(model, **{"input_ids": PROMPT_IDS, "max_new_tokens": 5} | arguments)


@pytest.mark.parametrize("name", ["cache", "past_key_values"])
@pytest.mark.parametrize("make", [DynamicCache, lambda: filled_cache(), lambda: StaticCache(LlamaConfig(), 64)])
def test_a_cache_that_the_user_gives_is_refused_under_either_name(model, name, make):
    if name not in inspect.signature(model.forward).parameters and name == "cache":
        pytest.skip("this transformers knows the other name only")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of the old name
        with pytest.raises(ValueError, match=r"SWIFT keeps a cache of its own; .* leave out (cache|past_key)"):
            swift(model, max_new_tokens=5, **{name: make()})


@pytest.mark.parametrize(
    "arguments",
    [{}, {"use_cache": False}, {"cache_implementation": "static"}, {"cache": None}, {"past_key_values": None}],
    ids=str,
)
def test_the_cache_that_generate_makes_is_none_of_the_users(model, text, arguments):
    if "cache" in arguments and "cache" not in inspect.signature(model.forward).parameters:
        pytest.skip("this transformers knows the other name only")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        assert swift(model, max_new_tokens=5, **arguments)[PROMPT_IDS.shape[1] :] == text[:5]


def filled_cache():
    cache = DynamicCache()
    cache.update(torch.zeros(1, 2, 3, 8), torch.zeros(1, 2, 3, 8), 0)
    return cache


def test_an_assistant_is_refused_rather_than_ignored(model):
    with pytest.raises(ValueError, match="leave out assistant_model"):
        swift(model, max_new_tokens=5, assistant_model=model)


def test_a_text_ends_where_the_models_context_does():
    model = random_model(LlamaConfig(**tiny_sizes(max_position_embeddings=32, eos_token_id=None)))
    finished = []
    ids = swift(model, max_new_tokens=5000, callbacks=[on(GenerationFinished, finished.append)])
    assert ids == plain(model, max_length=32)
    assert finished[0].stop_reason == "context full"
    assert swift(model, max_length=32) == ids
