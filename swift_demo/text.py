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
        self._recent = list(prompt_ids)[-_CONTEXT:]
        self._stream = DecodeStream(ids=list(self._recent), skip_special_tokens=True)

    def append(self, token_ids: Iterable[int]) -> tuple[str, ...]:
        """Pieces of tokens that join the text, one for each."""
        token_ids = list(token_ids)
        pieces = tuple(self._stream.step(self._tokenizer, i) or "" for i in token_ids)
        self._recent = (self._recent + token_ids)[-_CONTEXT:]
        return pieces

    def preview(self, token_ids: Iterable[int]) -> tuple[str, ...]:
        """Pieces of tokens that were only drafted: as ``append`` would give, without joining the text."""
        stream = DecodeStream(ids=list(self._recent), skip_special_tokens=True)
        return tuple(stream.step(self._tokenizer, i) or "" for i in token_ids)
