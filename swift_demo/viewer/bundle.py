"""The page's scripts as one script and its style sheets as one sheet, so that a page asks for two files.

The sources in ``static/`` are ES modules, whose order follows from what they import. A page opened from disk
cannot load modules, so they are joined here, in the scope of one function: each keeps its names, which must
therefore be unique across all of them.
"""

from __future__ import annotations

import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"
STYLES = ("base.css", "race.css", "timeline.css", "inspector.css", "plots.css", "presenter.css")

_IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"\./([\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|let|class)\b)", re.MULTILINE)
_DECLARED = re.compile(
    r"^(?P<export>export )?(?:async )?(?:function\*?|const|let|class) "
    r"(?:(?P<name>\w+)|[{[](?P<names>[^=]*)[}\]] =)",
    re.MULTILINE,
)


class BundleError(ValueError):
    """The modules cannot be joined; the message says which and why."""


def script(entry: str = "viewer.js", folder: Path = STATIC) -> str:
    """A module and all that it imports as one script, in an order in which each finds what it needs.

    Raises:
        BundleError: If a file is missing, imports are circular, or a name is not exported or declared twice.
    """
    sources: dict[str, str] = {}
    _collect(entry, folder, sources, path=())
    _check_names(sources)
    body = "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for text in sources.values())
    return f'(function () {{\n"use strict";\n{body}}})();\n'


def styles(folder: Path = STATIC) -> str:
    """All style sheets as one."""
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in STYLES)


def _collect(name: str, folder: Path, sources: dict[str, str], path: tuple[str, ...]) -> None:
    """Put a module into ``sources``, after those that it imports; ``path`` led to it."""
    if name in path:
        raise BundleError(f"modules import each other in a circle: {' → '.join((*path, name))}")
    if name in sources:
        return
    try:
        text = (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BundleError(f"{path[-1] if path else 'the page'} imports {name}, which does not exist") from None
    for names, imported in _IMPORT.findall(text):
        _collect(imported, folder, sources, (*path, name))
        missing = set(_words(names)) - exported(sources[imported])
        if missing:
            raise BundleError(f"{name} imports {', '.join(sorted(missing))}, which {imported} does not export")
    if left := re.search(r"^(?:import|export)\b.*", _EXPORT.sub("", _IMPORT.sub("", text)), re.MULTILINE):
        raise BundleError(f"{name}: cannot be joined: {left[0]}")
    sources[name] = text


def _check_names(sources: dict[str, str]) -> None:
    """Refuse a name that two modules declare: in one scope it would stand for the later one."""
    owners: dict[str, str] = {}
    for name, text in sources.items():
        for declared in declarations(text):
            if declared in owners:
                raise BundleError(f"{owners[declared]} and {name} both declare {declared}; rename one of them")
            owners[declared] = name


def declarations(text: str) -> list[str]:
    """Names that a module declares at its top level."""
    return [word for match in _DECLARED.finditer(text) for word in _declared(match)]


def exported(text: str) -> set[str]:
    """Names that a module exports."""
    return {word for match in _DECLARED.finditer(text) if match["export"] for word in _declared(match)}


def _declared(match: re.Match[str]) -> list[str]:
    return _words(match["name"] or match["names"])


def _words(names: str) -> list[str]:
    return re.findall(r"\w+", names)
