"""Token ids to pieces of text as they come, whole characters only."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream

_CONTEXT = 8  # ids before a draft that its first piece may depend on (spaces, unfinished characters)


class TextStream:
    """The text of one lane, piece by piece.

    A piece is what a token adds to the text. A token that ends in the middle of a UTF-8 character
    adds nothing; the one that completes the character adds it whole. Special tokens add nothing.
    """

    def __init__(self, tokenizer: Tokenizer, prompt_ids: Iterable[int]):
        self._tokenizer = tokenizer
        self._whole = list(prompt_ids)[-_CONTEXT:]  # ids up to the last whole character
        self._unfinished: list[int] = []  # ids of a character that is not complete yet
        while self._whole and len(self._unfinished) < 3 and tokenizer.decode(self._whole).endswith("\ufffd"):
            self._unfinished.insert(0, self._whole.pop())
        self._stream = self._fork()

    def append(self, token_ids: Iterable[int]) -> tuple[str, ...]:
        """Pieces of tokens that join the text, one for each."""
        pieces = []
        for token_id in token_ids:
            piece = self._stream.step(self._tokenizer, token_id) or ""
            pieces.append(piece)
            self._unfinished.append(token_id)
            if piece:
                self._whole = (self._whole + self._unfinished)[-_CONTEXT:]
                self._unfinished = []
        return tuple(pieces)

    def preview(self, token_ids: Iterable[int]) -> tuple[str, ...]:
        """Pieces of tokens that were only drafted: as ``append`` would give, without joining the text."""
        stream = self._fork()
        return tuple(stream.step(self._tokenizer, i) or "" for i in token_ids)

    def _fork(self) -> DecodeStream:
        """A stream that stands where the text stands; one begun inside a character would repeat text."""
        stream = DecodeStream(ids=list(self._whole), skip_special_tokens=True)
        for token_id in self._unfinished:
            stream.step(self._tokenizer, token_id)
        return stream


class TokenNames:
    """What each token would add to a text, read by itself; special tokens by their names.

    One that is no whole character shows the replacement character.
    """

    def __init__(self, tokenizer: Tokenizer):
        self._tokenizer = tokenizer
        self._before = tokenizer.encode("a", add_special_tokens=False).ids  # decoders strip a leading space
        self._prefix = self._decode(self._before)
        self._known: dict[int, str] = {}

    def __getitem__(self, token_id: int) -> str:
        if token_id not in self._known:
            self._known[token_id] = self._decode([*self._before, token_id]).removeprefix(self._prefix)
        return self._known[token_id]

    def _decode(self, token_ids: list[int]) -> str:
        return self._tokenizer.decode(token_ids, skip_special_tokens=False)
