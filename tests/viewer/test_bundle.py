"""One script of many modules: each behind what it imports, in one scope; what cannot be joined is refused."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from swift_demo.viewer import bundle
from swift_demo.viewer.bundle import STATIC, BundleError, script, styles

ENTRIES = ("viewer.js", "standalone.js")
NODE = shutil.which("node")


@pytest.fixture
def modules(tmp_path):
    """Writes modules into a folder; its script, from ``main.js`` on."""

    def joined(**sources):
        for name, text in sources.items():
            (tmp_path / f"{name}.js").write_text(text, encoding="utf-8")
        return script("main.js", tmp_path)

    return joined


def test_each_module_stands_once_behind_those_that_it_imports(modules):
    text = modules(
        main='import { left } from "./left.js";\nimport "./right.js";\nleft();\n',
        left='import { deep, deeper } from "./deep.js";\nexport function left() { return deep + deeper; }\n',
        right='import { deep } from "./deep.js";\nexport const right = deep;\n',
        deep="export const deep = 1;\nexport let deeper = 2;\n",
    )
    assert re.findall(r"const deep|function left|const right|left\(\);", text) == [
        "const deep",
        "function left",
        "const right",
        "left();",
    ]
    assert not re.search(r"^(import|export)", text, re.MULTILINE)
    assert text.startswith('(function () {\n"use strict";\n') and text.endswith("})();\n")


@pytest.mark.parametrize(
    ("sources", "reason"),
    [
        (
            {
                "main": 'import { a } from "./one.js";\n',
                "one": 'import { b } from "./two.js";\nexport const a = 1;\n',
            },
            "one.js imports two.js, which does not exist",
        ),
        (
            {"main": 'import "./one.js";\n', "one": 'import "./two.js";\n', "two": 'import "./one.js";\n'},
            "circle: main.js → one.js → two.js → one.js",
        ),
        (
            {"main": 'import { b } from "./one.js";\n', "one": "export const a = 1;\nconst b = 2;\n"},
            "main.js imports b, which one.js does not export",
        ),
        (
            {
                "main": 'import { a } from "./one.js";\nfunction b() {}\n',
                "one": "export const a = 1;\nconst b = 2;\n",
            },
            "one.js and main.js both declare b",
        ),
        (
            {"main": 'import "./one.js";\nconst { a, b } = {};\n', "one": "class b {}\n"},
            "one.js and main.js both declare b",
        ),
        ({"main": 'import { a as b } from "./one.js";\n', "one": "export const a = 1;\n"}, "main.js imports"),
        ({"main": 'import a from "./one.js";\n', "one": ""}, "main.js: cannot be joined: import a from"),
        ({"main": "export default 1;\n"}, "main.js: cannot be joined: export default 1"),
        ({"main": "export { a };\nconst a = 1;\n"}, "main.js: cannot be joined: export { a }"),
    ],
)
def test_what_cannot_be_joined_is_refused_with_its_reason(modules, sources, reason):
    with pytest.raises(BundleError, match=re.escape(reason)):
        modules(**sources)


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_viewers_modules_can_be_joined(entry):
    text = script(entry)
    assert "</script" not in text
    if NODE is not None:
        done = subprocess.run(
            [NODE, "--check", "-"], input=text, capture_output=True, encoding="utf-8", timeout=60
        )
        assert done.returncode == 0, done.stderr


def test_no_module_and_no_sheet_is_left_out():
    text = script("standalone.js")
    for path in STATIC.glob("*.js"):
        declared = bundle.declarations(path.read_text(encoding="utf-8"))
        assert declared and all(re.search(rf"\b{name}\b", text) for name in declared), path.name
    assert {path.name for path in STATIC.glob("*.css")} == set(bundle.STYLES)
    assert all(path.read_text(encoding="utf-8") in styles() for path in STATIC.glob("*.css"))
