"""One document of the corpus, and the rule that keeps some of them unseen in training."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

HELD_OUT_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Document:
    """A prompt and what ought to follow it.

    Attributes:
        task: Name of the task module that made it.
        prompt: What a visitor would type.
        completion: What a right answer continues with; the end-of-text token follows it.
        binding: The names, numbers and objects drawn together, as one string. Two documents with
            the same binding land on the same side of the held-out split.
        facts: What a check looks for in a generated completion (see each task's ``is_right``).
    """

    task: str
    prompt: str
    completion: str
    binding: str
    facts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.prompt + self.completion

    @property
    def is_held_out(self) -> bool:
        """Whether this combination is never trained on: decided by the binding alone, not by chance."""
        digest = hashlib.sha256(f"{self.task}\n{self.binding}".encode()).digest()
        return int.from_bytes(digest[:4], "big") < HELD_OUT_SHARE * 2**32
