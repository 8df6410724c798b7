"""Files of prompts: one a line, or JSON lines with ``prompt`` and optionally ``task``."""

from __future__ import annotations

from pathlib import Path

from swift_demo.json_lines import LineError, is_whole, lines_of, parse_object

OWN_TASK = "prompts"  # of a file that names no tasks


class PromptFileError(ValueError):
    """A file does not hold the prompts asked for; the message says why."""


def read_prompts(path: Path) -> list[tuple[str, str]]:
    """(task, prompt) of every line that is not empty.

    Raises:
        PromptFileError: If the file cannot be read or a line is none of these.
    """
    try:
        lines = lines_of(path.read_bytes())
    except OSError as error:
        raise PromptFileError(f"{path} cannot be read: {error.strerror}") from None
    except LineError as error:
        raise PromptFileError(f"{path}, {error}") from None
    return [_read(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _read(path: Path, number: int, line: str) -> tuple[str, str]:
    if path.suffix not in (".jsonl", ".json"):
        return OWN_TASK, line
    try:
        entry = parse_object(line)
        task, prompt = str(entry.get("task", OWN_TASK)), str(entry["prompt"])
        if not is_whole(task + prompt):
            raise ValueError("half a character")
        return task, prompt
    except (ValueError, KeyError):
        raise PromptFileError(f'{path}, line {number}: not like {{"prompt": "…", "task": "…"}}') from None
