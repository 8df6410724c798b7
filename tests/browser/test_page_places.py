"""The page from a folder with an odd name, behind a proxy, with parts of it missing."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import expect
from support.proxy import StrippingProxy
from support.running_app import ROOT, RunningApp
from support.visits import SHORT_PROMPT, Visit

ODD_NAME = 'it\'s #1 <of> 100% & "é"?'
NO_JUNK = shutil.ignore_patterns("__pycache__")


@pytest.fixture(scope="module")
def odd_app(tmp_path_factory, tiny_folder):
    """The app below /swift, from a checkout with an odd name, with another's files where once ours were."""
    scratch = tmp_path_factory.mktemp("odd")
    root = scratch / ODD_NAME
    shutil.copytree(ROOT / "swift_demo", root / "swift_demo", ignore=NO_JUNK)
    shutil.copytree(ROOT / "assets" / "traces", root / "assets" / "traces")
    shutil.copy(ROOT / "app.py", root)
    planted = scratch / "tmp" / "swift_demo"
    planted.mkdir(parents=True)
    for version in ("7.0.0", "7.1.0", "7.2.0"):
        (planted / f"plotly-{version}.min.js").write_text("alert('planted')")
    environment = {"GRADIO_ROOT_PATH": "/swift", "TMPDIR": str(scratch / "tmp")}
    with RunningApp(scratch, "--model", str(tiny_folder), root=root, **environment) as running:
        # What the page is made of may go while it runs.
        shutil.rmtree(planted)
        shutil.rmtree(root / "swift_demo" / "viewer" / "static")
        with StrippingProxy(running.url, "/swift") as proxy:
            running.outside, running.url = proxy.outside, proxy.url
            yield running


def test_behind_a_proxy_that_strips_its_path_all_is_there_and_runs(visitors, odd_app):
    with visitors(odd_app) as visit:
        visit.problems.clear()  # the browser's own wish for an icon
        expect(visit.ribbon).to_contain_text("demo_model")  # recorded, and not with the model that is loaded
        expect(visit.maker).to_have_text(
            "This run was made with demo_model, not with tiny. Press Run to see tiny."
        )
        visit.set(maximum_tokens=16)
        visit.finish(SHORT_PROMPT)
        assert visit.text("vanilla") == visit.text("swift") != ""
        visit.page.wait_for_function("() => document.querySelector('[data-testid=plot-race]').data")
    assert set(odd_app.outside) <= {"/favicon.ico"}


@pytest.mark.parametrize(
    ("name", "instead"), [("plotly.min.js", None), ("viewer.js", "<html>Please log in"), ("viewer.css", None)]
)
def test_a_part_that_does_not_come_is_named_on_the_page(chromium, app, name, instead):
    page = chromium.new_page()
    visit = Visit(page)
    page.route(
        f"**/{name}",
        lambda route: (
            route.abort() if instead is None else route.fulfill(body=instead, content_type="text/javascript")
        ),
    )
    page.goto(app.url)
    notice = page.get_by_role("alert")
    notice.wait_for()
    assert notice.inner_text().endswith(f"Missing: {name}")
    assert visit.problems
    page.close()
