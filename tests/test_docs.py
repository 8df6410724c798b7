"""What the documents name is there: links, headings, paths, commands; their Python runs in ``test_quiet``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from swift_demo.ui.knobs import KNOBS
from swift_demo.viewer.figures import SPECS

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "training" / "README.md",
    ROOT / "custom_generate" / "README.md",
]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
IN_TREE = re.compile(r"^( *)(\S+(?: [\w*]+\.\w+)*)(?:  .*)?$")
CODE = re.compile(r"`([^`\n]+)`")
# A path of the repository, as these documents write it between backticks.
NAMED_PATH = re.compile(
    r"(?:\.ci|app\.py|assets|benchmarks|custom_generate|docs|swift_demo|tests|training)(?:/[\w.*-]*)*"
)
RECIPE = re.compile(r"^([a-z][\w-]*)(?: .*)?:$", re.MULTILINE)


def text_of(path):
    return path.read_text(encoding="utf-8")


def anchors(path):
    """The names that GitHub gives a document's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(path)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def tree_paths(text):
    """Every path that an annotated tree names, its folders joined."""
    paths, folders = [], []
    for line in text.splitlines():
        indent, names = IN_TREE.match(line).groups()
        del folders[len(indent) // 2 :]
        paths += ["".join([*folders, name]) for name in names.split()]
        if names.endswith("/"):
            folders.append(names)
    return paths


def trees(path):
    """The annotated trees of a document: blocks without a language in which ``swift_demo/`` has a line."""
    return [code for language, code in FENCE.findall(text_of(path)) if not language and "\nswift_demo/" in code]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
class TestDocument:
    def test_every_link_leads_somewhere(self, path):
        broken = []
        for link in LINK.findall(FENCE.sub("", text_of(path))):
            if "://" in link:
                continue
            file, _, anchor = link.partition("#")
            goal = path.parent / file if file else path
            if not goal.exists() or (anchor and anchor not in anchors(goal)):
                broken.append(link)
        assert broken == []

    def test_every_path_in_a_tree_exists(self, path):
        named = [each for tree in trees(path) for each in tree_paths(tree)]
        assert [each for each in named if not any(ROOT.glob(each.rstrip("/")))] == []

    def test_every_path_between_backticks_exists(self, path):
        named = [code for code in CODE.findall(FENCE.sub("", text_of(path))) if NAMED_PATH.fullmatch(code)]
        assert [each for each in named if not any(ROOT.glob(each.rstrip("/")))] == []


def test_the_readme_and_the_architecture_have_a_tree():
    assert len(tree_paths(trees(ROOT / "README.md")[0])) > 10
    assert len(tree_paths(trees(ROOT / "docs" / "architecture.md")[0])) > 10


def test_every_page_of_docs_is_linked_from_the_readme():
    links = LINK.findall(text_of(ROOT / "README.md"))
    assert [page.name for page in (ROOT / "docs").glob("*.md") if f"docs/{page.name}" not in links] == []


def test_contributing_and_the_justfile_have_the_same_verbs():
    recipes = set(RECIPE.findall(text_of(ROOT / "justfile"))) - {"default"}
    named = set(re.findall(r"^\| `just ([\w-]+)", text_of(ROOT / "CONTRIBUTING.md"), re.MULTILINE))
    assert named == recipes and recipes >= {"run", "test", "quick", "lint", "js", "look", "measure", "tables"}


def test_contributing_says_what_each_verb_runs():
    recipes = text_of(ROOT / "justfile")
    for placeholder, shown in {" {{ arguments }}": "", "{{ end }}": "lowest", "{{ out }}": "OUT"}.items():
        recipes = recipes.replace(placeholder, shown)
    rows = re.findall(
        r"^\| `just ([\w-]+)[^|]*\| `([^|]+)` \|", text_of(ROOT / "CONTRIBUTING.md"), re.MULTILINE
    )
    for verb, command in rows:
        [body] = re.findall(rf"^{verb}(?: [^:\n]*)?:\n((?:    .*\n)+)", recipes, re.MULTILINE)
        assert " && ".join(line.strip() for line in body.splitlines()) == command, verb


def test_every_file_in_the_table_of_contracts_exists():
    """A file without a folder lies beside the one named before it in the cell, or in the package or tests."""
    section = text_of(ROOT / "docs" / "architecture.md").split("## The contracts")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|")[1:] for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 20
    missing = []
    for cell in (cell for row in rows for cell in row):
        folder = ROOT / "swift_demo"
        for name in re.findall(r"[\w/]+(?:\.py|/)(?=[,\s])", cell):
            found = [base / name for base in (folder, ROOT / "swift_demo", ROOT) if (base / name).exists()]
            missing += [] if found else [name]
            folder = found[0].parent if found else folder
    assert missing == []


def test_a_broken_link_and_a_wrong_path_would_be_seen(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "[a](nothing.md) `swift_demo/nothing.py`\n\n```\napp.py  x\nswift_demo/\n  no.py there.py  y\n```\n"
    )
    test = TestDocument()
    for check in (
        test.test_every_link_leads_somewhere,
        test.test_every_path_in_a_tree_exists,
        test.test_every_path_between_backticks_exists,
    ):
        with pytest.raises(AssertionError, match=r"nothing|no\.py"):
            check(page)


def test_the_page_is_described_with_every_plot_and_every_setting():
    text = text_of(ROOT / "docs" / "page.md")
    _, plots = text_of(ROOT / "swift_demo/viewer/static/words.js").split("export const PLOTS = [")
    titles = re.findall(r'name: "\w+",\s+title: "([^"]+)"', plots.split("\n];")[0])
    assert len(titles) == len(SPECS) and [title for title in titles if title not in text] == []
    assert [knob.name for knob in KNOBS if knob.name not in text] == []


def test_the_page_is_described_with_every_key():
    text = text_of(ROOT / "docs" / "page.md")
    _, keys = text_of(ROOT / "swift_demo/viewer/static/words.js").split("export const KEYS = [")
    combinations = re.findall(r'keys: "([^"]+)"', keys.split("\n];")[0])
    names = {name for keys in combinations for name in re.split(r"[ ,+]+", json.loads(f'"{keys}"'))}
    assert len(combinations) > 10 and {name for name in names if f"<kbd>{name}</kbd>" not in text} == set()
