"""Whatever goes wrong while a model is loaded, as one sentence that says what to do."""

from __future__ import annotations

from typing import Literal

import torch
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    StrictDataclassError,
)
from safetensors import SafetensorError

from swift_demo.brief import one_line
from swift_demo.known_sets import KnownSetsError
from swift_demo.model.families import UnsupportedModelError
from swift_demo.model.prompts import PromptError
from swift_demo.text import is_panic

_LONGEST = 299
_SHORTEST_NAME = 24
_LONGEST_REASON = 150
_DAMAGED = (SafetensorError, EOFError)

Part = Literal["name", "configuration", "tokenizer", "weights", "test run"]
_ADVICE: dict[Part, str] = {
    "name": "check the name",
    "configuration": "check its config.json, or choose another model",
    "tokenizer": "check its tokenizer.json, or choose another model",
    "weights": "check its config.json and weights, or choose another model",
    "test run": "choose another model",
}


class ModelLoadError(ValueError):
    """A model could not be loaded; the message is one sentence that says what to do."""


class NoRoomError(ModelLoadError):
    """The weights need more memory than is free now."""


def refusal(name: str, sentence: str, kind: type[ModelLoadError] = ModelLoadError) -> ModelLoadError:
    """The error with a sentence about a model, whose name appears in it as ``{name}``.

    If it is too long for a line, the name is shortened first.
    """
    room = max(_SHORTEST_NAME, _LONGEST - len(sentence.replace("{name}", "")))
    if len(name) > room:
        name = f"{name[: room // 2]}…{name[len(name) - (room - room // 2 - 1) :]}"
    sentence = "".join(c if c.isprintable() else "\ufffd" for c in sentence.replace("{name}", name))
    return kind(one_line(sentence, _LONGEST))


def is_failure(error: BaseException) -> bool:
    """Whether it means that something failed, rather than that the program should end."""
    return isinstance(error, Exception) or is_panic(error)


def explain(name: str, part: Part, error: BaseException, place: object = "this machine") -> ModelLoadError:
    """What the libraries raised, in a sentence; they wrap each other, so the causes are searched."""
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) and cause not in causes:
        causes.append(cause)

    def is_caused_by(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    reason = _reason(error)
    if isinstance(error, ModelLoadError):
        return error
    if isinstance(error, UnsupportedModelError):
        sentence = f"{{name}} cannot be run: {error}"
    elif isinstance(error, torch.OutOfMemoryError | MemoryError) or "allocate memory" in reason:
        sentence = f"{{name}} does not fit into the memory of {place}; try a smaller model"
    elif is_caused_by(GatedRepoError):
        sentence = "{name} is gated: accept its terms on the Hub and set HF_TOKEN, then try again"
    elif is_caused_by(RepositoryNotFoundError, HFValidationError):
        sentence = "there is no model {name} on the Hub (or it is private); check the name, or give a folder"
    elif is_caused_by(LocalEntryNotFoundError, OfflineModeIsEnabled, HfHubHTTPError) or any(
        word in type(cause).__name__.lower() for cause in causes for word in ("connect", "timeout")
    ):
        sentence = "the Hub could not be reached for {name}; check the network, or give a folder"
    elif isinstance(error, ImportError) and "quantiz" in str(error):
        sentence = f"{{name}} cannot be loaded with quantised weights: {reason}"
    elif isinstance(error, _DAMAGED):
        sentence = f"the weights of {{name}} are damaged or not complete ({reason}); get its files again"
    elif isinstance(error, KnownSetsError):
        sentence = f"{{name}} could not be loaded: {reason}; fix that file or remove it"
    elif isinstance(error, PromptError):
        sentence = f"the tokenizer of {{name}} does not belong to it: {reason}; get its files again"
    else:
        sentence = f"{{name}} could not be loaded: {reason}; {_ADVICE[part]}"
    return refusal(name, sentence)


def _reason(error: BaseException) -> str:
    """What an error says, in a few words on one line; its type too if its text alone says little."""
    if isinstance(error, StrictDataclassError) and error.__cause__:
        error = error.__cause__  # the check that failed; the error around it only names the class
    text = one_line(str(getattr(error, "strerror", None) or error), _LONGEST_REASON).rstrip(".")
    is_said = text and isinstance(error, (OSError, ValueError, RuntimeError, ImportError, *_DAMAGED))
    return text if is_said else f"{type(error).__name__}: {text}".rstrip(": ")
