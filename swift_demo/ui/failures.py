"""What a visitor is told when something fails, whatever it was."""

from __future__ import annotations

import logging

from swift_demo.trace import TraceError
from swift_demo.ui.knobs import WrongField
from swift_demo.ui.service import ModelLoadError, PromptError

log = logging.getLogger(__name__)

_EXPECTED = (WrongField, PromptError, ModelLoadError, TraceError)  # their words are meant for people
_PASSED_ON = (GeneratorExit, KeyboardInterrupt, SystemExit)
_MAX_CHARACTERS = 300


def told(error: BaseException, what: str) -> str:
    """The sentence for an error, to be called where it was caught.

    Any error has one, also those that are no ``Exception``, as what a tokenizer's own code panics with. Only
    what ends a generator or the program is raised again. What nobody foresaw is logged with its traceback.

    Args:
        what: What did not work, such as "The run failed".
    """
    if isinstance(error, _PASSED_ON):
        raise error
    if isinstance(error, _EXPECTED):
        return _sentence(_one_line(error))
    log.error("%s", what, exc_info=error)
    return _sentence(f"{what}: {_one_line(error)}")


def _one_line(error: BaseException) -> str:
    """What the error says, short and fit to be sent; its kind if it says nothing."""
    text = " ".join(str(error).encode(errors="replace").decode().split()) or type(error).__name__
    return text if len(text) <= _MAX_CHARACTERS else f"{text[: _MAX_CHARACTERS - 1]}…"


def _sentence(text: str) -> str:
    text = text.rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
