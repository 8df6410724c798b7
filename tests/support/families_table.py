"""The table of supported families in ``docs/models.md``, made of the list that the tests run.

Write it anew with ``PYTHONPATH=.:tests python -m support.families_table``.
"""

from __future__ import annotations

import re
from pathlib import Path

import transformers as hf

from support.families import FAMILIES, NEEDING_NEW, NEW
from swift_demo.files import replace_file
from swift_demo.model.auto_class import auto_class

DOCUMENT = Path(__file__).parents[2] / "docs" / "models.md"
COMMAND = "PYTHONPATH=.:tests python -m support.families_table"
_BEGIN, _END = "<!-- families -->", "<!-- /families -->"


def table() -> list[str]:
    """The lines of the table."""
    rows = [
        f"| {name} | `{_class_name(family.config)}` | {_special(name)} |" for name, family in FAMILIES.items()
    ]
    return ["| family | class in transformers | what is special |", "|---|---|---|", *rows]


def with_table(text: str) -> str:
    """A document's text with the table between its marks made anew."""
    lines = "\n".join([_BEGIN, "", *table(), "", _END])
    new, num_marks = re.subn(f"{_BEGIN}.*?{_END}", lambda _: lines, text, flags=re.DOTALL)
    assert num_marks == 1, f"the table stands once between {_BEGIN} and {_END}"
    return new


def _special(name: str) -> str:
    """What is special about a family, and whether it was tested with new versions only."""
    parts = [FAMILIES[name].special, f"from transformers {NEW}" if name in NEEDING_NEW else ""]
    return "; ".join(filter(None, parts))


def _class_name(config: object) -> str:
    kind = auto_class(config)
    mapping = (
        hf.MODEL_FOR_CAUSAL_LM_MAPPING
        if kind is hf.AutoModelForCausalLM
        else hf.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
    )
    return mapping[type(config)].__name__


if __name__ == "__main__":
    replace_file(DOCUMENT, with_table(DOCUMENT.read_text(encoding="utf-8")))
