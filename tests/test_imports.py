"""Imports run one way; nothing looks back, and nothing is done at import."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE, TRAINING = ROOT / "swift_demo", ROOT / "training"
PAGE_LIBRARIES = {"gradio", "plotly", "spaces"}
ENGINE_LIBRARIES = {"torch", "transformers", "accelerate"}
DROPPED_LIBRARIES = {"sklearn", "scipy"}

VALUES = {
    "brief",
    "files",
    "json_lines",
    "skip_set",
    "known_sets",
    "config",
    "assets",
    "extras",
    "prompt_file",
    "messages",
}
TRACES = {"trace", "metrics"}
ENGINE = {"model", "search", "decoding", "hardware", "text"}
# What each part of the package may import of the others. ``decoding`` hands back a recorded trace and
# its numbers, which know nothing of it.
ALLOWED = {
    "brief": set(),
    "assets": set(),
    "extras": set(),
    "files": set(),
    "text": set(),
    "hardware": set(),
    "json_lines": {"brief"},
    "messages": {"brief"},
    "skip_set": {"brief"},
    "config": {"brief"},
    "prompt_file": {"json_lines"},
    "known_sets": {"brief", "files", "json_lines", "skip_set"},
    "events": VALUES,
    "metrics": VALUES | {"events"},
    "trace": VALUES | {"events", "text"},
    "model": VALUES | {"events", "text"},
    "search": VALUES | {"events", "model"},
    "decoding": VALUES | TRACES | {"events", "text", "hardware", "model", "search"},
    "offline": VALUES | TRACES | ENGINE | {"events"},
    "viewer": VALUES | TRACES | {"events"},
    "ui": VALUES | TRACES | ENGINE | {"events", "viewer"},
    "bench": VALUES | TRACES | ENGINE | {"events", "viewer", "offline"},
}
CORE = sorted(set(ALLOWED) - {"viewer", "ui", "bench"})
# A file that starts a program belongs to the part whose program it is, whatever folder gives it its name.
PROGRAMS = {PACKAGE / "search" / "__main__.py": "offline"}
# Of the page: what stands between it and the engine, and the two that put both together for the command line.
SERVICE = {"service"}
ROOTS = {"record", "serve", "start"}
# What nobody may do while a module is imported: read, build or load something, or look at the environment.
DOINGS = {
    *("environ", "getenv", "open", "read_text", "read_bytes", "write_text", "exists", "is_dir", "is_file"),
    *("iterdir", "glob", "rglob", "run", "load", "load_target", "from_pretrained", "take_apart"),
    *("build_page", "Blocks", "launch", "set_num_threads"),
}

FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def name_of(path):
    """``swift_demo/model/target.py`` as ``swift_demo.model.target``."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def part_of(path):
    """The module or folder of the package that a file belongs to."""
    if path in PROGRAMS:
        return PROGRAMS[path]
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def files_of(part):
    return [path for path in FILES if part_of(path) == part]


