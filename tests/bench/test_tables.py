"""The documents' tables are what the raw results give."""

from __future__ import annotations

import json

import pytest

from swift_demo.bench import methods as named
from swift_demo.bench import tables
from swift_demo.bench.report import OVERALL
from swift_demo.bench.table_rows import TABLES, headline, models
from swift_demo.bench.tables import ROOT, TableError, documents, filled

PAGE_RESULT = {
    "hardware": "a machine",
    "dtype": "float32",
    "versions": {"torch": "2.13.0", "transformers": "5.24.0"},
    "num_threads": 2,
    "arguments": {"repeat": 3},
    "summary": {"page": {"over_headless": {"vanilla": 0.912, "swift": 0.876}}},
}
MARKED = "# Title\n\n<!-- figures: page result.json -->\nold\n<!-- /figures -->\n\nBehind it.\n"


@pytest.fixture
def root(tmp_path):
    """A repository of one result and one document that has not been filled."""
    (tmp_path / "result.json").write_text(json.dumps(PAGE_RESULT), encoding="utf-8")
    (tmp_path / "page.md").write_text(MARKED, encoding="utf-8")
    return tmp_path


def speeds(accepted, **others):
    """A result of ``speed`` with one task."""
    kept = {"over_base": 1.752, "acceptance_rate": accepted, "mean_tokens_per_round": 13.17} | others
    rows = {
        named.VANILLA: {"tokens_per_s": 171.4},
        named.KEPT: kept,
        named.FOUND: {"over_base": 1.64},
        named.COLD_START: {"over_base": None},
    }
    return {"summary": {"story": rows, OVERALL: rows}}


def model_result(name, accepted):
    """A result of ``speed`` in which only the stream counts."""
    swift = {
        "over_base": 0.987,
        "over_base_of_worst_task": 0.951,
        "mean_tokens_per_round": 1.0,
        "acceptance_rate": accepted,
        "search_share": 0.012,
    }
    rows = {named.STREAM_VANILLA: {"tokens_per_s": 13.6}, named.COLD_START: swift}
    return {"model": name, "summary": {OVERALL: rows}}


@pytest.mark.parametrize("path", documents(ROOT), ids=lambda path: path.name)
def test_no_table_has_drifted_from_its_results(path):
    text = path.read_text(encoding="utf-8")
    assert filled(text, path.parent) == text, "run: python -m swift_demo.bench tables"


def test_every_table_stands_in_a_document():
    texts = "".join(path.read_text(encoding="utf-8") for path in documents(ROOT))
    assert [name for name in TABLES if f"<!-- figures: {name} " not in texts] == []


def test_a_table_is_filled_between_its_marks_with_its_origin(root):
    text = filled(MARKED, root / "docs", root)
    assert "| page | 3 | 0.91 | 0.88 |" in text and "old" not in text
    assert "[result.json](../result.json): a machine, float32, torch 2.13.0 on 2 threads" in text
    assert text.startswith("# Title\n\n<!-- figures: page result.json -->\n")
    assert text.endswith("<!-- /figures -->\n\nBehind it.\n")
    assert filled(text, root / "docs", root) == text


@pytest.mark.parametrize(
    ("mark", "why"),
    [
        ("<!-- figures: pgae result.json -->", "no table 'pgae'"),
        ("<!-- figures: page other.json -->", "other.json"),
        ("<!-- figures: growth result.json -->", "growth result.json: KeyError"),
        ("<!-- figures: growth result.json result.json -->", "TypeError"),
        ("<!-- /figures -->", "no partner"),
    ],
)
def test_a_table_that_cannot_be_filled_is_named(root, mark, why):
    with pytest.raises(TableError, match=why):
        filled(MARKED.replace("<!-- figures: page result.json -->", mark), root, root)


def test_the_command_shows_what_differs_or_mends_it(root, monkeypatch, capsys):
    monkeypatch.setattr(tables, "ROOT", root)
    monkeypatch.setattr(tables, "documents", lambda folder: [folder / "page.md"])
    monkeypatch.setattr(tables, "filled", lambda text, folder: filled(text, folder, root))
    with pytest.raises(SystemExit, match="differ"):
        tables.main(["--check"])
    shown = capsys.readouterr().out
    assert "-old" in shown and "+| page | 3 | 0.91 | 0.88 |" in shown
    assert (root / "page.md").read_text(encoding="utf-8") == MARKED
    tables.main([])
    tables.main(["--check"])
    assert "0.91" in (root / "page.md").read_text(encoding="utf-8")


def test_a_column_says_whether_rescued_tokens_count_as_accepted():
    assert "accepted, with rescued" in headline(speeds(0.5))[0]
    assert "rescued" not in headline(speeds(0.5, num_rescued=3))[0]


def test_figures_are_rounded_and_what_was_not_run_is_a_dash():
    *_, task, whole = headline(speeds(0.984))
    assert task == "| story | 171 | 1.75× | 1.64× | – | 98% | 13.2 |"
    assert whole.startswith("| **all tasks** | **171** |")


def test_models_stand_in_a_row_each_also_where_nothing_was_drafted():
    *_, one, other = models(model_result("one", None), model_result("other", 0.914))
    assert one == "| one | 14 | **0.99×** | 0.95× | 1.00 | nothing drafted | 1.2% |"
    assert other.startswith("| other |") and "| 91% |" in other
