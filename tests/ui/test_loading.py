"""A model on its way: how far it is is told while it loads, also during a run, and nobody waits in silence."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from swift_demo.model.load_progress import LoadProgress
from swift_demo.ui.gallery import Gallery
from swift_demo.ui.handlers import Handlers
from swift_demo.ui.layout import build_page
from swift_demo.ui.loading import Abandoned, HowFar, InThread, offer, shown, size_text
from swift_demo.ui.service import Service

ANNA = SimpleNamespace(session_hash="anna", query_params={})


@pytest.mark.parametrize(
    ("how_far", "text", "share"),
    [
        (HowFar(), "Loading fox …", None),
        (HowFar("downloading"), "Downloading fox …", None),
        (HowFar("downloading", 67_000_000, 268_000_000), "Downloading fox: 67 MB of 268 MB …", 0.25),
        (HowFar("downloading", 9, 3), "Downloading fox: 0 MB of 0 MB …", 1.0),
        (HowFar("reading weights"), "Reading the weights of fox …", None),
        (HowFar("reading weights", None, 16_060_000_000), "Reading the weights of fox, 16.1 GB …", None),
        (HowFar("checking"), "Checking with a test run: fox …", None),
    ],
)
def test_each_stage_has_its_words(how_far, text, share):
    assert shown("fox", how_far) == {"text": text, "share": share, "is_busy": True}


def test_sizes_are_short():
    assert [size_text(n) for n in (269_030_016, 999_000_000, 1_000_000_000)] == ["269 MB", "999 MB", "1.0 GB"]


@pytest.mark.parametrize(
    ("fits", "is_here", "is_gated", "words"),
    [
        (True, True, False, "Fox 1B: 1.0 GB of memory, on this machine"),
        (True, False, False, "Fox 1B: 1.0 GB of memory, to be downloaded"),
        (False, False, False, "Fox 1B: 1.0 GB of memory, to be downloaded, more than is free here"),
        (True, False, True, "Fox 1B: 1.0 GB of memory, to be downloaded, after accepting the Fox Licence"),
        (True, True, True, "Fox 1B: 1.0 GB of memory, on this machine"),
    ],
)
def test_an_offer_says_what_a_model_needs(fits, is_here, is_gated, words):
    assert offer("a/fox", "Fox 1B", 10**9, fits, is_here, is_gated, "Fox Licence") == ("a/fox", words)


def test_the_offers_are_the_catalogue_and_choosing_the_first_model_loads_nothing(tiny_target):
    handlers = Handlers(Service(tiny_target), Gallery(Path("nowhere")))
    offers = handlers.offers()
    assert len(offers) > 10 and len(dict(offers)) == len(offers)
    assert all(source and "memory" in words for words, source in offers)


class Slow:
    """A loader that waits for a signal between its stages, as a long download would."""

    def __init__(self, target):
        self.target = target
        self.goes_on = threading.Event()
        self.ended_by = None

    def __call__(self, name, progress):
        try:
            progress(LoadProgress("downloading", 1_000_000, 4_000_000))
            self.goes_on.wait(30)
            progress(LoadProgress("checking"))
        except BaseException as error:
            self.ended_by = error
            raise
        return self.target


def wait_for(updates, words):
    """The first update whose message has these words."""
    return next(update for update in updates if words in update[2]["text"])


def test_how_far_it_is_comes_while_it_loads_and_while_a_run_goes_on(tiny_target):
    load = Slow(tiny_target)
    handlers = Handlers(Service(tiny_target, load), Gallery(Path("nowhere")))
    running = handlers.run({"prompt": "Anna draws.", "max_new_tokens": 40}, ANNA)
    assert next(running)["state"] == "loading"
    updates = handlers.load_model("a/fox", None, "", ANNA)
    told = wait_for(updates, "1 MB of 4 MB")[2]
    assert (told["share"], told["is_busy"]) == (0.25, True)
    load.goes_on.set()
    assert list(updates)[-1][2] == {"text": "tiny is ready.", "share": None, "is_busy": False}
    assert list(running)[-1]["state"] == "finished"


def test_a_run_keeps_the_model_that_it_began_with(tiny_target):
    service = Service(tiny_target, Slow(tiny_target))
    service.visitors.choose("anna", "another")
    start = service.visitors.start("anna", "")
    assert start.model == ""


def test_loading_that_nobody_waits_for_ends(tiny_target):
    load = Slow(tiny_target)
    handlers = Handlers(Service(tiny_target, load), Gallery(Path("nowhere")))
    updates = handlers.load_model("a/fox", None, "", ANNA)
    wait_for(updates, "1 MB of 4 MB")
    updates.close()
    load.goes_on.set()
    for thread in threading.enumerate():
        if thread.daemon and thread is not threading.current_thread() and "InThread" in repr(thread._target):
            thread.join(30)
    assert isinstance(load.ended_by, Abandoned | type(None))
    assert handlers._service.visitors.model_of("anna") == ""


def test_what_the_work_raises_is_raised_to_who_watches():
    def work(tell):
        tell(HowFar("checking"))
        raise ValueError("no such fox")

    with pytest.raises(ValueError, match="no such fox"):
        list(InThread(work).watch())


def test_loading_does_not_queue_behind_runs(tiny_target):
    page = build_page(Handlers(Service(tiny_target), Gallery(Path("nowhere"))))
    ids = {fn.name: fn.concurrency_id for fn in page.fns.values()}
    assert ids["load_model"] != ids["run" if "run" in ids else "named"]
