"""The browser's side of the seam: its pure modules in Node, and that both sides mean the same by every name."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import pytest
from support import standing_aside, synthetic
from support.seam import columns_of_words

from swift_demo.events import Lane
from swift_demo.viewer import figures, value
from swift_demo.viewer.bundle import STATIC
from swift_demo.viewer.filling import coloured, fill
from swift_demo.viewer.fold import tables_of

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests" / "js"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
# What a comparison may name beside the seam's codes: the page's own, plotly's, keys, types, addresses and bits.
CODES = {"token", "trial", "incumbent", "png", "margin", "width", "line", "size", "standoff", "yshift"}
CODES |= {"object", "string", "number", "INPUT", "/gradio_api/page/"}
CODES |= {"Enter", "Escape", "Arrow", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End"}
CODES |= {" ", "?", "L", "l", "P", "p", "0", "@", "\\n"}
TEXT = r"""(?:"([^"]*)"|'([^']*)'|`([^`$]*)`)"""
TEXTS = rf"\[\s*{TEXT}(?:,\s*{TEXT})*,?\s*\]"
COMPARED = (
    re.compile(rf"[!=]==? {TEXT}"),
    re.compile(rf"{TEXT} [!=]==? "),
    re.compile(rf"\bcase {TEXT}:"),
    re.compile(rf"\.(?:startsWith|endsWith|includes)\({TEXT}"),
)
LOOKED_UP = re.compile(rf"({TEXTS}|\b[A-Z_]+)\.includes\(")
SIDES = re.compile(r"([\w.?\]]+) [!=]==? (?=([\w.?]+))")
# Some columns are called by names that are also those of elements and counts: there only the columns count.
COMMON_NAMES = {"text", "count", "title", "tokens", "seconds"}
# An item read by its number.
NUMBERED = re.compile(r"(\[\.\.\.\w+\]|\w+(?:\(\w*\))?|\]|\))\[(\d+)\]|(\w+(?:\(\w*\))?)\.at\((?!-1\))")
FIRST_OF = re.compile(r"s$|^\[\.\.\.|^childrenOf\(\w+\)$")  # lists, whose first item may be read
LISTS = ("madeChunks(SEED)", "range", "domain")  # the latter two are the ends of an axis, as plotly has them
# A parameter, an item of a loop or a value that is taken apart by places; keys with their values may be.
PLACES = r"\[[\w ]*(?:, *(?:\.\.\.)?\w*)+\]"
ENTRIES = r"\bentries\((?:[^()]|\([^()]*\))*\)"
TAKEN_APART = re.compile(
    rf"\({PLACES}(?:, \w+)*\) =>|(?:const|let) {PLACES} (?:of |= (?!\[))|function \w*\({PLACES}"
)
KEYS_WITH_VALUES = re.compile(
    rf"{ENTRIES}\s*\.\w+\(\({PLACES}(?:, \w+)*\) =>|(?:const|let) {PLACES} of (?:[\w.]+\.)?{ENTRIES}"
)


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
    tables["worth"] = tables_of(standing_aside.run())["worth"]
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


def scripts(*folders):
    return {
        path.name: path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted(folder.glob("*.js"))
    }


OURS = scripts(STATIC, ROOT / "swift_demo" / "ui" / "static")


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


def read_by_place(text):
    """What reads an item of a row by its place."""
    found = [
        match[0]
        for match in NUMBERED.finditer(text)
        if (name := match[1] or match[3]) not in LISTS and (match[2] != "0" or not FIRST_OF.search(name))
    ]
    return found + [match[0] for match in TAKEN_APART.finditer(KEYS_WITH_VALUES.sub("", text))]


def texts_compared(text):
    """The texts that are compared with something, alone or as items of a list."""
    found = {next(filter(None, match.groups()), "") for pattern in COMPARED for match in pattern.finditer(text)}
    for match in LOOKED_UP.finditer(text):
        given = match[1]
        if not given.startswith("["):
            declared = re.search(rf"const {given} = ({TEXTS})", text)
            given = declared[1] if declared else "[]"
        found |= {next(filter(None, item.groups()), "") for item in re.finditer(TEXT, given)}
    return found


def words_compared(text):
    """The comparisons in which a side is a column of words for people."""
    words = columns_of_words()
    return [
        match[0]
        for match in SIDES.finditer(text)
        for side in match.groups()
        if re.split(r"\W+", side)[-1] in (words if "." in side else words - COMMON_NAMES)
    ]


@pytest.mark.parametrize("name", OURS)
def test_no_row_is_read_by_position(name):
    assert read_by_place(OURS[name]) == []


def test_no_test_reads_a_row_by_position():
    found = {name: read_by_place(text) for name, text in scripts(TESTS).items()}
    assert {name: places for name, places in found.items() if places} == {}


def test_code_compares_codes_and_never_words():
    compared = {word for text in OURS.values() for word in texts_compared(text)}
    assert compared - seam_codes() == CODES - seam_codes()  # none more, and none that is no longer compared


@pytest.mark.parametrize("name", OURS)
def test_words_for_people_are_neither_compared_nor_split(name):
    assert words_compared(OURS[name]) == []
    assert re.findall(r"(\w+)\??\.split\(", OURS[name]) == (["address"] if name == "incomplete.js" else [])


@pytest.mark.parametrize(
    "text",
    [
        "row[0]",
        "row[12]",
        "nodes[i][2]",
        "nodes[i][0]",
        "of(row)[0]",
        "rows.at(1)",
        "rows.map(([event, text]) => text)",
        "rows.map(([event, text], i) => i)",
        "const [event, text] = row;",
        "const [, text] = row;",
        "let [event, ...rest] = row;",
        "for (const [event, text] of rows) say(text); // entries(",
        "function say([event, text]) {}",
        "Object.entries(tables).map(({ rows }) => rows.map(([a, b]) => a))",
    ],
)
def test_an_item_that_is_read_by_its_place_is_found(text):
    assert read_by_place(text)


@pytest.mark.parametrize(
    "text",
    [
        "rows[0]",
        "[...stale][0]",
        "rows[i]",
        "rows.at(-1)",
        "const [left, right] = [a, b];",
        "for (const [key, item] of Object.entries(made.of(row))) say(key);",
        "for (const [i, row] of rows.entries()) say(i);",
        "Object.entries(value).map(([key, item]) => item)",
        "speaker.say([a, b], [c]);",
    ],
)
def test_what_is_no_row_may_be_read_by_its_place(text):
    assert read_by_place(text) == []


@pytest.mark.parametrize(
    "text",
    [
        'state === "word"',
        "state !== 'word'",
        "'word' == state",
        'case "word": return;',
        "text.startsWith('word')",
        '["other", "word"].includes(state)',
        'const STATES = [\n  "other", "word",\n];\nSTATES.includes(state)',
    ],
)
def test_a_text_that_is_compared_is_found(text):
    assert "word" in texts_compared(text)


@pytest.mark.parametrize("text", ["row.label === label", "a === run.label", "label !== shown", "row.text == b"])
def test_a_comparison_of_words_is_found(text):
    assert words_compared(text)
