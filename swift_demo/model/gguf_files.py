"""Models in GGUF files, which llama.cpp runs: transformers turns their quantised weights into ordinary ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import transformers as hf

from swift_demo.brief import one_line
from swift_demo.extras import MissingExtra, require
from swift_demo.model.load_errors import refusal

SUFFIX = ".gguf"
_MAGIC = b"GGUF"
_PART_OF_SEVERAL = re.compile(r"-\d{5}-of-\d{5}\.gguf$", re.IGNORECASE)


def is_gguf(name: str) -> bool:
    """Whether a file's name says that it is a GGUF file."""
    return name.lower().endswith(SUFFIX)


def check_gguf(name: str, file: Path | None = None) -> None:
    """Refuse what is known not to load, before a download with no file.

    Raises:
        ModelLoadError: If the package ``gguf`` is missing, or the file is none or not all.
    """
    try:
        require("gguf", "gguf")
    except MissingExtra as error:
        raise refusal(name, f"{{name}} is a GGUF file: {error}") from None
    if _PART_OF_SEVERAL.search(name):
        raise refusal(
            name,
            "{name} is one part of several; put them together (llama-gguf-split --merge) and name the result",
        )
    if file is not None:
        with file.open("rb") as opened:
            if opened.read(len(_MAGIC)) != _MAGIC:
                raise refusal(name, "{name} is damaged or no GGUF file; get it again")


def gguf_config(name: str, file: Path) -> dict[str, Any]:
    """The values of a configuration, from what the file says about its model.

    Raises:
        ModelLoadError: If the file is damaged, or its architecture is not known to transformers.
    """
    try:
        values, _ = hf.PreTrainedConfig.get_config_dict(file.parent, gguf_file=file.name)
    except (ImportError, MemoryError):
        raise
    except Exception as error:  # whatever a broken file makes of reading it
        reason = one_line(str(error), 100).rstrip(".")
        if "architecture" in reason and "supported" in reason:
            raise refusal(name, f"{{name}} cannot be loaded: {reason}; choose another model") from error
        raise refusal(name, f"{{name}} is damaged or not complete ({reason}); get it again") from error
    return values


def gguf_settings(config: Any, file_name: str) -> dict[str, Any]:
    """What transformers' loader is told so that it reads ordinary weights from the file."""
    settings: dict[str, Any] = {"config": config, "gguf_file": file_name}
    if hasattr(hf, "GgufConfig"):  # which can leave them quantised, and in older releases cannot
        settings["quantization_config"] = hf.GgufConfig(dequantize=True)
    return settings


def as_ordinary(model: Any) -> None:
    """Say of a model no longer that it is quantised, since its weights are ordinary numbers."""
    quantizer = getattr(model, "hf_quantizer", None)
    if quantizer is not None:
        quantizer.remove_quantization_config(model)
