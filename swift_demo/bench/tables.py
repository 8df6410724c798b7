"""``python -m swift_demo.bench tables``: fills the documents' tables from the raw results.

A table is between two marks. The first names the table and, relative to the repository, the files that it is
computed from::

    <!-- figures: growth benchmarks/results/2026-11-22-growth-cpu-2core.json -->
    <!-- /figures -->
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from swift_demo.bench.table_rows import TABLES, read_runs
from swift_demo.files import replace_file

ROOT = Path(__file__).parents[2]  # a checkout; an installed package has no documents
_MARKED = re.compile(r"^<!-- figures: (?P<mark>[^\n]+?) -->\n.*?^<!-- /figures -->$", re.DOTALL | re.MULTILINE)
_MARK = re.compile(r"^<!-- /?figures\b.*$", re.MULTILINE)


class TableError(ValueError):
    """A table cannot be filled; the message names it and says why."""


def filled(text: str, folder: Path, root: Path = ROOT) -> str:
    """A document's text with every marked table computed again.

    Args:
        folder: The document's own, which its links start from.
        root: What the files in the marks are relative to.

    Raises:
        TableError: If a mark has no partner, names no table, or its files do not hold what the table says.
    """

    def replaced(found: re.Match[str]) -> str:
        mark = found["mark"]
        try:
            lines = _lines(mark, folder, root)
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise TableError(f"figures: {mark}: {type(error).__name__}: {error}") from error
        return "\n".join([f"<!-- figures: {mark} -->", *lines, "<!-- /figures -->"])

    pairs = _MARKED.findall(text)
    if len(_MARK.findall(text)) != 2 * len(pairs):
        raise TableError(
            "a mark of a table has no partner; write <!-- figures: NAME FILES --> … <!-- /figures -->"
        )
    return _MARKED.sub(replaced, text)


def _lines(mark: str, folder: Path, root: Path) -> list[str]:
    """A table, and below it where its figures come from."""
    name, *sources = mark.split()
    if name not in TABLES:
        raise LookupError(f"there is no table {name!r}; there are {', '.join(TABLES)}")
    results = [_read(root / source) for source in sources]
    origins = [_origin(root / source, result, folder) for source, result in zip(sources, results, strict=True)]
    return ["", *TABLES[name](*results), "", f"<sub>{'; '.join(origins)}</sub>", ""]


def _read(path: Path) -> Any:
    """One source: a file of results, or a folder of traces."""
    return read_runs(path) if path.is_dir() else json.loads(path.read_text(encoding="utf-8"))


def _origin(path: Path, result: Any, folder: Path) -> str:
    """A link to a source, with the machine and the libraries it was measured on."""
    link = f"[{path.name}]({Path(os.path.relpath(path, folder)).as_posix()})"
    if path.is_dir():
        machines = {
            f"{run.header.hardware}, torch {run.header.versions['torch']}, "
            f"transformers {run.header.versions['transformers']}"
            for run in result.values()
        }
        return f"{link}: " + "; ".join(sorted(machines))
    about = [result["hardware"]]
    if versions := result.get("versions"):
        threads = result["num_threads"]
        about += [
            result["dtype"],
            f"torch {versions['torch']} on {threads} thread{'s' * (threads > 1)}",
            f"transformers {versions['transformers']}",
        ]
    return f"{link}: {', '.join(about)}"


def documents(root: Path) -> list[Path]:
    """The documents that may have tables."""
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m swift_demo.bench tables", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a table differs")
    parser.add_argument("documents", type=Path, nargs="*", help="Markdown files (default: README.md and docs/)")
    args = parser.parse_args(argv)
    differing = 0
    for path in args.documents or documents(ROOT):
        old = path.read_text(encoding="utf-8")
        try:
            new = filled(old, path.resolve().parent)
        except TableError as error:
            sys.exit(f"{path}: {error}")
        if new == old:
            continue
        differing += 1
        if args.check:
            print(
                *difflib.unified_diff(old.splitlines(), new.splitlines(), f"{path}", "computed", lineterm=""),
                sep="\n",
            )
        else:
            replace_file(path, new)
            print(f"filled {path}")
    if args.check and differing:
        sys.exit("the tables differ from the raw results; run: python -m swift_demo.bench tables")