def is_for_types(node):
    """Whether a block is read by type checkers alone."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


@cache
def imports(path, with_types=True):
    """Every module that a file imports, at any depth of its code.

    Args:
        with_types: Also what only type checkers read.
    """
    found, waiting = set(), [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively; this test reads absolute imports"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        if with_types or not is_for_types(node):
            waiting += ast.iter_child_nodes(node)
    return found


def reached(path, without=()):
    """All that is imported at run time by a file or by the files of the package that it imports.

    Args:
        without: Files that are not followed.
    """
    names, queue, seen = set(), [path], {path, *without}
    files = {name_of(file): file for file in FILES}
    while queue:
        for name in imports(queue.pop(), with_types=False):
            names.add(name)
            parts = name.split(".")
            for i in range(len(parts)):  # with a module its packages are imported
                file = files.get(".".join(parts[: i + 1]))
                if file and file not in seen:
                    seen.add(file)
                    queue.append(file)
    return names


def libraries(names):
    return {name.split(".")[0] for name in names}


def done_at_import(path):
    """Names that are called or looked at where a module is imported, outside its functions."""
    found, waiting = set(), [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if is_for_types(node) or (
            isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"
        ):
            continue
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.add(node.func.id)
        waiting += ast.iter_child_nodes(node)
    return found


def test_every_part_of_the_package_has_its_place():
    assert {part_of(path) for path in FILES} <= set(ALLOWED)


@pytest.mark.parametrize("part", ALLOWED)
def test_imports_run_one_way(part):
    for path in files_of(part):
        for name in imports(path):
            if name.startswith("swift_demo."):
                assert name.split(".")[1] in ALLOWED[part] | {part}, f"{name_of(path)} imports {name}"
            assert name != "swift_demo", f"{name_of(path)} imports the whole package"


def test_nobody_imports_what_starts_a_program():
    for path in FILES:
        assert not [name for name in imports(path) if name.endswith("__main__")], name_of(path)


@pytest.mark.parametrize("path", PROGRAMS, ids=name_of)
def test_what_starts_a_program_does_nothing_else(path):
    own = {name for name in imports(path) if name.startswith("swift_demo.")}
    assert own == {f"swift_demo.{PROGRAMS[path]}.program", f"swift_demo.{PROGRAMS[path]}.program.main"}
    assert not [
        n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef | ast.ClassDef)
    ]


def test_the_plan_has_no_circle():
    order = []
    while len(order) < len(ALLOWED):
        free = [part for part in ALLOWED if part not in order and ALLOWED[part] - {part} <= set(order)]
        assert free, f"these import each other: {set(ALLOWED) - set(order)}"
        order += free


@pytest.mark.parametrize("part", CORE)
def test_the_core_reaches_no_library_of_the_page(part):
    for path in files_of(part):
        assert not (PAGE_LIBRARIES | DROPPED_LIBRARIES) & libraries(reached(path)), name_of(path)


def test_only_the_page_imports_gradio_and_nobody_what_was_dropped():
    for path in FILES:
        if part_of(path) != "ui":
            assert not {"gradio", "spaces"} & libraries(imports(path)), name_of(path)
        assert not DROPPED_LIBRARIES & libraries(imports(path)), name_of(path)


def test_values_and_events_are_plain_python():
    for path in FILES:
        if part_of(path) in {*VALUES, "events", "metrics"}:
            assert not (ENGINE_LIBRARIES | {"tokenizers"}) & libraries(reached(path)), name_of(path)


def test_the_viewer_reaches_neither_the_engine_nor_gradio():
    for path in files_of("viewer"):
        assert not (ENGINE_LIBRARIES | {"gradio", "spaces"}) & libraries(reached(path)), name_of(path)


def test_the_page_reaches_the_engine_through_its_service_alone():
    between = [path for path in files_of("ui") if path.stem in SERVICE | ROOTS]
    for path in files_of("ui"):
        if path not in between:
            assert not ENGINE_LIBRARIES & libraries(reached(path, without=between)), name_of(path)
        if path.stem not in SERVICE:
            assert not ENGINE_LIBRARIES & libraries(imports(path)), name_of(path)


def test_what_makes_the_model_imports_the_package_and_never_the_other_way():
    for path in FILES:
        assert not {"training", "tests", "support"} & libraries(imports(path)), name_of(path)
    for path in TRAINING.rglob("*.py"):
        parts = {name.split(".")[1] for name in imports(path) if name.startswith("swift_demo.")}
        assert not {"viewer", "ui"} & parts, path.name


@pytest.mark.parametrize("path", [*FILES, PACKAGE / "__init__.py", ROOT / "app.py"], ids=name_of)
def test_nothing_is_done_at_import(path):
    assert not DOINGS & done_at_import(path)


def test_the_walk_sees_a_breach(tmp_path):
    path = tmp_path / "lazy.py"
    path.write_text("def f():\n    from gradio.themes import Soft\n    import torch.nn as nn\n")
    assert libraries(imports(path)) == {"gradio", "torch"}


def test_the_walk_sees_what_is_done_at_import(tmp_path):
    path = tmp_path / "hasty.py"
    path.write_text(
        "import os\nA = os.environ.get('A')\nclass B:\n    b = open(A)\ndef f(): return g()\nh = lambda: i()"
    )
    assert {"environ", "open"} <= done_at_import(path)
    assert not {"g", "i"} & done_at_import(path)
