"""The real app in a process of its own, and a real Chromium that visits it."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest
from support.hostile import save_hostile_model
from support.running_app import RunningApp
from support.visits import Visit

TIMEOUT_MS = 60_000


def pytest_collection_modifyitems(items):
    """Everything here needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The demo as a visitor's machine serves it, with the embedded model."""
    with RunningApp(tmp_path_factory.mktemp("app")) as running:
        yield running


@pytest.fixture(scope="module")
def hostile_app(tmp_path_factory):
    """The demo with a model whose every answer is markup, template and script."""
    folder = tmp_path_factory.mktemp("hostile app")
    model = save_hostile_model(folder)
    with RunningApp(folder, "--model", str(model)) as running:
        yield running


@pytest.fixture
def visitors(chromium):
    """Opens an app's page as a new visitor; a script that ran, an error or a foreign request fails."""

    @contextmanager
    def visit(app, query="", **context_options):
        options = {"viewport": {"width": 1440, "height": 900}} | context_options
        context = chromium.new_context(**options)
        context.set_default_timeout(TIMEOUT_MS)
        visit = Visit(context.new_page())
        try:
            visit.open(app.url + query)
            yield visit
            assert not visit.problems
        finally:
            context.close()

    return visit


@pytest.fixture
def visit(visitors, app):
    """A visitor of the demo, at a desk."""
    with visitors(app) as visit:
        yield visit
