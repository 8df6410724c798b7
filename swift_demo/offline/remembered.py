"""What a search has computed, kept in a file, so that a search that was stopped goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from swift_demo.brief import shortened
from swift_demo.files import replace_file
from swift_demo.offline.texts import WrittenText
from swift_demo.skip_set import SkipSet

_FORMAT = 1
_SAVED_EVERY = 5  # new scores


class StateError(ValueError):
    """A file does not hold the state of this search; the message says why."""


class Remembered:
    """Texts, scores and looks, by what they were asked for.

    The search itself is not kept: it is run again from its seed and asks for the same; what it asked for before
    costs nothing now.

    Args:
        path: Of the file; None keeps everything in memory alone.
        about: What makes this search what it is; a file of another one is refused.

    Raises:
        StateError: If the file is of another search or is broken.
    """

    def __init__(self, path: Path | None, about: dict[str, Any]):
        self._path = path
        self._about = about
        self._texts: dict[str, list[list[int]]] = {}
        self._scores: dict[str, float] = {}
        self._looks: dict[str, list[list[int]]] = {}
        self._num_unsaved = 0
        self.num_recalled = 0
        if path is not None and path.exists():
            self._read(path)

    @property
    def num_scores(self) -> int:
        return len(self._scores)

    def text(self, key: str, write: Callable[[], WrittenText]) -> WrittenText:
        """The text of a prompt, written only if it was not before."""
        if key not in self._texts:
            text = write()
            self._texts[key] = [list(text.prompt_ids), list(text.token_ids)]
            self.save()
        prompt_ids, token_ids = self._texts[key]
        return WrittenText(tuple(prompt_ids), tuple(token_ids))

    def score(self, skip_set: SkipSet, compute: Callable[[SkipSet], float]) -> float:
        """A set's score, computed only if it was not before."""
        key = json.dumps([skip_set.attention, skip_set.mlp])
        if key in self._scores:
            self.num_recalled += 1
        else:
            self._scores[key] = compute(skip_set)
            self._note()
        return self._scores[key]

    def look(self, key: str, compute: Callable[[], SkipSet]) -> SkipSet:
        """What a look showed, looked at only if it was not before."""
        if key not in self._looks:
            skip_set = compute()
            self._looks[key] = [list(skip_set.attention), list(skip_set.mlp)]
            self._note()
        attention, mlp = self._looks[key]
        return SkipSet(tuple(attention), tuple(mlp))

    def _note(self) -> None:
        self._num_unsaved += 1
        if self._num_unsaved >= _SAVED_EVERY:
            self.save()

    def save(self) -> None:
        """Write the file; one that was there is replaced whole or stays."""
        if self._path is None:
            return
        content = {"format": _FORMAT, "about": self._about}
        content |= {"texts": self._texts, "scores": self._scores, "looks": self._looks}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self._path, json.dumps(content) + "\n")
        self._num_unsaved = 0

    def _read(self, path: Path) -> None:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            is_known = content["format"] == _FORMAT
            about = dict(content["about"])
            self._texts, self._scores, self._looks = (dict(content[k]) for k in ("texts", "scores", "looks"))
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise StateError(
                f"{path} is not the state of a search ({type(error).__name__}: {shortened(str(error))}); "
                "remove it or name another --state"
            ) from error
        wanted = json.loads(json.dumps(self._about))
        differing = [name for name in wanted if about.get(name) != wanted[name]]
        if differing or not is_known:
            what = ", ".join(f"{name} was {shortened(str(about.get(name)), 60)}" for name in differing)
            raise StateError(
                f"{path} is the state of another search ({what or 'another format'}); go on with the same "
                "arguments, remove it, or name another --state"
            )
