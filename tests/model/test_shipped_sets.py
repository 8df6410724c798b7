"""Skip sets that come with the code are found by a model's name, and only if they fit."""

from __future__ import annotations

import shutil

import pytest

from swift_demo.assets import assets
from swift_demo.known_sets import load_known_sets, save_known_sets
from swift_demo.model import shipped_sets as shipped
from swift_demo.model.loading import load_target
from swift_demo.model.shipped_sets import shipped_file, shipped_sets
from swift_demo.skip_set import SkipSet

# Published by model: layers, and how many sub-layers are skipped.
PUBLISHED = {
    "llama-2-13b": (40, 34),
    "llama-2-13b-chat": (40, 34),
    "llama-2-70b": (80, 78),
    "codellama-13b": (40, 34),
    "codellama-34b": (48, 46),
}
SETS = {"all tasks": SkipSet((1, 3), (2,))}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Assets of a test's own."""
    (tmp_path / "skip_layers").mkdir()
    monkeypatch.setattr(shipped, "assets", lambda: tmp_path)
    return tmp_path / "skip_layers"


@pytest.mark.parametrize(
    "name",
    [
        "meta-llama/Llama-2-13b-hf",
        "Llama-2-13b-hf",
        "llama-2-13b",
        "/models/Llama-2-13B/",
        "someone/Llama-2-13B-GGUF/llama-2-13b.Q4_K_M.gguf",
        "llama-2-13b-f16.gguf",
    ],
)
def test_a_model_is_known_under_the_names_it_has(name):
    assert shipped_file(name).name == "llama-2-13b.json"


def test_other_models_are_not_taken_for_it():
    others = [
        "meta-llama/Llama-2-13b-chat-hf",
        "Llama-2-7b-hf",
        "llama-2-13b, planted 0.1",
        "",
        "..",
        "q4_0",
        "/",
    ]
    assert all(shipped_file(name).name != "llama-2-13b.json" for name in others)
    assert all(shipped_file(name).parent == assets() / "skip_layers" for name in others)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_sets_are_whole(name):
    num_layers, num_skipped = PUBLISHED[name]
    for skip_set in shipped_sets(name, num_layers).values():
        assert len(skip_set) == num_skipped and skip_set.inner(num_layers) == skip_set
    assert len(shipped_sets(name, num_layers)) == 1


def test_every_shipped_file_lists_sets_and_says_where_they_come_from():
    told = (assets() / "skip_layers" / "README.md").read_text(encoding="utf-8")
    files = list((assets() / "skip_layers").glob("*.json"))
    for file in files:
        assert load_known_sets(file, num_layers=200) and f"`{file.name}`" in told
        assert shipped_file(file.stem) == file
    assert {file.stem for file in files} >= {*PUBLISHED}


def test_sets_that_do_not_fit_are_passed_over():
    assert shipped_sets("llama-2-13b", 40) and shipped_sets("llama-2-13b", 12) == {}


def test_a_loaded_model_has_the_sets_shipped_under_its_name(folder, tiny_folder):
    save_known_sets(folder / "tiny.json", SETS | {"deep": SkipSet((30,), ())})
    assert load_target(tiny_folder, device="cpu").known_sets == SETS


def test_a_set_beside_the_model_comes_before_a_shipped_one(folder, tiny_folder, tmp_path):
    save_known_sets(folder / "tiny.json", SETS | {"story": SkipSet((2,), ())})
    own = tmp_path / "own" / "tiny"
    shutil.copytree(tiny_folder, own)
    save_known_sets(own / "skip_layers.json", {"all tasks": SkipSet((), (5,))})
    found = load_target(own, device="cpu").known_sets
    assert found == {"all tasks": SkipSet((), (5,)), "story": SkipSet((2,), ())}
