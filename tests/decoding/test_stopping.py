"""A text ends with the token that completes a stop string, or within one round of being cancelled."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.doubles import NO_SEARCH, ScriptedTarget, eager_config, finish_of, ids_of, swift_config
from support.spelled import ids_of_names, spelled_tokenizer

from swift_demo.config import PAPER_TREE, SamplingConfig
from swift_demo.decoding.race import Race
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import RoundVerified, TokensDrafted, on
from swift_demo.model.prompts import PromptError
from swift_demo.skip_set import SkipSet

PROMPT = "Anna said: "
TEXT = "the café in 東京 is naïve.\n\nAnd 🙂🚀 go on. The end, or not"
END = "<|im_end|>"
WAIT_S = 60


class Speaker(ScriptedTarget):
    """Says TEXT; every fifth drafted token is wrong."""

    def __init__(self, tokenizer):
        self.prompt_ids = tokenizer(PROMPT).input_ids
        self.answer_ids = tokenizer(TEXT, add_special_tokens=False).input_ids
        text = [*self.prompt_ids, *self.answer_ids]
        super().__init__(text, {place: (5, 0.9) for place in range(3, len(text), 5)})
        self.vocab_size = 300


class SpelledSpeaker(ScriptedTarget):
    """Says tokens by their names, END being special and <tool> an added one; drafts go on past every stop."""

    def __init__(self, *names, **others):
        plain = ["a", "b", "<|im", "_end|>", "▁c", "\n", "<0xC3>", "<0xA9>"]
        tokenizer = spelled_tokenizer(plain, special=[END, "<|other|>"], added=["<tool>"])
        self.answer_ids = ids_of_names(tokenizer, *names)
        super().__init__([0, *self.answer_ids, *[1] * 8], **others)
        self.text_tokenizer = tokenizer


@pytest.fixture(scope="module")
def speaker(tokenizer):
    return Speaker(tokenizer)


def decoders(target):
    config = swift_config(confidence_threshold=0.0, max_draft_tokens=4)
    return VanillaDecoder(target), SwiftDecoder(target, config, SkipSet((1, 2), (2,)))


def length_at(target, *strings):
    """How many tokens of the answer it takes to complete one of the strings."""
    for num in range(1, len(target.answer_ids) + 1):
        if any(string in target.tokenizer.decode(target.answer_ids[:num]) for string in strings):
            return num
    raise AssertionError(f"none of {strings} is in the text")


@given(start=st.integers(0, len(TEXT) - 1), length=st.integers(1, 12), other=st.integers(0, len(TEXT) - 1))
def test_text_ends_with_the_token_that_completes_a_stop_string(speaker, start, length, other):
    stop = (TEXT[start : start + length], TEXT[other:], "never said")
    num = length_at(speaker, *stop[:2])
    for decoder in decoders(speaker):
        events = list(decoder.stream(speaker.prompt_ids, max_new_tokens=len(speaker.answer_ids) + 1, stop=stop))
        assert ids_of(events, events[0].lane) == tuple(speaker.answer_ids[:num])
        assert finish_of(events).stop_reason == "stop string"
        assert finish_of(events).num_tokens == num


def test_stop_strings_that_span_tokens_are_among_those_tried(speaker):
    pieces = [speaker.tokenizer.decode([i]) for i in speaker.answer_ids]
    assert "." in pieces and "\n\n" not in pieces
    assert length_at(speaker, "東") - length_at(speaker, " in ") > 1, "a character is never one token here"


def test_the_text_of_a_generation_ends_with_the_stop_string(speaker):
    for decoder in decoders(speaker):
        generation = decoder.generate(speaker.prompt_ids, max_new_tokens=60, stop=["\n\n"])
        assert generation.text == "the café in 東京 is naïve.\n\n"


def test_one_string_stands_for_itself_not_for_its_letters(speaker):
    for decoder in decoders(speaker):
        assert (
            decoder.generate(speaker.prompt_ids, max_new_tokens=60, stop="in 東京").text == "the café in 東京"
        )


def test_stop_strings_in_the_prompt_or_begun_there_do_not_count(speaker):
    for decoder in decoders(speaker):
        generation = decoder.generate(speaker.prompt_ids, max_new_tokens=12, stop=("Anna", ": the"))
        assert len(generation.token_ids) == 12
        assert generation.trace.events[-1].stop_reason == "token limit"


def test_a_string_that_is_complete_at_the_token_limit_counts_as_stop_string(speaker):
    num = length_at(speaker, "naïve")
    for decoder in decoders(speaker):
        for limit, reason in ((num - 1, "token limit"), (num, "stop string")):
            events = list(decoder.stream(speaker.prompt_ids, max_new_tokens=limit, stop=("naïve",)))
            assert (finish_of(events).num_tokens, finish_of(events).stop_reason) == (limit, reason)


@pytest.mark.parametrize(
    ("names", "stop", "num", "text"),
    [
        (("a", END, "b"), END, 2, "a"),
        (("a", END, "\n", "b"), END + "\n", 3, "a\n"),
        (("a", END, "b", END, "\n"), END + "\n", 5, "ab\n"),
        (("a", "▁c", END, "b"), "c" + END, 3, "a c"),
        (("a", END, END, "b"), END + END, 3, "a"),
        (("a", END, "<|other|>", "b"), END + "<|other|>", 3, "a"),
        (("a", "<|other|>", END, "b"), "a" + END, 3, "a"),
        (("a", "<|im", "_end|>", "b"), END, 3, "a" + END),
        (("a", END, "b"), "ab", 3, "ab"),
        (("a", "<0xC3>", END, "<0xA9>", "b"), "é", 4, "aé"),
        (("a", "<tool>", "b"), "<tool>", 2, "a<tool>"),
        (("a", "<tool>", "b"), "a<to", 2, "a<tool>"),
        (("a", "<0xC3>", "<0xC3>", "<0xA9>", "b"), "é", 4, "a�é"),
        (("a", "<0xC3>", "b", "a"), "�b", 3, "a�b"),
    ],
    ids=repr,
)
def test_a_stop_string_may_name_special_tokens(names, stop, num, text):
    for decoder in decoders(SpelledSpeaker(*names)):
        generation = decoder.generate([0], max_new_tokens=len(names) + 4, stop=("never said", stop))
        assert generation.trace.events[-1].stop_reason == "stop string"
        assert (len(generation.token_ids), generation.text) == (num, text)


@pytest.mark.parametrize("stop", ["<|im", "end", "|>", END + "\n", "b" + END, END + "a", "<|other|>"])
def test_a_special_token_is_found_by_its_whole_name_only(stop):
    for decoder in decoders(SpelledSpeaker("a", END, "b", "\n")):
        generation = decoder.generate([0], max_new_tokens=4, stop=stop)
        assert (generation.trace.events[-1].stop_reason, generation.text) == ("token limit", "ab\n")


def test_a_special_token_that_ends_the_text_anyway_is_not_called_a_stop_string():
    target = SpelledSpeaker("a", END, "b")
    target.eos_ids = frozenset(ids_of_names(target.text_tokenizer, END))
    for decoder in decoders(target):
        generation = decoder.generate([0], max_new_tokens=9, stop=END)
        assert (generation.trace.events[-1].stop_reason, generation.text) == ("end of text", "a")


def test_both_lanes_of_a_race_end_at_the_same_special_token():
    target = SpelledSpeaker("a", "b", "▁c", END, "\n", "a", "b")
    events = list(
        Race(*decoders(target)).stream([0], max_new_tokens=12, sampling=SamplingConfig(), stop=(END + "\n",))
    )
    assert ids_of(events, "vanilla") == ids_of(events, "swift") == tuple(target.answer_ids[:5])


def test_an_empty_stop_string_is_refused(speaker):
    for decoder in decoders(speaker):
        with pytest.raises(ValueError, match="must not be empty"):
            decoder.generate(speaker.prompt_ids, max_new_tokens=5, stop=("\n", ""))


def test_both_lanes_of_a_race_end_alike(demo_target):
    race = Race(VanillaDecoder(demo_target), SwiftDecoder(demo_target, swift_config(confidence_threshold=0.5)))
    events = list(
        race.stream("Anna has 3 apples and", max_new_tokens=60, sampling=SamplingConfig(), stop=(" and", ". "))
    )
    assert ids_of(events, "vanilla") == ids_of(events, "swift")
    finishes = [finish_of([e for e in events if e.lane == lane]) for lane in ("vanilla", "swift")]
    assert [finish.stop_reason for finish in finishes] == ["stop string"] * 2


def test_another_thread_ends_a_run_within_the_round_under_way(tiny_target):
    for decoder in (VanillaDecoder(tiny_target), SwiftDecoder(tiny_target, swift_config())):
        whole = decoder.generate(PROMPT, max_new_tokens=30).token_ids
        cancel, third_round = threading.Event(), threading.Event()

        def wait_for_the_other(event, cancel=cancel, third_round=third_round):
            if event.round == 3:
                third_round.set()
                assert cancel.wait(WAIT_S)

        def cancel_in_the_third_round(cancel=cancel, third_round=third_round):
            assert third_round.wait(WAIT_S)
            cancel.set()

        other = threading.Thread(target=cancel_in_the_third_round)
        other.start()
        generation = decoder.generate(PROMPT, max_new_tokens=30, callbacks=[wait_for_the_other], cancel=cancel)
        other.join(WAIT_S)
        finish = generation.trace.events[-1]
        assert (finish.stop_reason, finish.round) == ("cancelled", 3)
        assert 0 < len(generation.token_ids) < 30
        assert generation.token_ids == whole[: len(generation.token_ids)]
        assert decoder.generate(PROMPT, max_new_tokens=30).token_ids == whole


def test_a_run_that_is_cancelled_before_it_begins_computes_nothing(speaker):
    cancel = threading.Event()
    cancel.set()
    for decoder in decoders(speaker):
        speaker.forwards.clear()
        generation = decoder.generate(speaker.prompt_ids, max_new_tokens=30, cancel=cancel)
        assert (generation.text, generation.token_ids, speaker.forwards) == ("", (), [])
        assert generation.metrics.tokens_per_s is None
        assert generation.trace.events[-1].stop_reason == "cancelled"


def test_reading_a_long_prompt_is_cancelled_between_its_chunks(speaker, monkeypatch):
    cancel = threading.Event()
    forward = speaker.forward

    def cancel_and_forward(*args, **kwargs):
        cancel.set()
        return forward(*args, **kwargs)

    monkeypatch.setattr(speaker, "forward", cancel_and_forward)
    speaker.forwards.clear()
    events = list(VanillaDecoder(speaker).stream([7] * 2000, max_new_tokens=30, cancel=cancel))
    assert len(speaker.forwards) == 1
    assert events[1].num_tokens == speaker.forwards[0][1] < 1999
    assert finish_of(events).stop_reason == "cancelled"


def test_a_cancelled_race_ends_both_lanes(tiny_target):
    cancel = threading.Event()
    swift = SwiftDecoder(tiny_target, swift_config())
    race = Race(VanillaDecoder(tiny_target), swift)
    stop_at_the_first_round = on(RoundVerified, lambda _: cancel.set())
    events = []
    for event in race.stream(PROMPT, max_new_tokens=60, cancel=cancel):
        stop_at_the_first_round(event)
        events.append(event)
    for lane in ("vanilla", "swift"):
        assert finish_of([e for e in events if e.lane == lane]).stop_reason == "cancelled"


def test_a_text_that_has_ended_in_its_last_round_is_not_called_cancelled(speaker):
    for decoder in decoders(speaker):
        cancel = threading.Event()
        in_the_first_round = [lambda event, cancel=cancel: event.round == 1 and cancel.set()]
        generation = decoder.generate(
            speaker.prompt_ids, max_new_tokens=1, callbacks=in_the_first_round, cancel=cancel
        )
        assert cancel.is_set()
        assert generation.trace.events[-1].stop_reason == "token limit"


@pytest.mark.parametrize("make", [VanillaDecoder, SwiftDecoder])
def test_a_prompt_as_long_as_the_context_is_refused_before_anything_runs(speaker, make):
    speaker.forwards.clear()
    with pytest.raises(PromptError, match="leaves no room in the 4096 positions of double; shorten the prompt"):
        make(speaker).generate([7] * speaker.max_context, max_new_tokens=1)
    assert speaker.forwards == []


@pytest.mark.parametrize("sampling", [SamplingConfig(), SamplingConfig(temperature=1.2, seed=3)], ids=str)
@pytest.mark.parametrize("place", [3, 10, 25])
def test_a_stop_string_ends_a_text_from_trees_where_it_first_stands(tiny_target, sampling, place):
    config = eager_config(confidence_threshold=0.01, tree_levels=PAPER_TREE, search=NO_SEARCH)
    decoder = SwiftDecoder(tiny_target, config, SkipSet((1, 2), (2,)))
    whole = decoder.generate(PROMPT, max_new_tokens=40, sampling=sampling)
    drafts = [event for event in whole.trace.events if isinstance(event, TokensDrafted)]
    assert any(e.parents != tuple(range(-1, len(e.parents) - 1)) for e in drafts), "no tree was drafted"
    pairs = (whole.text[i : i + 2] for i in range(place, len(whole.text) - 1))
    stop = next(pair for pair in pairs if "\ufffd" not in pair)  # not a piece of a broken character
    ended = decoder.generate(PROMPT, max_new_tokens=40, sampling=sampling, stop=stop)
    assert ended.token_ids == whole.token_ids[: len(ended.token_ids)]
    assert stop in ended.text
    before = tiny_target.tokenizer.decode(ended.token_ids[:-1], skip_special_tokens=True)
    assert stop not in before
