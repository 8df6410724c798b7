"""What is said to a chat model, and a text as the model was sent it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from swift_demo.brief import brief


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation; ``role`` is "user", "assistant", "system" or another that the model knows."""

    role: str
    content: str

    def __post_init__(self) -> None:
        for name, value in (("role", self.role), ("content", self.content)):
            if not isinstance(value, str):
                raise ValueError(f"a message's {name} is {brief(value)}; it must be text")


Messages = Sequence[Message | Mapping[str, str]]
"""A conversation, each message as a ``Message`` or as a dict with its role and content."""


@dataclass(frozen=True, slots=True)
class SentPart:
    """A stretch of a text as it was sent: one special token by its name, or what stands between two."""

    text: str
    is_special: bool


def as_messages(given: Messages) -> tuple[Message, ...]:
    """The conversation as values.

    Raises:
        ValueError: If it is empty, or a message is not a role and a content, both text.
    """
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Sequence):
        raise ValueError(
            f'messages is {brief(given)}; it must be a list such as [{{"role": "user", "content": "…"}}]'
        )
    if not given:
        raise ValueError("messages is empty; give at least one message")
    return tuple(map(_as_message, given))


def _as_message(given: object) -> Message:
    if isinstance(given, Message):
        return given
    if not isinstance(given, Mapping) or given.keys() != {"role", "content"}:
        raise ValueError(f"a message is {brief(given)}; it must have a role and a content, and nothing else")
    return Message(given["role"], given["content"])
