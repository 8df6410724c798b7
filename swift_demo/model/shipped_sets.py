"""Skip sets that come with the code, chosen by a model's name."""

from __future__ import annotations

import re
from pathlib import Path

from swift_demo.assets import assets
from swift_demo.known_sets import fitting_sets
from swift_demo.skip_set import SkipSet

# What follows a model's name in the names of its files: converted by whom, stored in which number format.
_ENDINGS = re.compile(r"(\.gguf|[-._](i?q\d\w*|bf16|fp?16|fp?32|gguf|hf))$")
_STRANGE = re.compile(r"[^a-z0-9._-]+")


def shipped_file(model: str) -> Path:
    """Where the sets of a model with this name are, or would be."""
    name = model.rstrip("/").rpartition("/")[2].lower()
    while (shorter := _ENDINGS.sub("", name)) not in (name, ""):
        name = shorter
    return assets() / "skip_layers" / f"{_STRANGE.sub('-', name)}.json"


def shipped_sets(model: str, num_layers: int) -> dict[str, SkipSet]:
    """Sets by name; without those that do not fit, since a name proves nothing.

    Raises:
        KnownSetsError: If the file is broken.
    """
    return fitting_sets(shipped_file(model), num_layers)
