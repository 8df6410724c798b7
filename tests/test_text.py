"""Pieces of text, joined, are the text: whole characters only, nothing lost, nothing twice."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.doubles import ScriptedTarget, swift_config
from support.spelled import BYTES, PanicException, Wrapped, byte_names, ids_of_names, spelled_tokenizer
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import RoundVerified, TokensDrafted
from swift_demo.skip_set import SkipSet
from swift_demo.text import REPLACEMENT, TextStream, TokenizerError, TokenNames, decode, panics_as_errors

PROMPT = "Anna said: "
TEXTS = [
    "plain words, nothing else",
    "crème brûlée à la carte, naïve Zürich",
    "🙂🚀👩‍👩‍👧‍👦🏳️‍🌈 and 東京 and Ω",
    " two  spaces\n\tand a tab\r\n",
    "e\u0301 combined, \u202eright to left\u202c, عربى",
    "",
]
CHARACTERS = st.characters(exclude_categories=["Cs"]) | st.just("\ufffd")
IDS = st.lists(st.integers(0, 400), max_size=25)


@pytest.fixture(scope="module")
def byte_level(tokenizer):
    return tokenizer.backend_tokenizer


@pytest.fixture(scope="module")
def metaspace():
    """A tokenizer that writes spaces as part of the word after them, with bytes for the unknown."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    special = ["<unk>", *(f"<0x{byte:02X}>" for byte in range(256))]
    trainer = trainers.BpeTrainer(vocab_size=360, special_tokens=special[:1], show_progress=False)
    tokenizer.train_from_iterator([PROMPT, "plain words, nothing else", "a carte and more"], trainer)
    vocab = tokenizer.get_vocab()
    vocab |= {token: len(vocab) + i for i, token in enumerate(special[1:])}
    tokenizer.model = models.BPE(vocab=vocab, merges=[], unk_token="<unk>", byte_fallback=True)
    return tokenizer


@pytest.fixture(scope="module")
def byte_fallback():
    """A tokenizer of 261 tokens: the bytes, four words and one special token."""
    return spelled_tokenizer([*BYTES, "x", "▁word", "é", "\ufffd"], special=["<s>"])


@pytest.fixture(scope="module")
def word_piece():
    """A tokenizer that writes spaces between words and none before a word's continuation."""
    names = ["[UNK]", "play", "##ing", "##é", "é", "n't", ".", "東", "\ufffd"]
    return spelled_tokenizer(names, special=["[SEP]"], decoder=decoders.WordPiece())


@pytest.fixture(scope="module")
def spaces_before():
    """A tokenizer whose decoder leaves out the space before a text's first word."""
    return spelled_tokenizer(["▁", "▁a", "b", "▁▁", "é▁", "\ufffd"], ["<s>"], decoder=decoders.Metaspace())


@pytest.fixture(scope="module")
def suffixes():
    """A tokenizer whose words end with a mark, which is a space wherever another token follows."""
    return spelled_tokenizer(["a</w>", "b", "é</w>", "\ufffd"], ["<s>"], decoder=decoders.BPEDecoder())


@pytest.fixture(scope="module")
def undecorated():
    """A tokenizer without a decoder, which puts spaces between tokens."""
    tokenizer = spelled_tokenizer(["a", "b", "é"], ["<s>"])
    tokenizer.decoder = None
    return tokenizer


def broken_drafts(target):
    """SWIFT with long drafts, whatever the draft's confidence."""
    return SwiftDecoder(target, swift_config(confidence_threshold=0.0), SkipSet((1, 2), (2,)))


def encode(tokenizer, text):
    return tokenizer.encode(text, add_special_tokens=False).ids


def read(tokenizer, ids, prompt=()):
    """The whole text that a stream tells of ids."""
    stream = TextStream(tokenizer, prompt)
    return "".join(stream.append(ids)) + stream.finish()


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
@given(ids=IDS, prompt=st.lists(st.integers(0, 400), max_size=12))
@pytest.mark.parametrize("kind", ["byte_level", "word_piece", "spaces_before", "suffixes", "undecorated"])
def test_any_ids_at_all_read_as_they_are_decoded(request, kind, ids, prompt):
    tokenizer = request.getfixturevalue(kind)
    ids, prompt = ([i % (tokenizer.get_vocab_size() + 2) for i in some] for some in (ids, prompt))
    assert read(tokenizer, ids) == tokenizer.decode(ids)
    before, whole = tokenizer.decode(prompt), tokenizer.decode([*prompt, *ids])
    stream = TextStream(tokenizer, prompt)
    assert before.removesuffix(stream.finish()) + read(tokenizer, ids, prompt) == whole


