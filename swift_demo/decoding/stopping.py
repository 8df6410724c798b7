"""Finds a stop string in text that comes token by token."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer

from swift_demo.text import TextStream


class StopStrings:
    """Reads one lane's tokens as text and notices when a stop string is complete.

    Args:
        tokenizer: Turns ids into text.
        prompt_ids: What the text follows; stop strings in the prompt do not count.
        strings: At least one, none empty.
    """

    def __init__(self, tokenizer: Tokenizer, prompt_ids: Sequence[int], strings: tuple[str, ...]):
        self._stream = TextStream(tokenizer, prompt_ids)
        self._strings = strings
        self._num_kept = max(map(len, strings)) - 1  # characters that a stop string may have begun with
        self._tail = ""

    def completed_by(self, token_id: int) -> bool:
        """Whether the next token of the text completes a stop string."""
        text = self._tail + "".join(self._stream.append([token_id]))
        self._tail = text[max(0, len(text) - self._num_kept) :]
        return any(string in text for string in self._strings)
