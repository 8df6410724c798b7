"""A model's files on the Hub, and those of them that are on this machine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import constants, hf_hub_download, model_info, try_to_load_from_cache

from swift_demo.brief import size
from swift_demo.model.load_errors import explain, refusal
from swift_demo.model.load_progress import Reporter

_TIMEOUT_S = 10
_CONFIG = "config.json"
_WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_BESIDE_WEIGHTS = {
    _CONFIG,
    *("generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"),
    *("added_tokens.json", "vocab.json", "vocab.txt", "merges.txt", "tekken.json", "chat_template.jinja"),
    *("chat_template.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model"),
}
_TEMPLATES = "additional_chat_templates/"


@dataclass(frozen=True)
class HubListing:
    """What the Hub has under a model's name.

    Attributes:
        sizes: Bytes of each file, by name; None where the Hub does not tell.
        num_parameters: Of the GGUF file there, if it tells; of one of them if there are several.
    """

    name: str
    sizes: dict[str, int | None]
    num_parameters: int | None


def ask_hub(name: str) -> HubListing:
    """What there is under this name; fails at once, while the loaders would retry for long.

    Raises:
        ModelLoadError: If the Hub cannot be reached or has no such model.
    """
    try:
        info = model_info(name, timeout=_TIMEOUT_S, files_metadata=True)
    except Exception as error:  # the HTTP library's errors share no base class with the Hub library's
        raise explain(name, "configuration", error) from error
    gguf = getattr(info, "gguf", None) or {}
    return HubListing(name, {each.rfilename: each.size for each in info.siblings or []}, gguf.get("total"))


def fetch(listing: HubListing, report: Reporter, check: Callable[[Path, int | None], object]) -> Path:
    """The folder of a model's files, after those that are missing here have been downloaded.

    Args:
        check: Is given the folder, with a configuration but perhaps no weights yet, and the bytes of the
            weights' files; what it raises ends this.

    Raises:
        ModelLoadError: If no weights are in safetensors files; others are pickles, which can hold programs.
    """
    name = listing.name
    if not {_WEIGHTS, _INDEX} & set(listing.sizes):
        raise refusal(
            name,
            "{name} on the Hub has no weights in safetensors files, and others are not loaded; choose another",
        )
    folder = Path(hf_hub_download(name, _CONFIG)).parent
    if _WEIGHTS in listing.sizes:
        weights = [_WEIGHTS]
    else:
        weights = _parts(Path(hf_hub_download(name, _INDEX, revision=folder.name)))
    check(folder, _sum([listing.sizes.get(each) for each in weights]))
    beside = [each for each in listing.sizes if each in _BESIDE_WEIGHTS or each.startswith(_TEMPLATES)]
    _download(listing, [*beside, *weights], folder.name, report)
    return folder


def fetch_file(listing: HubListing, file: str, report: Reporter) -> Path:
    """One file of a model's, downloaded if it is missing here."""
    cached = try_to_load_from_cache(listing.name, file)
    if isinstance(cached, str):
        return Path(cached)
    _download(listing, [file], None, report)
    return Path(hf_hub_download(listing.name, file))


def cached_folder(name: str) -> Path | None:
    """Where all of a model's files are on this machine; None if they are not."""
    config = try_to_load_from_cache(name, _CONFIG)
    if not isinstance(config, str):
        return None
    folder = Path(config).parent
    if (folder / _WEIGHTS).exists():
        return folder
    parts = _parts(folder / _INDEX) if (folder / _INDEX).exists() else []
    return folder if parts and all((folder / part).exists() for part in parts) else None


def cached_file(name: str, file: str) -> Path | None:
    """Where a file of a model's is on this machine; None if it is not."""
    cached = try_to_load_from_cache(name, file)
    return Path(cached) if isinstance(cached, str) else None


def _parts(index: Path) -> list[str]:
    """The files that an index of weights names."""
    try:
        return sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, AttributeError, TypeError):
        return []  # transformers says what is wrong with it


def _download(listing: HubListing, files: Collection[str], revision: str | None, report: Reporter) -> None:
    missing = [
        file
        for file in files
        if not isinstance(try_to_load_from_cache(listing.name, file, revision=revision), str)
    ]
    if not missing:
        return
    total = _sum([listing.sizes.get(file) for file in missing])
    _check_disk(listing.name, total)
    report("downloading", 0, total)
    bar = report.bar(total)
    for file in missing:
        hf_hub_download(listing.name, file, revision=revision, tqdm_class=bar)


def _check_disk(name: str, total: int | None) -> None:
    place = Path(constants.HF_HUB_CACHE)
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if total is not None and total > free:
        raise refusal(
            name,
            f"the files of {{name}} take {size(total)}, and the disk has {size(free)} left; free some space",
        )


def _sum(sizes: list[int | None]) -> int | None:
    known = [each for each in sizes if each is not None]
    return sum(known) if len(known) == len(sizes) else None
