"""What the tasks are made of: words and texts in files beside their code, read when first asked for."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def table(name: str) -> dict[str, Any]:
    """The content of a TOML file, such as "story/words.toml"; it is not to be changed."""
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


@cache
def rows(name: str) -> tuple[str, ...]:
    """The lines of a text file but its comments; an indented line continues the one above."""
    text = (FOLDER / name).read_text(encoding="utf-8").replace("\n ", " ")
    return tuple(line for line in text.splitlines() if not line.startswith("#"))


def alternatives(block: str) -> tuple[tuple[str, ...], ...]:
    """The sentences of a text, each with its wordings: a line with "| " may stand in for the one above.

    An indented line continues the one above.
    """
    lines = re.split(r"\n(?!\| )", block.replace("\n  ", " "))
    return tuple(tuple(sentence.split("\n| ")) for sentence in lines)


def women() -> list[str]:
    """First names of the women in all tasks."""
    return table("names.toml")["women"]


def men() -> list[str]:
    """First names of the men in all tasks."""
    return table("names.toml")["men"]
