"""Token ids to pieces of text as they come, whole characters only."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple

from tokenizers import Tokenizer

REPLACEMENT = "\ufffd"
_CONTEXT = 4  # tokens before one that its text may depend on, mainly for whether a space comes between
_BYTE_TOKEN = re.compile(r"<0x([0-9A-Fa-f]{2})>")  # how vocabularies with byte fallback write a byte


class TokenizerError(ValueError):
    """A tokenizer failed internally; the message says how."""


def is_panic(error: BaseException) -> bool:
    """Whether compiled code of tokenizers or safetensors panicked, which is not an ``Exception``."""
    return type(error).__name__ == "PanicException"


@contextmanager
def panics_as_errors() -> Iterator[None]:
    """Turns a tokenizer's panic, which is not an ``Exception``, into one."""
    try:
        yield
    except BaseException as error:
        if not is_panic(error):
            raise
        raise TokenizerError(f"the tokenizer panicked: {error}") from error


def decode(tokenizer: Tokenizer, token_ids: Iterable[int]) -> str:
    """The text of ids, special tokens by name; replacement characters where the tokenizer fails."""
    ids = list(token_ids)
    try:
        with panics_as_errors():
            return tokenizer.decode(ids, skip_special_tokens=False)
    except Exception:
        return REPLACEMENT * len(ids)


def special_tokens(tokenizer: Tokenizer) -> dict[int, str]:
    """The names of the tokens that are not shown in a text, by id."""
    added = tokenizer.get_added_tokens_decoder()
    return {token_id: token.content for token_id, token in added.items() if token.special}


class TextStream:
    """The text of one lane, piece by piece. No id makes it fail, and no piece is ever taken back.

    A piece is what a token adds to the text: nothing until a character that spans tokens is whole, and nothing
    for special tokens. All pieces and then ``finish``, joined, are what the tokenizer's own decoding of all ids
    adds to that of the prompt, unless that takes back what earlier tokens meant. A decoder that falls back to
    bytes does so: if a run of byte tokens is not UTF-8, it replaces the whole run. Here bytes are read as they
    come, so whole characters stay and the rest is replaced.
    """

    def __init__(self, tokenizer: Tokenizer, prompt_ids: Sequence[int]):
        self._reader = _Reader(tokenizer)
        self._place = _Place()
        last = islice(filter(self._reader.is_shown, reversed(prompt_ids)), _CONTEXT)
        self.append(reversed(list(last)))

    def append(self, token_ids: Iterable[int]) -> tuple[str, ...]:
        """Pieces of tokens that join the text, one for each."""
        pieces = []
        for token_id in token_ids:
            piece, self._place = self._reader.read(self._place, token_id)
            pieces.append(piece)
        return tuple(pieces)

    def preview(self, token_ids: Sequence[int], parents: Sequence[int] | None = None) -> tuple[str, ...]:
        """Pieces of tokens that were only drafted: as ``append`` would give, without joining the text.

        Args:
            parents: For a tree, the index of the token that each follows, -1 for the text so far.
        """
        chain = range(-1, len(token_ids) - 1)
        pieces: list[str] = []
        places: list[_Place] = []
        for token_id, parent in zip(token_ids, chain if parents is None else parents, strict=True):
            piece, place = self._reader.read(places[parent] if parent >= 0 else self._place, token_id)
            pieces.append(piece)
            places.append(place)
        return tuple(pieces)

    def finish(self) -> str:
        """What the text's end adds: a replacement for a character that never became whole."""
        return self._place.unfinished.decode("utf-8", "replace")


class TokenNames:
    """What each token would add to a text, read by itself; special tokens by their names.

    One that is not a whole character shows the replacement character.
    """

    def __init__(self, tokenizer: Tokenizer):
        self._reader = _Reader(tokenizer)
        self._special = special_tokens(tokenizer)
        self._known: dict[int, str] = {}
        try:
            with panics_as_errors():
                before = tokenizer.encode("a", add_special_tokens=False).ids  # decoders strip a leading space
        except Exception:
            before = []
        self._before = tuple(before)

    def __getitem__(self, token_id: int) -> str:
        if token_id not in self._known:
            self._known[token_id] = self._special.get(token_id) or self._read(token_id)
        return self._known[token_id]

    def _read(self, token_id: int) -> str:
        meaning = self._reader.meaning_of(token_id)
        if isinstance(meaning, bytes):
            return meaning.decode("utf-8", "replace")
        return self._reader.text_after(self._before, token_id)


class _Place(NamedTuple):
    """What the rest of a text can depend on."""

    context: tuple[int, ...] = ()
    unfinished: bytes = b""  # of a character that is not whole yet


class _Reader:
    """Reads tokens one by one. Most are text; some are bytes, of which several make a character."""

    def __init__(self, tokenizer: Tokenizer):
        self._tokenizer = tokenizer
        self._special = special_tokens(tokenizer)
        self._meanings: dict[int, str | bytes] = {}

    def read(self, place: _Place, token_id: int) -> tuple[str, _Place]:
        """What a token adds at a place, and the place after it."""
        if not self.is_shown(token_id):
            return "", place
        context = (*place.context, token_id)[-_CONTEXT:]
        meaning = self.meaning_of(token_id)
        if isinstance(meaning, bytes):
            data = place.unfinished + meaning
            text, num_read = codecs.utf_8_decode(data, "replace", False)
            return text, _Place(context, data[num_read:])
        broken_off = place.unfinished.decode("utf-8", "replace")
        return broken_off + self.text_after(place.context, token_id), _Place(context)

    def is_shown(self, token_id: int) -> bool:
        """False for special tokens and ids without a token, which decoding leaves out."""
        return self.meaning_of(token_id) != b""

    def meaning_of(self, token_id: int) -> str | bytes:
        """The text of a token by itself, or its bytes if it stands for bytes."""
        if token_id not in self._meanings:
            try:
                self._meanings[token_id] = self._read_alone(token_id)
            except Exception:  # the tokenizer fails on this id
                self._meanings[token_id] = REPLACEMENT
        return self._meanings[token_id]

    def text_after(self, context: Sequence[int], token_id: int) -> str:
        """What a token that is text adds after others, such as a space before it."""
        try:
            before, text = self._decode(context), self._decode([*context, token_id])
        except Exception:  # the tokenizer fails on one of these ids
            before, text = REPLACEMENT, ""
        return text[len(before) :] if text.startswith(before) else str(self.meaning_of(token_id))

    def _read_alone(self, token_id: int) -> str | bytes:
        with panics_as_errors():
            name = self._tokenizer.id_to_token(token_id)
        if name is None or token_id in self._special:
            return b""
        alone = self._decode([token_id])
        if (byte := _BYTE_TOKEN.fullmatch(name)) and alone != name:
            return bytes.fromhex(byte[1])
        if REPLACEMENT in alone and all(letter in _BYTE_LETTERS for letter in name):
            return bytes(_BYTE_LETTERS[letter] for letter in name)
        return alone

    def _decode(self, token_ids: Sequence[int]) -> str:
        with panics_as_errors():
            return self._tokenizer.decode(list(token_ids), skip_special_tokens=True)


def _byte_letters() -> dict[str, int]:
    """The letter that byte-level vocabularies write for each byte: its own if that is visible."""
    seen = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    unseen = [byte for byte in range(0x100) if byte not in seen]
    return {chr(byte): byte for byte in seen} | {chr(0x100 + i): byte for i, byte in enumerate(unseen)}


_BYTE_LETTERS = _byte_letters()
