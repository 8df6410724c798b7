"""What a visitor is told when something fails, and what the log says about it."""

from __future__ import annotations

import logging

from swift_demo.brief import one_line
from swift_demo.trace import TraceError
from swift_demo.ui.fields import WrongField
from swift_demo.ui.service import ModelLoadError, PromptError

log = logging.getLogger(__name__)

# What a visitor can fix, and how loudly the log says it; the sentences of the first three need nothing added.
_EXPECTED = {
    WrongField: logging.INFO,
    PromptError: logging.INFO,
    ModelLoadError: logging.WARNING,
    TraceError: logging.INFO,
}
_STAND_ALONE = (WrongField, PromptError, ModelLoadError)
_PASSED_ON = (GeneratorExit, KeyboardInterrupt, SystemExit)


def told(error: BaseException, what: str) -> str:
    """The sentence for an error; call it where the error was caught. The log gets it too.

    Every error gets one, even if it is not an ``Exception`` (a panic in a tokenizer's Rust code, for example).
    Only what ends a generator or the program is raised again. Unforeseen errors are logged with their
    traceback.

    Args:
        what: What did not work, such as "The run failed".
    """
    if isinstance(error, _PASSED_ON):
        raise error
    words = one_line(str(error)) or type(error).__name__
    level = next((level for kind, level in _EXPECTED.items() if isinstance(error, kind)), None)
    if level is None:
        log.error("%s", what, exc_info=error)
    else:
        log.log(level, "%s: %s", what, words)
    if isinstance(error, _STAND_ALONE):
        return _sentence(words[:1].upper() + words[1:])
    return _sentence(f"{what}: {words}")


def _sentence(text: str) -> str:
    return f"{text.rstrip('.')}."
