"""Checks a model's folder or Hub repository before the model is loaded.

Left to themselves, the libraries would load some of these wrongly, prompt at the terminal, or fail with an
unhelpful message.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from huggingface_hub import model_info, try_to_load_from_cache

from swift_demo.model.load_errors import explain, refusal

_HUB_TIMEOUT_S = 10
_POINTER = b"version https://git-lfs.github.com/spec/"
_READ_ALWAYS = ("config.json", "generation_config.json", "tokenizer_config.json")
_VOCABULARIES = ("tokenizer.json", "vocab.json", "vocab.txt", "merges.txt", "tekken.json")
_SENTENCEPIECE = ("tokenizer.model", "spiece.model", "sentencepiece.bpe.model")
_GGUF = (
    " is a GGUF file, which cannot be loaded yet; name the folder or Hub name of the model that it was made "
    "from, with its safetensors"
)
_ADAPTER = (
    "{name} is an adapter, not a whole model; merge it into its base model%s (peft: merge_and_unload), save "
    "the result and name its folder"
)


def source_of(name: str) -> str:
    """Where a model is loaded from: its folder, or the Hub's name for it.

    Raises:
        ModelLoadError: If nothing that could be loaded is there.
    """
    if not name.strip():
        raise refusal(name, "no model is named; give a folder with a saved model or a Hub name")
    try:
        path = Path(name).expanduser()
    except RuntimeError:  # of a user who is not there
        path = Path(name)
    if path.is_dir():
        _check_folder(name, path)
        return str(path)
    if name.lower().endswith(".gguf"):
        raise refusal(name, "{name}" + _GGUF)
    if path.is_file():
        raise refusal(name, "{name} is a file; name the folder in which the model was saved")
    if path.exists() or name.startswith((".", "/", "~")) or name.count("/") > 1:
        raise refusal(name, "there is no folder {name}; name a folder with a saved model or a Hub name")
    _ask_hub(name)
    return name


def _check_folder(name: str, folder: Path) -> None:
    files = {file.name: file for file in folder.iterdir() if file.is_file()}
    if "adapter_config.json" in files:
        base = _read(name, files["adapter_config.json"]).get("base_model_name_or_path")
        raise refusal(name, _ADAPTER % (f" {str(base)[:60]}" if base else ""))
    _check_names(name, files, "{name} is a folder without a config.json; name the folder of a saved model")
    for file in files.values():
        if file.stat().st_size < 1024 and file.read_bytes().startswith(_POINTER):
            raise refusal(
                name,
                f"{file.name[:60]} in {{name}} is only a Git LFS pointer to the file; run git lfs pull there",
            )
    for file_name in _READ_ALWAYS:
        if file_name in files:
            _read(name, files[file_name])


def _check_names(name: str, files: Collection[str], without_config: str) -> None:
    if "adapter_config.json" in files:
        raise refusal(name, _ADAPTER % "")
    if "config.json" not in files:
        has_gguf = any(file.lower().endswith(".gguf") for file in files)
        raise refusal(name, "{name} holds" + _GGUF.removeprefix(" is") if has_gguf else without_config)


def _read(name: str, file: Path) -> dict[str, Any]:
    """The object in a JSON file."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise refusal(name, f"{file.name} in {{name}} holds no JSON object; get the file again")
    return content


def _ask_hub(name: str) -> None:
    """Fail at once if the Hub is out of reach or has no such model; the loaders would retry for long."""
    try:
        if isinstance(try_to_load_from_cache(name, "config.json"), str):
            return
        siblings = model_info(name, timeout=_HUB_TIMEOUT_S).siblings or []
    except Exception as error:  # the HTTP library's errors share no base class with the Hub library's
        raise explain(name, "configuration", error) from error
    _check_names(
        name,
        [sibling.rfilename for sibling in siblings],
        "{name} on the Hub has no config.json, so transformers cannot load it; choose another",
    )


def has_file(source: str, *names: str) -> bool:
    """Whether a model's folder, or the local copy of its Hub repository, has one of these files."""
    if Path(source).is_dir():
        return any((Path(source) / name).exists() for name in names)
    return any(isinstance(try_to_load_from_cache(source, name), str) for name in names)


def why_no_tokenizer(source: str) -> str:
    """A sentence about a tokenizer that cannot be loaded, if its files say why; else nothing."""
    if has_file(source, *_VOCABULARIES):
        return ""
    if has_file(source, *_SENTENCEPIECE):
        return (
            "the tokenizer of {name} is there as SentencePiece only; pip install sentencepiece protobuf, or "
            "put a tokenizer.json beside it"
        )
    return "{name} has no tokenizer; put its tokenizer.json and tokenizer_config.json beside its weights"
