"""The browser's side of the seam: its pure modules in Node, and that both sides mean the same by every name."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import pytest
from support import synthetic

from swift_demo.events import Lane
from swift_demo.viewer import figures, value
from swift_demo.viewer.bundle import STATIC
from swift_demo.viewer.filling import coloured, fill
from swift_demo.viewer.fold import tables_of

TESTS = Path(__file__).parent / "js"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
# What a comparison may name beside the seam's codes: the page's own, plotly's, keys, types and bits.
CODES = {
    "loading",
    "running",
    "recorded",
    "finished",
    "png",
    "token",
    "trial",
    "incumbent",
    "mlp",
    "line",
    "margin",
}
CODES |= {"width", "object", "string", "number", "INPUT", "Enter", "Escape", "Arrow", " ", "L", "l", "P", "p"}
CODES |= {"0", "1", "@", "\\n"}
COMPARED = re.compile(r'(?:[!=]== |(?:startsWith|endsWith|includes)\()"([^"]*)"')
# An item read by its number, or a parameter, an item of a loop or a value taken apart by places.
_PLACES = r"\[\w*(?:, \w+)+\]"
POSITIONAL = re.compile(rf"\[[1-9]\d*\]|{_PLACES}\) =>|const {_PLACES} of |const {_PLACES} = (?!\[)")


def run_node(script, given=None):
    """What a function's body returns in Node, where it finds ``given`` under that name."""
    source = f"""import {{ readFileSync }} from "node:fs";
const given = JSON.parse(readFileSync(0, "utf8"));
const answer = await (async () => {{ {script} }})();
process.stdout.write(JSON.stringify(answer));"""
    done = subprocess.run(
        [str(NODE), "--input-type=module", "--eval", source],
        input=json.dumps(given),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def imported(name):
    """The beginning of such a body: one of the viewer's modules as ``module``."""
    return f'const module = await import("{(STATIC / name).as_uri()}");'


@needs_node
def test_the_pure_modules_pass_their_own_tests():
    files = sorted(map(str, TESTS.glob("*.test.js")))
    assert files
    command = [str(NODE), "--test", *files]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_node
def test_the_browser_fills_figures_as_python_does():
    specs, tables = figures.figure_specs(synthetic.NUM_LAYERS), tables_of(synthetic.race())
    shown = {name: coloured(specs[name]) for name in figures.SPECS}
    drawn = run_node(
        imported("filling.js")
        + """return Object.fromEntries(Object.entries(given.shown).map(([name, spec]) =>
  [name, module.fill(spec, given.tables, structuredClone)]));""",
        {"shown": shown, "tables": tables},
    )
    for name in figures.SPECS:
        filled = json.loads(fill(specs[name], tables).to_json())
        assert len(filled["data"]) == len(drawn[name]["data"])
        for ours, theirs in zip(filled["data"], drawn[name]["data"], strict=True):
            for key in ("x", "y", "z", "text", "customdata", "marker", "meta"):
                assert ours.get(key) == theirs.get(key), (name, key)
        assert any(trace.get("x") or trace.get("z") for trace in drawn[name]["data"]), name
        for key in ("shapes", "annotations", *(key for key in filled["layout"] if "axis" in key)):
            ours, theirs = filled["layout"].get(key, []), drawn[name]["layout"].get(key, [])
            assert ours == theirs, (name, key)


@needs_node
def test_every_code_has_its_words():
    words = run_node(imported("words.js") + "return module;")
    states = set(get_args(value.RunState))
    for table in ("RIBBON", "PLOT_WAITING", "LANE_WAITING"):
        assert set(words[table]) == states, table
    assert set(words["TOKEN_WORDS"]) == set(get_args(value.TokenState))
    assert set(words["NODE_WORDS"]) >= set(get_args(value.NodeState))
    assert [lane["name"] for lane in words["LANES"]] == list(get_args(Lane))
    shown = {figure["key"] for lane in words["LANES"] for figure in lane["figures"]}
    assert shown == set(value.NumbersRow.__annotations__) - {"event"}
    assert [plot["name"] for plot in words["PLOTS"]] == list(figures.SPECS)


def scripts():
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(STATIC.glob("*.js"))}


def seam_codes():
    """All words of the seam that code may compare."""
    kinds = (
        value.RunState,
        value.TokenState,
        value.NodeState,
        value.Stage,
        value.Tone,
        value.Identity,
        value.Part,
    )
    return {code for kind in (*kinds, Lane) for code in get_args(kind)}


@pytest.mark.parametrize("name", scripts())
def test_no_row_is_read_by_position(name):
    lines = [line.strip() for line in scripts()[name].splitlines()]
    assert [line for line in lines if POSITIONAL.search(line) and "entries(" not in line] == []


def test_code_compares_codes_and_never_words():
    compared = {word for text in scripts().values() for word in COMPARED.findall(text)}
    assert compared - seam_codes() == CODES - seam_codes()  # none more, and none that is no longer compared
