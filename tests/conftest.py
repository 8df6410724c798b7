"""Fixtures of the engine's tests: tiny random models, and the demo model where it is there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings
from support.models import byte_tokenizer, save_random_model
from support.slow import is_slow

from swift_demo.model.loading import load_target

BROWSER_TIMEOUT_MS = 60_000
LAUNCH_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
ROOT = Path(__file__).parent.parent
REAL_MODEL = "SWIFT_DEMO_REAL_MODEL"  # names SmolLM2-135M-Instruct's GGUF file
DEMO_MODEL = ROOT / "assets" / "demo_model"

torch.set_num_threads(1)
settings.register_profile(
    "few examples",
    deadline=None,
    max_examples=25,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("few examples")


@pytest.hookimpl(tryfirst=True)  # before ``-m`` chooses
def pytest_collection_modifyitems(items):
    """Slow tests are marked; tests of the GPU or of the real model are skipped where there is none."""
    for item in items:
        if is_slow(item.path.relative_to(ROOT), getattr(item, "fixturenames", [])):
            item.add_marker(pytest.mark.slow)
        if "gpu" in item.keywords and not torch.cuda.is_available():
            item.add_marker(pytest.mark.skip(reason="no CUDA device"))
        if "real_model" in item.keywords and REAL_MODEL not in os.environ:
            reason = f"{REAL_MODEL} does not name the file; .ci/fetch-real-model prints it"
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def tokenizer():
    """A fast byte-level tokenizer with 300 tokens."""
    return byte_tokenizer()


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory, tokenizer):
    """A saved random Llama of eight narrow layers."""
    return save_random_model(tmp_path_factory.mktemp("models") / "tiny", tokenizer)


@pytest.fixture(scope="session")
def tiny_target(tiny_folder):
    """The random Llama, loaded."""
    return load_target(tiny_folder, device="cpu", dtype="float32")


@pytest.fixture(scope="session")
def demo_target():
    """The embedded model."""
    if not (DEMO_MODEL / "config.json").exists():
        pytest.skip("assets/demo_model is not there")
    return load_target(DEMO_MODEL, device="cpu", dtype="float32")


@pytest.fixture(scope="session")
def real_target():
    """SmolLM2-135M-Instruct; for tests marked ``real_model``."""
    return load_target(os.environ[REAL_MODEL], device="cpu", dtype="float32")


@pytest.fixture(scope="module")  # two of Playwright's loops cannot run at once, so none outlives its module
def chromium():
    """An installed Chromium, else Playwright's own; without one the tests are skipped, or fail if told so."""
    names = ("chromium", "chromium-browser", "google-chrome")
    installed = next(filter(None, map(shutil.which, names)), None)
    try:
        from playwright.sync_api import Error, expect, sync_playwright
    except ImportError:
        no_browser("Playwright is not installed")
    expect.set_options(timeout=BROWSER_TIMEOUT_MS)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=installed, args=LAUNCH_ARGS)
        except Error as error:
            if installed:
                raise
            no_browser(f"no Chromium on this machine: {str(error).splitlines()[0]}")
        yield browser
        browser.close()


def no_browser(reason):
    if os.environ.get("SWIFT_DEMO_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)
