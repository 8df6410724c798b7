"""Skip sets found before: beside a model as ``skip_layers.json``, or in a file of one's own.

The form is that of published sets: ``{"name": {"attention": [...], "mlp": [...]}, ...}``. Beside a model the
names are tasks; in a file with sets of several models they are model and task, ``llama-2-13b_cnndm``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from swift_demo.brief import brief, shortened
from swift_demo.files import replace_file
from swift_demo.json_lines import lines_of, parse_object
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
    sets = _read(path)
    for name, skip_set in sets.items():
        _check(path, name, skip_set, num_layers)
    return sets


def fitting_sets(path: str | Path, num_layers: int) -> dict[str, SkipSet]:
    """Sets by name, those left out that do not fit a model of ``num_layers``; empty if there is no such file.

    Raises:
        KnownSetsError: If the file is broken.
    """
    path = Path(path)
    sets = _read(path) if path.exists() else {}
    return {name: skip_set for name, skip_set in sets.items() if _fits(skip_set, num_layers)}


def load_known_set(path: str | Path, model: str, task: str, num_layers: int) -> SkipSet:
    """A model's set for a task, checked against its ``num_layers``; sets of other models may be beside it.

    Args:
        task: Or the whole name of a set in the file.

    Raises:
        KnownSetsError: If there is no such file or set, or it does not fit the model.
    """
    path = Path(path)
    if not path.exists():
        raise KnownSetsError(f"there is no file {path}; name one that lists skip sets")
    sets = _read(path)
    full_name = _full_name(model, task)
    name = full_name if full_name in sets else task
    if name not in sets:
        known = shortened(", ".join(sets)) or "none"
        raise KnownSetsError(f"{path.name} has no set {full_name!r} or {task!r}; it has {known}")
    _check(path, name, sets[name], num_layers)
    return sets[name]


def add_known_set(path: str | Path, model: str, task: str, skip_set: SkipSet) -> None:
    """Write a model's set for a task into a file; what else the file lists stays.

    Raises:
        KnownSetsError: If the file exists but does not list skip sets.
    """
    path = Path(path)
    sets = _read(path) if path.exists() else {}
    save_known_sets(path, sets | {_full_name(model, task): skip_set})


def first_sets(
    sets: Mapping[str, SkipSet], num_skipped: int | None = None
) -> tuple[SkipSet | None, tuple[SkipSet, ...]]:
    """Of the sets that skip this many sub-layers, the one for all tasks, to start from; the others, to try.

    Args:
        num_skipped: Sets of any size if not given.
    """
    fitting = {name: s for name, s in sets.items() if num_skipped is None or len(s) == num_skipped}
    start = fitting.pop(ALL_TASKS, None)
    return start, tuple(fitting.values())


def save_known_sets(path: str | Path, sets: dict[str, SkipSet]) -> None:
    """Write sets by name, in the form that ``load_known_sets`` reads.

    Raises:
        OSError: If the file cannot be written; one that was there stays.
    """
    replace_file(path, known_sets_text(sets))


def known_sets_text(sets: dict[str, SkipSet]) -> str:
    """Sets by name, in the form that ``load_known_sets`` reads."""
    entries = {name: {"attention": s.attention, "mlp": s.mlp} for name, s in sets.items()}
    return json.dumps(entries, indent=1) + "\n"


def _full_name(model: str, task: str) -> str:
    return f"{model}_{task}"


def _read(path: Path) -> dict[str, SkipSet]:
    try:
        return {
            name: SkipSet(tuple(entry["attention"]), tuple(entry["mlp"]))
            for name, entry in parse_object("\n".join(lines_of(path.read_bytes()))).items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise KnownSetsError(f"{path.name} does not list skip sets: {shortened(str(error))}") from error


def _fits(skip_set: SkipSet, num_layers: int) -> bool:
    try:
        skip_set.check(num_layers)
    except ValueError:
        return False
    return True


def _check(path: Path, name: str, skip_set: SkipSet, num_layers: int) -> None:
    try:
        skip_set.check(num_layers)
    except ValueError as error:
        why = f"the set {brief(name)} does not fit this model: {shortened(str(error))}"
        raise KnownSetsError(f"{path.name}: {why}") from error
