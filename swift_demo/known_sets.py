"""Skip sets that were found before, kept beside a model as ``skip_layers.json``.

The form is that of published sets: ``{"name": {"attention": [...], "mlp": [...]}, ...}``.
"""

from __future__ import annotations

import json
from pathlib import Path

from swift_demo.skip_set import SkipSet

FILE_NAME = "skip_layers.json"
ALL_TASKS = "all tasks"


class KnownSetsError(ValueError):
    """The file is not a list of skip sets for this model; the message names what is wrong."""


def load_known_sets(path: str | Path, num_layers: int) -> dict[str, SkipSet]:
    """Sets by name, checked against a model of ``num_layers``; empty if there is no such file.

    Raises:
        KnownSetsError: If the file is broken or its sets do not fit the model.
    """
    path = Path(path)
    if not path.exists():
        return {}
    try:
        sets = {
            name: SkipSet(tuple(entry["attention"]), tuple(entry["mlp"]))
            for name, entry in json.loads(path.read_text(encoding="utf-8")).items()
        }
        for skip_set in sets.values():
            skip_set.check(num_layers)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise KnownSetsError(f"{path.name} does not list skip sets for this model: {error}") from error
    return sets


def save_known_sets(path: str | Path, sets: dict[str, SkipSet]) -> None:
    """Write sets by name, in the form that ``load_known_sets`` reads."""
    Path(path).write_text(known_sets_text(sets), encoding="utf-8")


def known_sets_text(sets: dict[str, SkipSet]) -> str:
    """Sets by name, in the form that ``load_known_sets`` reads."""
    entries = {name: {"attention": s.attention, "mlp": s.mlp} for name, s in sets.items()}
    return json.dumps(entries, indent=1) + "\n"
