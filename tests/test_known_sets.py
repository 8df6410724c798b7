"""Sets kept in a file come back as they were, and only if they fit the model."""

from __future__ import annotations

import json

import pytest

from swift_demo.known_sets import (
    KnownSetsError,
    add_known_set,
    first_sets,
    load_known_set,
    load_known_sets,
    save_known_sets,
)
from swift_demo.skip_set import SkipSet

PUBLISHED = {
    "llama-2-13b_cnndm": {"attention": [2, 5], "mlp": [30]},
    "tiny_story": {"attention": [4, 1], "mlp": []},
}


@pytest.fixture
def published(tmp_path):
    """A file in the form of published sets, with models of several depths."""
    path = tmp_path / "skip_layers.json"
    path.write_text(json.dumps(PUBLISHED))
    return path


def test_saved_sets_come_back(tmp_path):
    sets = {"story": SkipSet((1, 3), (2,)), "code": SkipSet((), (4, 5))}
    save_known_sets(tmp_path / "sets.json", sets)
    assert load_known_sets(tmp_path / "sets.json", num_layers=8) == sets


@pytest.mark.parametrize(
    "added",
    [lambda data: b"\xef\xbb\xbf" + data, lambda data: data.replace(b"\n", b"\r\n") + b"\r\n\r\n"],
    ids=["a mark", "CRLF"],
)
def test_what_editors_add_does_no_harm(tmp_path, added):
    sets = {"a\u2028b": SkipSet((1, 3), (2,))}
    save_known_sets(tmp_path / "sets.json", sets)
    path = tmp_path / "sets.json"
    path.write_bytes(added(path.read_text(encoding="utf-8").replace("\\u2028", "\u2028").encode()))
    assert load_known_sets(path, num_layers=8) == sets


def test_no_file_is_no_sets(tmp_path):
    assert load_known_sets(tmp_path / "none.json", num_layers=8) == {}


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[1, 2]",
        '{"story": {"attention": [1]}}',
        '{"story": {"attention": ["a"], "mlp": []}}',
        '{"story": {"attention": [-1], "mlp": []}}',
        '{"story": {"attention": [8], "mlp": []}}',
        '{"story": {"attention": [Infinity], "mlp": []}}',
        '{"story": {"attention": [' + "9" * 5000 + '], "mlp": []}}',
        '{"story": {"attention": [1], "mlp": []}, "story": {"attention": [2], "mlp": []}}',
        "[" * 100_000,
        '{"' + "x" * 5000 + '": {"attention": [9], "mlp": []}}',
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, text):
    path = tmp_path / "sets.json"
    path.write_text(text)
    for load in (lambda: load_known_sets(path, 8), lambda: load_known_set(path, "tiny", "story", 8)):
        with pytest.raises(KnownSetsError, match=r"sets\.json") as caught:
            load()
        assert len(str(caught.value)) < 400 and "\n" not in str(caught.value)


def test_a_set_is_found_by_model_and_task_or_by_its_whole_name(published):
    assert load_known_set(published, "tiny", "story", 8) == SkipSet((1, 4), ())
    assert load_known_set(published, "any", "llama-2-13b_cnndm", 40) == SkipSet((2, 5), (30,))


def test_sets_of_deeper_models_stand_beside_without_harm_until_they_are_asked_for(published):
    load_known_set(published, "tiny", "story", 8)
    with pytest.raises(KnownSetsError, match=r"'llama-2-13b_cnndm' does not fit this model.*only 0 to 7"):
        load_known_set(published, "llama-2-13b", "cnndm", 8)


def test_a_set_that_is_not_there_is_refused_with_what_there_is(published, tmp_path):
    with pytest.raises(KnownSetsError, match=r"no set 'tiny_code' or 'code'; it has .*_cnndm, tiny_story"):
        load_known_set(published, "tiny", "code", 8)
    with pytest.raises(KnownSetsError, match=r"there is no file .*nowhere\.json"):
        load_known_set(tmp_path / "nowhere.json", "tiny", "code", 8)


def test_adding_a_set_leaves_the_others_as_they_are(published):
    add_known_set(published, "tiny", "code", SkipSet((), (3,)))
    add_known_set(published, "tiny", "story", SkipSet((2,), ()))
    assert json.loads(published.read_text()) == {
        "llama-2-13b_cnndm": {"attention": [2, 5], "mlp": [30]},
        "tiny_story": {"attention": [2], "mlp": []},
        "tiny_code": {"attention": [], "mlp": [3]},
    }


def test_a_file_of_something_else_is_not_overwritten(tmp_path):
    path = tmp_path / "notes.json"
    path.write_text("[]")
    with pytest.raises(KnownSetsError, match=r"notes\.json does not list skip sets"):
        add_known_set(path, "tiny", "code", SkipSet())
    assert path.read_text() == "[]"


def test_the_first_sets_are_those_that_skip_as_much_as_is_wished():
    everything, story, wide = SkipSet((1, 2), (3,)), SkipSet((1,), (2, 3)), SkipSet((1, 2, 3), (4,))
    sets = {"story": story, "all tasks": everything, "wide": wide}
    assert first_sets(sets, 3) == (everything, (story,))
    assert first_sets(sets, 4) == (None, (wide,))
    assert first_sets(sets) == (everything, (story, wide))
    assert first_sets({}, 3) == (None, ())
