"""Which of transformers' classes loads a model for text."""

from __future__ import annotations

from typing import Any

import transformers as hf


def auto_class(config: Any) -> Any:
    """The class to load a configuration's model with; None if it does not write text from left to right.

    A model that also sees is loaded as what it is, and used for text alone.
    """
    if type(config) in hf.MODEL_FOR_CAUSAL_LM_MAPPING:
        return hf.AutoModelForCausalLM
    return hf.AutoModelForImageTextToText if type(config) in hf.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING else None
