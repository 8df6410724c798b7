"""Files that are replaced whole: a write that fails midway leaves what was there."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path


def replace_file(path: str | Path, text: str) -> None:
    """Write a UTF-8 text file beside the old one, then put it in the old one's place.

    Raises:
        OSError: If it cannot be written; the old file is then as it was.
    """
    path = Path(path)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with open(beside, "x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, beside)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
