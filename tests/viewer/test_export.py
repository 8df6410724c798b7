"""A run as files: equal to what was saved, readable elsewhere, and a page that needs no network."""

from __future__ import annotations

import csv
import io
import json

import pytest
from support import pages, synthetic

from swift_demo.known_sets import load_known_sets
from swift_demo.metrics import lane_metrics
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Trace, TraceError
from swift_demo.viewer.__main__ import main
from swift_demo.viewer.export import KINDS, export, html_page, incumbent_of, value_of


def test_every_file_has_a_name_of_its_own_and_its_ending(race):
    names = {kind: export(race, kind)["name"] for kind in KINDS}
    assert len(set(names.values())) == len(KINDS)
    assert names["trace"] == "swift-swift-demo-24L-20260314150926.jsonl"


def test_the_trace_loads_as_what_it_was(race, tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_text(export(race, "trace")["text"], encoding="utf-8")
    assert Trace.load(path) == race
    assert value_of(Trace.load(path), "run") == value_of(race, "run")


def test_the_metrics_are_those_of_both_lanes(race):
    rows = list(csv.DictReader(io.StringIO(export(race, "metrics")["text"])))
    assert [row["lane"] for row in rows] == ["vanilla", "swift"]
    swift = lane_metrics(race.events, "swift")
    assert float(rows[1]["acceptance_rate"]) == swift.acceptance_rate
    assert int(rows[1]["num_trials"]) == swift.num_trials
    assert int(rows[1]["num_rescued"]) == swift.num_rescued
    assert float(rows[0]["speedup"]) == 1
    assert rows[0]["acceptance_rate"] == ""


def test_the_incumbent_reads_as_a_known_set(race, tmp_path):
    path = tmp_path / "skip_layers.json"
    path.write_text(export(race, "skip-set")["text"], encoding="utf-8")
    kept = [event.skip_set for _, event in synthetic.events_of(race, synthetic.SkipSetTried) if event.is_kept]
    assert load_known_sets(path, synthetic.NUM_LAYERS) == {"incumbent": kept[-1]}
    assert incumbent_of(Trace(race.header)) == SkipSet()


def test_no_text_of_a_run_ends_the_script_it_stands_in():
    trace = synthetic.race(hostile=True)
    page = html_page(trace)
    run = page.partition('id="run">')[2].partition("</script>")[0]
    assert json.loads(run)["value"] == value_of(trace, "file", link={})


def test_a_trace_without_a_run_is_refused(race):
    with pytest.raises(TraceError, match="no lane ever started"):
        value_of(Trace(race.header), "run")


def test_events_that_contradict_each_other_are_refused(race):
    (index, trial), *_ = synthetic.events_of(race, synthetic.SkipSetTried)
    trace = Trace(race.header, [trial], [race.texts[index]])
    with pytest.raises(TraceError, match="line 2: the swift lane has not started yet"):
        Trace.from_lines(list(trace.to_lines()))


def test_the_shell_makes_a_page_or_says_in_one_line_why_not(race, tmp_path, capsys):
    race.save(tmp_path / "run.jsonl")
    assert main([str(tmp_path / "run.jsonl")]) == 0
    assert (tmp_path / "run.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    (tmp_path / "run.jsonl").write_text((tmp_path / "run.jsonl").read_text() + "{broken\n")
    capsys.readouterr()
    assert main([str(tmp_path / "run.jsonl"), "-o", str(tmp_path / "other.html")]) == 2
    said = capsys.readouterr().err
    assert f"line {len(race) + 2}" in said and said.count("\n") == 1
    assert not (tmp_path / "other.html").exists()


@pytest.mark.browser
def test_the_page_opens_from_disk_alone_and_scrubs_as_the_viewer_does(chromium, tmp_path):
    trace = synthetic.race(hostile=True)
    (tmp_path / "run.html").write_text(html_page(trace), encoding="utf-8")
    problems: list[str] = []
    seen = []
    for address in ((tmp_path / "run.html").as_uri(), pages.write_page(tmp_path)):
        page = chromium.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "request",
            lambda request: (
                problems.append(request.url)
                if not request.url.startswith(("file:", "data:", "blob:"))
                else None
            ),
        )
        page.on("dialog", lambda dialog: (problems.append("a script in the text ran"), dialog.dismiss()))
        page.goto(address)
        if page.locator("#place").count():
            page.evaluate(
                "value => SwiftViewer.mount(document.getElementById('place')).show(value)",
                value_of(trace, "page"),
            )
        pages.settled(page)
        pages.scrub(page, 0.52)
        seen.append(pages.tokens(page))
        if page.get_by_test_id("export-trace").count():
            with page.expect_download() as download:
                page.get_by_test_id("export-trace").click()
            assert Trace.load(download.value.path()) == trace
        page.close()
    assert problems == []
    assert seen[0] == seen[1] and all(seen[0].values())
