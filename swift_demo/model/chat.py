"""Messages as token ids by a tokenizer's chat template, what a person typed kept apart from what it wrote.

A template writes special tokens around each message, and a text may hold their names. To tell them apart, the
names in contents are marked before the template renders them, and the rendered text is read by a tokenizer that
is the same but for the names of its special tokens, which no text holds. So it is read in one go, as always,
and ids are those that ``apply_chat_template`` gives wherever contents name no special token.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from tokenizers import AddedToken, Tokenizer

from swift_demo.brief import one_line
from swift_demo.messages import Message
from swift_demo.model.prompts import PromptError, added_before, check_text, reading

_DIGITS = 24  # of a number that no text holds


def has_chat_template(tokenizer: Any) -> bool:
    """Whether messages can be rendered without saying by which of several templates."""
    template = getattr(tokenizer, "chat_template", None)
    return "default" in template if isinstance(template, dict) else bool(template)


def read_messages(
    tokenizer: Any, messages: Sequence[Message], max_context: int, special_tokens: bool
) -> list[int]:
    """The ids of a conversation up to where the answer begins.

    Args:
        special_tokens: Whether special tokens named in contents are these tokens; else they stay text.

    Raises:
        PromptError: If there is no template, it refuses the messages, or they cannot be read.
    """
    if tokenizer is None or not has_chat_template(tokenizer):
        raise PromptError(
            "this model has no chat template, so it takes no messages; give it a prompt, a text to be continued"
        )
    for message in messages:
        check_text(tokenizer, message.content, max_context)
    names = () if special_tokens else _control_names(tokenizer)
    literal = _LiteralReader(tokenizer, names)
    marked = [Message(message.role, literal.mark(message.content)) for message in messages]
    return literal.read(_rendered(tokenizer, marked))


def read_literally(tokenizer: Any, text: str, max_context: int) -> list[int]:
    """The ids of a prompt in which names of special tokens are only text, after those that always come first.

    Raises:
        PromptError: If it cannot be read.
    """
    check_text(tokenizer, text, max_context)
    literal = _LiteralReader(tokenizer, _special_names(tokenizer))
    return added_before(tokenizer) + literal.read(literal.mark(text))


def _rendered(tokenizer: Any, messages: Iterable[Message]) -> str:
    given = [{"role": message.role, "content": message.content} for message in messages]
    try:
        return tokenizer.apply_chat_template(given, add_generation_prompt=True, tokenize=False)
    except Exception as error:
        raise PromptError(
            "the model's chat template does not take these messages "
            f"({type(error).__name__}: {one_line(str(error), 100)})"
        ) from error


def _special_names(tokenizer: Any) -> set[str]:
    added = tokenizer.backend_tokenizer.get_added_tokens_decoder().values()
    return {token.content for token in added if token.special}


def _control_names(tokenizer: Any) -> set[str]:
    """Special tokens, and others that the template writes around a message although they are not called so."""
    try:
        around = _rendered(tokenizer, [Message("user", "x")])
    except PromptError:  # it wants more messages than one
        around = ""
    added = tokenizer.backend_tokenizer.get_added_tokens_decoder().values()
    written = {token.content for token in added if token.content.strip() and token.content in around}
    return _special_names(tokenizer) | written


class _LiteralReader:
    """A tokenizer that tells the tokens of these names from their names in a text.

    Args:
        names: Of added tokens; a marked text may hold them as text.
    """

    def __init__(self, tokenizer: Any, names: Iterable[str]):
        number = "".join(secrets.choice("0123456789") for _ in range(_DIGITS))
        ordered = sorted(filter(None, names), key=lambda name: (-len(name), name))  # the longest match counts
        self._marks = {name: f"<{number}-{i}>" for i, name in enumerate(ordered)}
        renamed = {name: f"<{number}={i}>" for i, name in enumerate(ordered)}
        self._swapped = renamed | {mark: name for name, mark in self._marks.items()}
        backend = tokenizer.backend_tokenizer
        added = sorted(backend.get_added_tokens_decoder().items())
        self._control = {token_id: token.content for token_id, token in added if token.content in renamed}
        self._reader = Tokenizer(backend.model)
        for part in ("normalizer", "pre_tokenizer"):
            if (value := getattr(backend, part)) is not None:
                setattr(self._reader, part, value)
        self._reader.add_tokens(
            [
                AddedToken(
                    renamed.get(token.content, token.content),
                    single_word=token.single_word,
                    lstrip=token.lstrip,
                    rstrip=token.rstrip,
                    normalized=token.normalized,
                )
                for _, token in added
            ]
        )
        self._own_ids = {
            self._reader.token_to_id(renamed.get(token.content, token.content)): token_id
            for token_id, token in added
        }

    def mark(self, text: str) -> str:
        """A text whose names of tokens are to stay text, so that a template can be put around it."""
        return _replaced(text, self._marks)

    def read(self, text: str) -> list[int]:
        """The ids of a text that holds marked ones; names that are not marked are tokens."""
        text = _replaced(text, self._swapped)
        with reading():
            found = self._reader.encode(text, add_special_tokens=False)
            return [
                own_id
                for token_id, (start, end) in zip(found.ids, found.offsets, strict=True)
                for own_id in self._as_own(token_id, text[start:end])
            ]

    def _as_own(self, token_id: int, text: str) -> list[int]:
        if token_id in self._own_ids:
            return [self._own_ids[token_id]]
        if (name := self._control.get(token_id)) and name in text:  # the vocabulary holds it as a word too
            letters = self._reader.encode_batch([*name], add_special_tokens=False)
            return [letter_id for letter in letters for letter_id in letter.ids]
        return [token_id]


def _replaced(text: str, by_name: dict[str, str]) -> str:
    if not by_name:
        return text
    return re.sub("|".join(map(re.escape, by_name)), lambda found: by_name[found[0]], text)
