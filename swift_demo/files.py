"""Files that are replaced whole: a write that fails midway leaves what was there."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path


def replace_file(path: str | Path, content: str | bytes) -> None:
    """Write a file beside the old one, then put it in the old one's place; text becomes UTF-8.

    A link stays a link, and the file that it leads to is replaced; permissions stay too. Anything that is not a
    file, such as a pipe or ``/dev/stdout``, is written to directly.

    Raises:
        OSError: If it cannot be written; the old file is then as it was.
    """
    data = content.encode() if isinstance(content, str) else content
    goal = Path(os.path.realpath(path))
    try:
        if Path(path).exists() and not goal.is_file():
            Path(path).write_bytes(data)
        else:
            _replace(goal, data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error  # not the name beside it


def _replace(goal: Path, data: bytes) -> None:
    beside = goal.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with open(beside, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if goal.exists():
            with contextlib.suppress(PermissionError):  # some file systems have no permissions
                shutil.copymode(goal, beside)
        os.replace(beside, goal)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
