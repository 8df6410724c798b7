"""A prompt is read as it is meant, or refused in a sentence; ids that end a text are ``generate``'s."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from support.models import BEGIN, END, byte_tokenizer, generate_greedily
from support.spelled import PanicException, Wrapped, spelled_tokenizer
from tokenizers import Tokenizer, normalizers, processors
from transformers import PreTrainedTokenizerFast

from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.model.families import UnsupportedModelError
from swift_demo.model.prompts import PromptError
from swift_demo.model.target import Target

TEXT = "Anna draws the longer straw"


def target_with(tiny_target, tokenizer):
    """The same model with another tokenizer."""
    return Target(tiny_target.model, tokenizer, "other")


def framed(template):
    """The byte-level tokenizer with another template around texts."""
    tokenizer = byte_tokenizer()
    specials = [(name, tokenizer.convert_tokens_to_ids(name)) for name in (BEGIN, END)]
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single=template, special_tokens=specials
    )
    return tokenizer


@pytest.fixture
def text_ids(tokenizer):
    return tuple(tokenizer(TEXT, add_special_tokens=False).input_ids)


class TestSpecialTokens:
    """What a tokenizer adds to a text stands before it, once."""

    def test_a_text_that_begins_with_it_has_it_once(self, tiny_target, text_ids):
        begin, end = tiny_target.tokenizer.convert_tokens_to_ids([BEGIN, END])
        assert tiny_target.encode(TEXT) == (begin, *text_ids)
        assert tiny_target.encode(BEGIN + TEXT) == (begin, *text_ids)
        assert tiny_target.encode(BEGIN) == tiny_target.encode("") == (begin,)
        assert tiny_target.encode(TEXT + BEGIN) == (begin, *text_ids, begin)
        assert tiny_target.encode(END + BEGIN + TEXT) == (begin, end, begin, *text_ids)

    def test_a_rendered_chat_template_is_read_as_its_ids(self, tiny_target):
        tokenizer = byte_tokenizer()
        said = "{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}"
        tokenizer.chat_template = "{{ bos_token }}" + said
        messages = [{"role": "user", "content": TEXT}, {"role": "assistant", "content": "Why?"}]
        rendered = tokenizer.apply_chat_template(messages, tokenize=False)
        ids = tokenizer.apply_chat_template(messages, return_dict=False)
        assert target_with(tiny_target, tokenizer).encode(rendered) == tuple(ids)

    def test_the_continuation_of_a_rendered_text_is_that_of_the_text(self, tiny_target):
        decoder = VanillaDecoder(tiny_target)
        assert (
            decoder.generate(BEGIN + TEXT, max_new_tokens=12).token_ids
            == decoder.generate(TEXT, max_new_tokens=12).token_ids
        )

    @pytest.mark.parametrize(
        ("template", "before"),
        [(f"{BEGIN} $A {END}", BEGIN), (f"$A {END}", ""), (f"{BEGIN} {END} $A {END}", BEGIN + END), ("$A", "")],
    )
    def test_nothing_is_added_behind_a_text_that_is_to_go_on(self, tiny_target, text_ids, template, before):
        tokenizer = framed(template)
        target = target_with(tiny_target, tokenizer)
        before = tuple(tokenizer(before, add_special_tokens=False).input_ids)
        end = tokenizer.convert_tokens_to_ids(END)
        assert target.encode(TEXT) == (*before, *text_ids)
        assert target.encode(tokenizer.decode(before) + TEXT) == (*before, *text_ids)
        assert target.encode(TEXT + END) == (*before, *text_ids, end), "what the text itself says stays"

    def test_ids_are_taken_as_they_are(self, tiny_target):
        for ids in ([0, 0, 5, 1], (0, 5), range(3), np.array([0, 0, 7]), torch.tensor([0, 0, 7])):
            assert tiny_target.encode(ids) == tuple(int(i) for i in ids)


class TestRefusals:
    """What cannot be read is said in one sentence that names the prompt."""

    @pytest.mark.parametrize(
        ("prompt", "message"),
        [
            ("\ud800", r"character 1 of the prompt is half of one, '\\ud800'; delete it"),
            ("Anna \udfff draws", "character 6 of the prompt is half of one"),
            ("\ude42\ud83d", "character 1 of the prompt is half of one"),
            (7, "the prompt is of type int; give text or a list of token ids"),
            (b"Anna", "the prompt is of type bytes"),
            ([1.5], "the prompt's token ids must be whole numbers, in one list"),
            (["Anna"], "the prompt's token ids must be whole numbers"),
            ({"input_ids": [1]}, "the prompt's token ids must be whole numbers"),
            (torch.tensor([[1, 2]]), "the prompt's token ids must be whole numbers, in one list"),
            (torch.tensor(3), "the prompt is of type Tensor"),
            ([-1], "token id -1 is not in the vocabulary of 300"),
            ([300], "token id 300 is not in the vocabulary of 300"),
            ([], "the prompt is empty"),
        ],
        ids=repr,
    )
    def test_what_is_no_prompt(self, tiny_target, prompt, message):
        with pytest.raises(PromptError, match=message) as caught:
            tiny_target.encode(prompt)
        assert len(str(caught.value).splitlines()) == 1
        with pytest.raises(PromptError, match=message):
            VanillaDecoder(tiny_target).generate(prompt, max_new_tokens=5)

    @pytest.mark.parametrize(
        "text", ["\0", "a\0b", "\ufffe\uffff", "\u2028", "\ufeff", "🙂" * 300, " ", "\ud7ff\ue000"], ids=ascii
    )
    def test_every_other_text_is_read(self, tiny_target, text):
        ids = tiny_target.encode(text)
        assert tiny_target.text_tokenizer.decode(ids) == text

    def test_a_text_longer_than_any_that_fits_is_not_even_read(self, tiny_target):
        calls = []
        tokenizer = byte_tokenizer()
        longest = max(map(len, tokenizer.get_vocab()))

        class Counting(Wrapped):
            def __call__(self, text, **options):
                calls.append(text)
                return tokenizer(text, **options)

        target = target_with(tiny_target, Counting(tokenizer))
        with pytest.raises(PromptError, match="20,480,000 characters, too many for 2048 tokens; shorten"):
            target.encode("a" * 20_480_000)
        assert calls == []
        fits = "a" * target.max_context + "b" * (target.max_context * (longest - 1))
        target.encode(fits)
        assert calls == [fits]

    def test_nothing_is_warned_about_a_text_that_the_tokenizer_calls_long(self, tiny_target, recwarn, caplog):
        tokenizer = byte_tokenizer()
        tokenizer.model_max_length = 4
        target_with(tiny_target, tokenizer).encode(TEXT)
        assert not recwarn.list and not caplog.records

    def test_a_tokenizer_that_fails_or_panics(self, tiny_target):
        for error, said in (
            (PanicException("out of bounds"), "TokenizerError: the tokenizer panicked: out of bounds"),
            (ValueError("first\nsecond"), "ValueError: first"),
            (RuntimeError(), "RuntimeError"),
        ):

            class Failing(Wrapped):
                def __call__(self, text, error=error, **options):
                    raise error

            with pytest.raises(PromptError) as caught:
                target_with(tiny_target, Failing(byte_tokenizer())).encode(TEXT)
            assert str(caught.value).startswith(f"the tokenizer cannot read the prompt ({said}")
            assert len(str(caught.value).splitlines()) == 1

    def test_a_tokenizer_that_really_panics(self, tiny_target):
        tokenizer = byte_tokenizer()
        tokenizer.backend_tokenizer.normalizer = normalizers.Precompiled(b"\x01\0\0\0")
        with pytest.raises(PromptError, match="the tokenizer cannot read the prompt"):
            target_with(tiny_target, tokenizer).encode(TEXT)

    def test_a_tokenizer_without_a_token_for_the_unknown(self, tiny_target):
        backend = spelled_tokenizer(["a", "b"])
        backend.model.unk_token = "[UNK]"
        target = target_with(tiny_target, PreTrainedTokenizerFast(tokenizer_object=backend))
        with pytest.raises(PromptError, match="cannot read the prompt"):
            target.encode("東京")

    @pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
    def test_an_interrupt_is_no_failure_of_the_tokenizer(self, tiny_target, error):
        class Interrupted(Wrapped):
            def __call__(self, text, **options):
                raise error

        with pytest.raises(error):
            target_with(tiny_target, Interrupted(byte_tokenizer())).encode(TEXT)


class TestTokenizersOfTargets:
    """A target made by hand says what tokenizer it needs."""

    def test_a_slow_tokenizer_is_refused(self, tiny_target):
        class Slow:
            """Has no tokenizers object behind it."""

        with pytest.raises(UnsupportedModelError, match="Slow is a slow tokenizer; load a fast one"):
            target_with(tiny_target, Slow())

    def test_without_a_tokenizer_prompts_are_ids(self, tiny_target):
        target = target_with(tiny_target, None)
        assert target.encode([1, 2]) == (1, 2)
        with pytest.raises(PromptError, match="there is no tokenizer to read the prompt with; give token ids"):
            target.encode(TEXT)
        with pytest.raises(ValueError, match="this target has no tokenizer for text"):
            VanillaDecoder(target).generate([1, 2], max_new_tokens=3)
        assert list(VanillaDecoder(target).stream([1, 2], max_new_tokens=3))

    def test_a_fast_one_turns_ids_into_text(self, tiny_target):
        assert isinstance(tiny_target.text_tokenizer, Tokenizer)


class TestEndsOfText:
    """The ids that end a text are those that ``generate`` ends at."""

    @pytest.fixture
    def target(self, tiny_target):
        """The tiny model with configurations of its own to change."""
        model = copy.copy(tiny_target.model)
        model.config = copy.deepcopy(model.config)
        model.generation_config = copy.deepcopy(model.generation_config)
        return Target(model, tiny_target.tokenizer, "copied")

    @pytest.mark.parametrize(
        ("eos", "ids"), [(7, {7}), ([7, 9], {7, 9}), ((7,), {7}), (None, set()), ([], set())]
    )
    def test_one_several_or_none(self, target, eos, ids):
        target.model.generation_config.eos_token_id = eos
        assert target.eos_ids == ids

    def test_a_configuration_that_knows_of_none(self, target):
        target.model.generation_config = None
        target.model.config = SimpleNamespace(get_text_config=lambda decoder: SimpleNamespace())
        assert target.eos_ids == frozenset()
        del target.model.generation_config
        target.model.config = SimpleNamespace(get_text_config=lambda decoder: SimpleNamespace(eos_token_id=3))
        assert target.eos_ids == {3}

    def test_without_one_a_text_goes_on_as_that_of_generate(self, target):
        own, model = VanillaDecoder(target), target.model
        model.generation_config.eos_token_id = None
        ids = own.generate(TEXT, max_new_tokens=30).token_ids
        for eos in (None, ids[5]):
            model.config.eos_token_id = eos
            assert own.generate(TEXT, max_new_tokens=30).token_ids == ids
            assert generate_greedily(target, target.encode(TEXT), 30) == ids
