"""Prompts as token ids: a text read by its tokenizer, or ids as they are given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from operator import index
from typing import Any

from swift_demo.brief import one_line
from swift_demo.text import panics_as_errors


class PromptError(ValueError):
    """The prompt cannot be continued; the message says why and what to do."""


def read_text(tokenizer: Any, text: str, max_context: int) -> list[int]:
    """The ids of a text, after the special tokens that its tokenizer puts first, unless it begins with them.

    Raises:
        PromptError: If it cannot be read, or is longer than any text that fits.
    """
    check_text(tokenizer, text, max_context)
    with reading():
        added, own = _read(tokenizer, text)
    return own if own and own[: len(added)] == added else added + own


def added_before(tokenizer: Any) -> list[int]:
    """The special tokens that a tokenizer puts before every text."""
    with reading():
        return _read(tokenizer, "a")[0]


def check_text(tokenizer: Any, text: str, max_context: int) -> None:
    """See that a text can be read.

    Raises:
        PromptError: If there is no tokenizer, half a character, or more text than can fit.
    """
    if tokenizer is None:
        raise PromptError("there is no tokenizer to read the prompt with; give token ids")
    if len(text) > max_context and len(text) > max_context * _longest_token(tokenizer):
        raise PromptError(
            f"the prompt has {len(text):,} characters, too many for {max_context} tokens; shorten the prompt"
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        place, wrong = error.start + 1, text[error.start]
        raise PromptError(f"character {place} of the prompt is half of one, {wrong!r}; delete it") from None


@contextmanager
def reading() -> Iterator[None]:
    """Turns whatever a tokenizer fails with into a ``PromptError``."""
    try:
        with panics_as_errors():
            yield
    except Exception as error:
        raise PromptError(
            f"the tokenizer cannot read the prompt ({type(error).__name__}: {one_line(str(error), 100)})"
        ) from error


def _read(tokenizer: Any, text: str) -> tuple[list[int], list[int]]:
    """The special tokens put before a text, and the ids of the text itself."""
    read = tokenizer(text, return_special_tokens_mask=True, verbose=False)
    ids, is_added = read["input_ids"], read["special_tokens_mask"]
    before = len(list(takewhile(bool, is_added)))
    behind = len(list(takewhile(bool, reversed(is_added[before:]))))
    return ids[:before], ids[before : len(ids) - behind]


def whole_numbers(prompt: Sequence[int]) -> list[int]:
    """Given ids as plain numbers.

    Raises:
        PromptError: If they are something else.
    """
    try:
        if isinstance(prompt, bytes | bytearray):
            raise TypeError
        values = list(prompt)
    except TypeError:
        kind = type(prompt).__name__
        raise PromptError(f"the prompt is of type {kind}; give text or a list of token ids") from None
    try:
        return [index(value) for value in values]
    except TypeError:
        raise PromptError("the prompt's token ids must be whole numbers, in one list") from None


def _longest_token(tokenizer: Any) -> int:
    """In characters."""
    return max(map(len, tokenizer.get_vocab()), default=1)
