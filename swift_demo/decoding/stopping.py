"""Finds a stop string in text that comes token by token."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer

from swift_demo.text import TextStream, special_tokens


class StopStrings:
    """Reads one lane's tokens as text and notices when a stop string is complete.

    Special tokens are not shown in a text and do not interrupt a stop string. But if a stop string names one,
    its name counts as text for that string: ``"<|im_end|>"`` ends the text at this token, ``"<|im_end|>\\n"``
    at the line's end after it, ``"<|im"`` only if the text spells it out.

    Args:
        tokenizer: Turns ids into text.
        prompt_ids: What comes before the text; stop strings in the prompt do not count.
        strings: At least one, none empty.
    """

    def __init__(self, tokenizer: Tokenizer, prompt_ids: Sequence[int], strings: Sequence[str]):
        self._stream = TextStream(tokenizer, prompt_ids)
        special = special_tokens(tokenizer)
        self._searches = [_Search(string, special) for string in strings]

    def completed_by(self, token_id: int) -> bool:
        """Whether the next token of the text completes a stop string."""
        (piece,) = self._stream.append([token_id])
        return any([search.is_completed_by(token_id, piece) for search in self._searches])


class _Search:
    """One stop string, looked for in the text with the special tokens that it names."""

    def __init__(self, string: str, special: dict[int, str]):
        self._string = string
        self._named = {token_id: name for token_id, name in special.items() if name in string}
        self._tail = ""  # the text's end, with which the string may have begun

    def is_completed_by(self, token_id: int, piece: str) -> bool:
        text = self._tail + self._named.get(token_id, piece)
        self._tail = text[max(0, len(text) - len(self._string) + 1) :]
        return self._string in text
