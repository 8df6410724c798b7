"""Pieces of text, joined, are the text: whole characters only, nothing lost, nothing twice."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.events import RoundVerified, TokensDrafted
from swift_demo.text import TextStream, TokenNames

PROMPT = "Anna said: "
TEXTS = [
    "plain words, nothing else",
    "crème brûlée à la carte, naïve Zürich",
    "🙂🚀👩‍👩‍👧‍👦🏳️‍🌈 and 東京 and Ω",
    " two  spaces\n\tand a tab\r\n",
    "e\u0301 combined, \u202eright to left\u202c, عربى",
    "",
]


# Not U+FFFD itself: at the end of a text it looks like the beginning of a character and is held back.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd")


@pytest.fixture(scope="module")
def byte_level(tokenizer):
    return tokenizer.backend_tokenizer


@pytest.fixture(scope="module")
def metaspace():
    """A tokenizer that writes spaces as part of the word after them, with bytes for the unknown."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0),
    ])
    special = ["<unk>", *(f"<0x{byte:02X}>" for byte in range(256))]
    trainer = trainers.BpeTrainer(vocab_size=360, special_tokens=special[:1], show_progress=False)
    tokenizer.train_from_iterator([PROMPT, "plain words, nothing else", "a carte and more"], trainer)
    vocab = tokenizer.get_vocab()
    vocab |= {token: len(vocab) + i for i, token in enumerate(special[1:])}
    tokenizer.model = models.BPE(vocab=vocab, merges=[], unk_token="<unk>", byte_fallback=True)
    return tokenizer


def encode(tokenizer, text):
    return tokenizer.encode(text, add_special_tokens=False).ids


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("kind", ["byte_level", "metaspace"])
def test_pieces_joined_are_the_decoded_text(request, kind, text):
    tokenizer = request.getfixturevalue(kind)
    prompt, ids = encode(tokenizer, PROMPT), encode(tokenizer, text)
    whole, before = tokenizer.decode([*prompt, *ids]), tokenizer.decode(prompt)
    assert before + "".join(TextStream(tokenizer, prompt).append(ids)) == whole


@settings(max_examples=60)
@given(text=st.text(CHARACTERS, max_size=30), cuts=st.lists(st.integers(0, 60), max_size=4))
def test_it_does_not_matter_in_which_portions_tokens_come(byte_level, text, cuts):
    ids = encode(byte_level, text)
    stream = TextStream(byte_level, encode(byte_level, PROMPT))
    edges = [0, *sorted(min(cut, len(ids)) for cut in cuts), len(ids)]
    pieces = [piece for a, b in pairwise(edges) for piece in stream.append(ids[a:b])]
    assert len(pieces) == len(ids)
    assert "".join(pieces) == text


@settings(max_examples=60)
@given(text=st.text(CHARACTERS, max_size=20), first=st.integers(0, 60))
def test_a_preview_is_what_appending_then_gives(byte_level, text, first):
    ids = encode(byte_level, text)
    first = min(first, len(ids))
    stream = TextStream(byte_level, encode(byte_level, PROMPT))
    done = stream.append(ids[:first])
    preview = stream.preview(ids[first:])
    assert stream.preview(ids[first:]) == preview
    assert stream.append(ids[first:]) == preview
    assert "".join(done + preview) == text


@settings(max_examples=100)
@given(st.lists(st.integers(0, 299), max_size=25), st.lists(st.integers(0, 299), min_size=1, max_size=12))
def test_any_ids_at_all_have_pieces_that_begin_the_decoded_text(byte_level, ids, prompt):
    pieces = TextStream(byte_level, prompt).append(ids)
    assert len(pieces) == len(ids)
    alone = TextStream(byte_level, []).append(ids)
    assert byte_level.decode(ids).startswith("".join(alone))


def test_a_character_comes_whole_with_its_last_byte(byte_level):
    ids = [byte_level.token_to_id(token) for token in ("ð", "Ł", "ĳ", "Ĥ")]
    assert byte_level.decode(ids) == "👂"
    assert TextStream(byte_level, [5]).append(ids) == ("", "", "", "👂")


def test_an_unfinished_character_does_not_bring_back_what_was_shown(byte_level):
    ids = encode(byte_level, "🚀")
    assert len(ids) > 1
    stream = TextStream(byte_level, encode(byte_level, PROMPT))
    stream.append(ids[:1])
    assert "".join(stream.preview(ids[1:])) == "🚀"
    assert "".join(TextStream(byte_level, [*encode(byte_level, PROMPT), *ids[:1]]).append(ids[1:])) == "🚀"


def test_special_tokens_add_nothing(byte_level):
    end = byte_level.token_to_id("<|end|>")
    ids = [*encode(byte_level, "é"), end, *encode(byte_level, "ü")]
    pieces = TextStream(byte_level, []).append(ids)
    assert "".join(pieces) == "éü"
    assert pieces[len(encode(byte_level, "é"))] == ""


def test_the_text_of_a_run_is_its_decoded_ids(tiny_target):
    generation = SwiftDecoder(tiny_target).generate("Über den Wolken 🙂", 60)
    decoded = tiny_target.tokenizer.decode(generation.token_ids, skip_special_tokens=True)
    assert decoded.startswith(generation.text)
    assert len(generation.text) > 20
    for event, pieces in zip(generation.trace.events, generation.trace.texts, strict=True):
        has_pieces = isinstance(event, RoundVerified | TokensDrafted)
        assert len(pieces) == (len(event.token_ids) if has_pieces else 0)


def test_a_token_has_a_name_by_itself_with_its_leading_space(tokenizer):
    names = TokenNames(tokenizer.backend_tokenizer)
    ids = tokenizer("Anna said hello", add_special_tokens=False).input_ids
    assert "".join(names[i] for i in ids) == "Anna said hello"
    for special, token_id in zip(tokenizer.all_special_tokens, tokenizer.all_special_ids, strict=True):
        assert names[token_id] == special
