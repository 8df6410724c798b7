"""Imports run one way: values, events, model, search, decoding, page; nothing looks back."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "swift_demo"
VALUES = {"brief", "files", "json_lines", "skip_set", "known_sets", "config"}
STORY = {"story", "story_lanes", "story_rounds", "story_swift", "trace_fields"}
TRACES = {"trace", "metrics", "text"}
ENGINE = {"model", "search", "decoding"}
# What each part of the package may import of the others. ``decoding`` hands back a recorded trace and
# its numbers, which know nothing of it.
ALLOWED = {
    "brief": set(),
    "skip_set": {"brief"},
    "assets": set(),
    "files": set(),
    "json_lines": set(),
    "known_sets": {"files", "json_lines", "skip_set"},
    "config": {"brief"},
    "events": VALUES,
    "text": set(),
    "trace_fields": VALUES | {"events"},
    "story_rounds": VALUES | {"events"},
    "story_lanes": VALUES | {"events", "story_rounds"},
    "story_swift": VALUES | {"events", "story_lanes", "story_rounds"},
    "story": VALUES | {"events", "story_lanes", "story_rounds", "story_swift"},
    "trace": VALUES | STORY | {"events", "text"},
    "metrics": VALUES | {"events"},
    "model": VALUES | {"events", "text"},
    "search": VALUES | {"events", "model"},
    "decoding": VALUES | TRACES | {"events", "model", "search"},
    "viewer": VALUES | TRACES | {"events"},
    "ui": VALUES | TRACES | ENGINE | {"assets", "events", "viewer"},
    "bench": VALUES | TRACES | ENGINE | {"events", "viewer"},
}
FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def name_of(path):
    """``swift_demo/model/target.py`` as ``swift_demo.model.target``."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def part_of(path):
    """The module or folder of the package that a file belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@cache
def imports(path):
    """Every module that a file imports, at any depth of its code."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively; this test reads absolute imports"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def reached(path):
    """All that is imported by a file or by the files of the package that it imports."""
    names, queue, seen = set(), [path], {path}
    files = {name_of(file): file for file in FILES}
    while queue:
        for name in imports(queue.pop()):
            names.add(name)
            file = files.get(name)
            if file and file not in seen:
                seen.add(file)
                queue.append(file)
    return names


def libraries(names):
    return {name.split(".")[0] for name in names}


def test_every_part_of_the_package_has_its_place():
    assert {part_of(path) for path in FILES} <= set(ALLOWED)


@pytest.mark.parametrize("part", ALLOWED)
def test_imports_run_one_way(part):
    for path in FILES:
        if part_of(path) != part:
            continue
        for name in imports(path):
            if name.startswith("swift_demo."):
                assert name.split(".")[1] in ALLOWED[part] | {part}, f"{name_of(path)} imports {name}"
            assert name != "swift_demo", f"{name_of(path)} imports the whole package"


def test_only_the_page_and_its_root_import_gradio():
    others = [path for path in FILES if part_of(path) != "ui"]
    assert [name_of(path) for path in others if "gradio" in libraries(imports(path))] == []


@pytest.mark.parametrize("part", sorted({*VALUES, *TRACES, *ENGINE, "events"}))
def test_the_backend_reaches_neither_gradio_nor_plotly(part):
    for path in FILES:
        if part_of(path) == part:
            assert not {"gradio", "plotly", "spaces"} & libraries(reached(path)), name_of(path)


def test_the_viewer_reaches_neither_torch_nor_gradio():
    for path in FILES:
        if part_of(path) == "viewer":
            assert not {"torch", "transformers", "gradio"} & libraries(reached(path)), name_of(path)


def test_values_and_events_are_plain_python():
    for path in FILES:
        if part_of(path) in {*VALUES, "events", "metrics"}:
            assert not {"torch", "transformers", "tokenizers"} & libraries(reached(path)), name_of(path)


def test_the_page_imports_torch_in_its_service_alone():
    for path in FILES:
        if part_of(path) == "ui" and path.stem != "service":
            assert not {"torch", "transformers"} & libraries(imports(path)), name_of(path)


def test_the_walk_sees_a_breach(tmp_path):
    path = tmp_path / "lazy.py"
    path.write_text("def f():\n    from gradio.themes import Soft\n    import torch.nn as nn\n")
    assert libraries(imports(path)) == {"gradio", "torch"}
