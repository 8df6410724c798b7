"""A run leaves the page as a file and comes back from one; what is no trace changes nothing."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect
from support.visits import SHORT_PROMPT

from swift_demo.trace import Trace

TOKENS = """() => [...document.querySelectorAll('.sv-text .sv-token')]
  .map((token) => [token.textContent, token.dataset.state, token.title])"""


def download(visit, kind):
    with visit.page.expect_download() as waiting:
        visit.page.get_by_test_id(f"export-{kind}").click()
    return waiting.value


def upload(visit, name, content):
    visit.page.get_by_test_id("open-trace").set_input_files(
        {"name": name, "mimeType": "application/jsonl", "buffer": content}
    )


def test_a_run_comes_back_from_its_trace_exactly_as_it_was(visitors, app):
    with visitors(app) as visit:
        visit.set(maximum_tokens=32)
        visit.finish(SHORT_PROMPT)
        shown, speedup = visit.page.evaluate(TOKENS), visit.speedup.text_content()
        saved = download(visit, "trace")
        path = saved.path()
        assert saved.suggested_filename.endswith(".jsonl")
        trace = Trace.load(path)
        assert trace.text("swift") == visit.text("swift")
        assert "lane,num_tokens" in download(visit, "metrics").path().read_text()
        assert set(json.loads(download(visit, "skip-set").path().read_text())["incumbent"]) == {
            "attention",
            "mlp",
        }
        assert download(visit, "html").path().read_text(encoding="utf-8").startswith("<!doctype html>")
        content = path.read_bytes()
    with visitors(app) as other:
        upload(other, "run.jsonl", content)
        expect(other.ribbon).to_contain_text("Recorded")
        expect(other.prompt).to_have_value(SHORT_PROMPT)
        expect(other.maker).to_be_hidden()
        other.page.wait_for_function(
            "number => document.querySelectorAll('.sv-text .sv-token').length === number", arg=len(shown)
        )
        assert other.page.evaluate(TOKENS) == shown
        assert other.speedup.text_content() == speedup
        assert Trace.load(download(other, "trace").path()) == trace


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\x00", "line 1: not UTF-8"),
        (b'{"a": 1}\n', "line 1: not a swift_demo trace"),
        (b"", "line 1: the file is empty"),
    ],
)
def test_what_is_no_trace_is_refused_with_the_reason_and_the_page_keeps_its_run(visit, content, words):
    visit.wait_until_grown({"vanilla": 0, "swift": 0})
    shown = visit.page.evaluate(TOKENS)
    upload(visit, "other.jsonl", content)
    expect(visit.page.get_by_test_id("file-message")).to_contain_text(words)
    expect(visit.page.get_by_test_id("file-message")).to_contain_text("other.jsonl")
    assert visit.page.evaluate(TOKENS) == shown