@settings(max_examples=100)
@given(ids=IDS, num_shown=st.integers(0, 25))
def test_a_run_of_bytes_keeps_what_is_a_character_and_replaces_the_rest(byte_fallback, ids, num_shown):
    ids = [i % (byte_fallback.get_vocab_size() + 2) for i in ids]
    names = [byte_fallback.id_to_token(i) or "" for i in ids if i != byte_fallback.token_to_id("<s>")]
    spelled = (bytes([BYTES.index(n)]) if n in BYTES else n.replace("▁", " ").encode() for n in names)
    expected = b"".join(spelled).decode("utf-8", "replace")
    stream = TextStream(byte_fallback, [])
    shown = "".join(stream.append(ids[:num_shown]))
    assert read(byte_fallback, ids) == expected
    assert expected.startswith(shown)
    if REPLACEMENT not in byte_fallback.decode(ids):
        assert expected == byte_fallback.decode(ids)


@pytest.mark.parametrize(
    ("names", "pieces"),
    [
        ((*byte_names("é"), "<0xC3>", "x"), ("", "é", "", "�x")),
        ((*byte_names("𓀀"), "<0xF0>", "<0x93>", "▁word"), ("", "", "", "𓀀", "", "", "� word")),
        (("<0xFF>", *byte_names("日"), "x"), ("�", "", "", "日", "x")),
        ((*byte_names("日"), "<0x80>", "<s>", *byte_names("本")), ("", "", "日", "�", "", "", "", "本")),
        (("<0xC3>", "<s>", "<0xA9>"), ("", "", "é")),
    ],
)
def test_what_was_shown_stays_when_its_decoding_changes_in_hindsight(byte_fallback, names, pieces):
    ids = ids_of_names(byte_fallback, *names)
    stream = TextStream(byte_fallback, [])
    assert stream.preview(ids) == pieces
    assert stream.append(ids) == pieces
    assert stream.finish() == ""


def test_a_rejected_draft_of_broken_bytes_leaves_no_trace(byte_fallback):
    stream = TextStream(byte_fallback, ids_of_names(byte_fallback, *byte_names("𓀀")))
    bad, good = ids_of_names(byte_fallback, "<0xC3>", "x"), ids_of_names(byte_fallback, *byte_names("𓁀"))
    assert stream.append(good[:2]) == ("", "")
    assert stream.preview(bad) == ("�", "�x")
    assert stream.append(good[2:]) == ("", "𓁀")


def test_a_prompt_may_end_inside_a_character(byte_fallback):
    for text in ("é", "日", "𓀀"):
        ids = ids_of_names(byte_fallback, *byte_names("日本" + text))
        for num in range(1, len(text.encode())):
            assert read(byte_fallback, ids[-num:], ids[:-num]) == text
    assert read(byte_fallback, ids[-1:], [*ids[:-1], *[256 + 4] * 20]) == "𓀀", "special tokens do not count"


def test_what_never_became_a_character_is_told_at_the_end(byte_fallback, byte_level):
    for tokenizer, ids in (
        (byte_fallback, ids_of_names(byte_fallback, "x", "<0xE6>", "<0x97>")),
        (byte_level, ids_of_names(byte_level, "x", "æ", "Ĺ")),
    ):
        stream = TextStream(tokenizer, [])
        assert stream.append(ids) == ("x", "", "")
        assert (stream.finish(), stream.finish()) == ("�", "�"), "asking adds nothing"


@settings(max_examples=60)
@given(nodes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9)), max_size=12), first=IDS)
@pytest.mark.parametrize("kind", ["byte_level", "byte_fallback"])
def test_a_tree_is_previewed_node_by_node_behind_its_ancestors(request, kind, nodes, first):
    tokenizer = request.getfixturevalue(kind)
    first = [i % tokenizer.get_vocab_size() for i in first]
    ids = [i % tokenizer.get_vocab_size() for i, _ in nodes]
    parents = [(choice % (i + 1)) - 1 for i, (_, choice) in enumerate(nodes)]
    stream, paths = TextStream(tokenizer, []), []
    stream.append(first)
    for token_id, parent in zip(ids, parents, strict=True):
        paths.append([*(paths[parent] if parent >= 0 else []), token_id])
    assert stream.preview(ids, parents) == tuple(stream.preview(path)[-1] for path in paths)


