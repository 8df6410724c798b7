"""Where a model's files are, and whether they are such as can be loaded, before the model is.

Left to themselves, the libraries would load some of these wrongly, prompt at the terminal, or fail with an
unhelpful message.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swift_demo.brief import shortened
from swift_demo.model.gguf_files import check_gguf, is_gguf
from swift_demo.model.hub import ask_hub, cached_file, cached_folder, fetch, fetch_file
from swift_demo.model.load_errors import ModelLoadError, refusal
from swift_demo.model.load_progress import Reporter

_POINTER = b"version https://git-lfs.github.com/spec/"
_READ_ALWAYS = ("config.json", "generation_config.json", "tokenizer_config.json")
_VOCABULARIES = ("tokenizer.json", "vocab.json", "vocab.txt", "merges.txt", "tekken.json")
_SENTENCEPIECE = ("tokenizer.model", "spiece.model", "sentencepiece.bpe.model")
_ADAPTER = (
    "{name} is an adapter, not a whole model; merge it into its base model%s (peft: merge_and_unload), save "
    "the result and name its folder"
)


@dataclass(frozen=True)
class ModelSource:
    """A model's files on this machine.

    Attributes:
        name: What the user calls it.
        folder: Where its files are.
        gguf_file: The name of the one file in the folder that holds it all; None if these are several.
        is_from_hub: Whether the folder belongs to the Hub's cache.
    """

    name: str
    folder: Path
    gguf_file: str | None = None
    is_from_hub: bool = False

    @property
    def title(self) -> str:
        """What to call it on screen."""
        if self.gguf_file:
            return Path(self.gguf_file).stem
        return self.name if self.is_from_hub else self.folder.resolve().name

    @property
    def keywords(self) -> dict[str, str]:
        """What transformers' loaders are told beside the folder."""
        return {"gguf_file": self.gguf_file} if self.gguf_file else {}

    @property
    def num_bytes(self) -> int:
        """Bytes of the weights' files."""
        return sum(file.stat().st_size for file in self.folder.glob("*.safetensors"))

    def has_file(self, *names: str) -> bool:
        """Whether one of these files is in the folder."""
        return any((self.folder / name).exists() for name in names)


def find_source(
    name: str,
    report: Reporter,
    check_folder: Callable[[Path, int | None], object],
    check_parameters: Callable[[int], object],
) -> ModelSource:
    """A model's files, downloaded from the Hub if its name says so and they are not here.

    Args:
        check_folder: Is called before weights are downloaded, with a folder that has the model's configuration
            and the bytes of the weights' files.
        check_parameters: Is called before a GGUF file is downloaded, with the number of its parameters.

    Raises:
        ModelLoadError: If nothing that could be loaded is there, or a check raised it.
    """
    if not name.strip():
        raise refusal(name, "no model is named; give a folder with a saved model or a Hub name")
    try:
        path = Path(name).expanduser()
    except RuntimeError:  # of a user who is not there
        path = Path(name)
    if path.is_dir():
        _check_folder(name, path)
        return ModelSource(name, path)
    if path.is_file():
        if not is_gguf(name):
            raise refusal(
                name, "{name} is a file; name the folder in which the model was saved, or a GGUF file"
            )
        _check_pointer(name, path, "{name}")
        check_gguf(name, path)
        return ModelSource(name, path.parent, path.name)
    is_path = path.exists() or name.startswith((".", "/", "~"))
    if is_gguf(name):
        if is_path or name.count("/") < 2:
            raise refusal(
                name,
                "there is no file {name}; name a GGUF file here, or one on the Hub as owner/name/file.gguf",
            )
        return _gguf_from_hub(name, report, check_parameters)
    if is_path or name.count("/") > 1:
        raise refusal(name, "there is no folder {name}; name a folder with a saved model or a Hub name")
    return ModelSource(name, _from_hub(name, report, check_folder), is_from_hub=True)


def _from_hub(name: str, report: Reporter, check: Callable[[Path, int | None], object]) -> Path:
    try:
        listing = ask_hub(name)
    except ModelLoadError:
        if folder := cached_folder(name):  # it was loaded before, and can be without a network
            return folder
        raise
    without_config = "{name} on the Hub has no config.json, so transformers cannot load it; choose another"
    _check_names(name, listing.sizes, without_config)
    return fetch(listing, report, check)


def _gguf_from_hub(name: str, report: Reporter, check: Callable[[int], object]) -> ModelSource:
    check_gguf(name)
    owner, repository, file_name = name.split("/", 2)
    repository = f"{owner}/{repository}"
    file = cached_file(repository, file_name)
    if file is None:
        listing = ask_hub(repository)
        if file_name not in listing.sizes:
            there = shortened(", ".join(filter(is_gguf, listing.sizes)), 100) or "no GGUF file"
            raise refusal(name, f"there is no file {{name}} on the Hub; {repository[:60]} has {there}")
        if listing.num_parameters:
            check(listing.num_parameters)
        file = fetch_file(listing, file_name, report)
    check_gguf(name, file)
    return ModelSource(name, file.parent, file.name, is_from_hub=True)


def _check_folder(name: str, folder: Path) -> None:
    files = {file.name: file for file in folder.iterdir() if file.is_file()}
    if "adapter_config.json" in files:
        base = _read(name, files["adapter_config.json"]).get("base_model_name_or_path")
        raise refusal(name, _ADAPTER % (f" {str(base)[:60]}" if base else ""))
    _check_names(name, files, "{name} is a folder without a config.json; name the folder of a saved model")
    for file in files.values():
        _check_pointer(name, file, f"{file.name[:60]} in {{name}}")
    for file_name in _READ_ALWAYS:
        if file_name in files:
            _read(name, files[file_name])


def _check_names(name: str, files: Collection[str], without_config: str) -> None:
    if "adapter_config.json" in files:
        raise refusal(name, _ADAPTER % "")
    if "config.json" not in files:
        gguf = next(filter(is_gguf, files), None)
        raise refusal(
            name, f"{{name}} holds a GGUF file; name that, as {{name}}/{gguf}" if gguf else without_config
        )


def _check_pointer(name: str, file: Path, called: str) -> None:
    if file.stat().st_size < 1024 and file.read_bytes().startswith(_POINTER):
        raise refusal(name, f"{called} is only a Git LFS pointer to the file; run git lfs pull there")


def _read(name: str, file: Path) -> dict[str, Any]:
    """The object in a JSON file."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise refusal(name, f"{file.name} in {{name}} holds no JSON object; get the file again")
    return content


def why_no_tokenizer(source: ModelSource) -> str:
    """A sentence about a tokenizer that cannot be loaded, if its files say why; else nothing."""
    if source.has_file(*_VOCABULARIES):
        return ""
    if source.has_file(*_SENTENCEPIECE):
        return (
            "the tokenizer of {name} is there as SentencePiece only; pip install sentencepiece protobuf, or "
            "put a tokenizer.json beside it"
        )
    return "{name} has no tokenizer; put its tokenizer.json and tokenizer_config.json beside its weights"
