"""Who uses the library or starts the page sees no warning: Python's own, a library's, or one that is logged."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.running_app import RunningApp

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "assets" / "demo_model"
DEADLINE_S = 200
# Every warning once for each place, those too that Python or an ``except`` would swallow; no progress bars.
ALL_WARNINGS = {"PYTHONWARNINGS": "default", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_OFFLINE": "1"}
A_MODEL_OF_TRANSFORMERS = f"""
from transformers import AutoModelForCausalLM, AutoTokenizer, TextStreamer
tokenizer = AutoTokenizer.from_pretrained({str(MODEL)!r})
model = AutoModelForCausalLM.from_pretrained({str(MODEL)!r})
inputs, streamer = tokenizer("Once upon a time", return_tensors="pt"), TextStreamer(tokenizer)
"""


def example(document: str, heading: str) -> str:
    """The first block of Python under a heading of a document, with shorter texts."""
    section = (ROOT / document).read_text(encoding="utf-8").split(f"# {heading}\n")[1]
    code = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert code, heading
    shorter = code[1].replace("max_new_tokens=150", "max_new_tokens=30")
    return shorter.replace('"assets/demo_model"', repr(str(MODEL)))


def what_it_complains_of(code: str, folder: Path) -> str:
    """What a program writes to where errors go."""
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | ALL_WARNINGS | {"PYTHONPATH": str(ROOT)},
        text=True,
        capture_output=True,
        timeout=DEADLINE_S,
    )
    assert ended.returncode == 0 and ended.stdout, ended.stderr
    return ended.stderr


def test_the_examples_of_the_documents_run_quietly(tmp_path):
    """In one program, since importing the libraries takes longer than the examples."""
    decoders = example("README.md", "As a library") + example("docs/library.md", "Decoders")
    sets = example("docs/library.md", "Skip sets")
    inside = A_MODEL_OF_TRANSFORMERS + example("docs/library.md", "Inside transformers")
    assert what_it_complains_of(decoders + sets + inside, tmp_path) == ""
    assert (tmp_path / "run.jsonl").exists() and (tmp_path / "sets.json").exists()


def test_the_page_is_served_quietly(tmp_path, monkeypatch):
    client = pytest.importorskip("gradio_client")
    # Gradio's own: event loops left unclosed, and words that the next pandas will not know.
    others = "ignore::ResourceWarning,ignore::DeprecationWarning:gradio.queueing"
    monkeypatch.setenv("PYTHONWARNINGS", f"{ALL_WARNINGS['PYTHONWARNINGS']},{others}")
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    with RunningApp(tmp_path) as app:
        page = client.Client(app.url, verbose=False)
        answer = page.predict("Once upon a time", max_new_tokens=20, pace="real time", api_name="/run")
        page.close()
    assert answer["state"] == "finished"
    assert [line for line in app.log.splitlines() if line and not line.startswith("* ")] == []
    assert "* Running on local URL" in app.log


@pytest.mark.parametrize(
    "warning",
    [
        "import warnings; warnings.warn('old', FutureWarning)",
        "import warnings; warnings.warn('old', DeprecationWarning)",
        "import logging; logging.getLogger('transformers').warning('old')",
    ],
)
def test_a_warning_of_either_kind_would_be_seen(warning, tmp_path):
    assert "old" in what_it_complains_of(f"print('begun'); {warning}", tmp_path)