@pytest.mark.parametrize(
    "names",
    [("<0xFF>",), ("<0xE6>", "<0x97>"), tuple(byte_names("日")), ("<s>",), ("x",), ("<0xFF>", "<0x61>")],
    ids=str,
)
def test_a_token_costs_the_same_however_long_the_text_is(byte_fallback, names):
    num_decoded = 0

    def counting(ids, **options):
        nonlocal num_decoded
        num_decoded += len(ids)
        return byte_fallback.decode(ids, **options)

    ids = ids_of_names(byte_fallback, *names) * (10_000 // len(names))
    stream = TextStream(Wrapped(byte_fallback, decode=counting), ids)
    stream.append(ids)
    stream.preview(ids)
    assert num_decoded <= 10 * 2 * len(ids)


def panic(*args, **options):
    raise PanicException("index out of bounds")


def test_a_tokenizer_that_panics_costs_its_tokens_text_and_nothing_else(byte_fallback):
    x, word, end = ids_of_names(byte_fallback, "x", "▁word", "<s>")

    def decode_but_x(ids, **options):
        return panic() if x in ids else byte_fallback.decode(ids, **options)

    stream = TextStream(Wrapped(byte_fallback, decode=decode_but_x), [word])
    assert "".join(stream.append([word, x, word, *[word] * 4, end])) == " word� word" + " word" * 4
    assert read(Wrapped(byte_fallback, decode=panic), [word, x, end]) == "��"
    assert TokenNames(Wrapped(byte_fallback, decode=panic, encode=panic))[word] == "�"
    assert decode(Wrapped(byte_fallback, decode=panic), [word, x]) == "��"
    assert decode(byte_fallback, [word, end]) == " word<s>"


def test_a_decoder_that_really_panics_on_a_lone_space_does_not_within_a_text():
    decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.Fuse(), decoders.Strip(" ", 1, 1)])
    tokenizer = spelled_tokenizer(["▁", "a"], decoder=decoder)
    with pytest.raises(TokenizerError, match="panicked"), panics_as_errors():
        tokenizer.decode([0])
    assert read(tokenizer, [1, 0, 1], [1]) == "a a"
    assert read(tokenizer, [0, 1]) == "�a"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit, KeyError, MemoryError])
def test_what_is_no_panic_stays_what_it_is(error):
    with pytest.raises(error), panics_as_errors():
        raise error


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
    generation = SwiftDecoder(tiny_target).generate("Über den Wolken 🙂", max_new_tokens=60)
    assert generation.text == tiny_target.text_tokenizer.decode(generation.token_ids)
    assert len(generation.text) > 20
    for event, pieces in zip(generation.trace.events, generation.trace.texts, strict=True):
        has_pieces = isinstance(event, RoundVerified | TokensDrafted)
        assert len(pieces) == (len(event.token_ids) if has_pieces else 0)


@pytest.mark.parametrize("make", [VanillaDecoder, broken_drafts])
def test_a_run_goes_on_over_broken_bytes_and_broken_drafts(make):
    tokenizer = spelled_tokenizer(["x", "<0xC3>", "<0xA9>", "▁y", "<0xFF>"])
    names = ("x", "<0xC3>", "<0xA9>", "<0xC3>", "x", "<0xFF>", "<0xC3>", "<0xA9>", "▁y", "<0xC3>")
    ids = ids_of_names(tokenizer, *names)
    target = ScriptedTarget([0, *ids], {place: (4, 0.9) for place in range(2, len(ids), 3)})
    target.text_tokenizer = tokenizer
    generation = make(target).generate([0], max_new_tokens=len(ids), stop="never said")
    assert generation.text == "xé�x�é y�"
    assert generation.token_ids == tuple(ids)
    assert generation.trace.texts[-1] == ("�",), "the last character is never whole"


def test_a_token_has_a_name_by_itself_with_its_leading_space(tokenizer):
    names = TokenNames(tokenizer.backend_tokenizer)
    ids = tokenizer("Anna said hello", add_special_tokens=False).input_ids
    assert "".join(names[i] for i in ids) == "Anna said hello"
    for special, token_id in zip(tokenizer.all_special_tokens, tokenizer.all_special_ids, strict=True):
        assert names[token_id] == special


def test_tokens_that_are_no_text_have_names_too(byte_fallback, word_piece):
    names = TokenNames(byte_fallback)
    tokens = ("<0xC3>", "<0x61>", "▁word", "<s>", "\ufffd")
    assert [names[i] for i in ids_of_names(byte_fallback, *tokens)] == ["�", "a", " word", "<s>", "�"]
    assert names[10_000] == "", "ids beyond the vocabulary, of which a model's head may have some"
    names = TokenNames(word_piece)
    assert [names[i] for i in ids_of_names(word_piece, "play", "##ing", "[SEP]")] == [" play", "ing", "[SEP]"]
