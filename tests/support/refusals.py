"""What a model that cannot be loaded is refused with."""

from __future__ import annotations

from typing import Any

import pytest

from swift_demo.model.loading import ModelLoadError, load_target


def refusal(*args: Any, **others: Any) -> str:
    """The sentence that loading is refused with; short, on one line, and fit to be shown."""
    with pytest.raises(ModelLoadError) as caught:
        load_target(*args, **others)
    sentence = str(caught.value)
    assert sentence.isprintable()
    assert len(sentence) < 300
    assert "Traceback" not in sentence
    return sentence
