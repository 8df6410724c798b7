"""Fresh environments with the engine's libraries alone, at one end of the ranges in pyproject.toml.

Only torch, with what it requires, is shared with the Python that runs this: it is large, and its older builds
for a CPU are not on PyPI.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import venv
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def name_of(requirement: str) -> str:
    """``numpy`` of ``numpy>=1.26,<3``."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def lowest(requirement: str) -> str:
    """``numpy==1.26`` of ``numpy>=1.26,<3``."""
    end = re.search(r">=\s*([\w.]+)", requirement)
    if not end:
        sys.exit(f"pyproject.toml states no lowest version in {requirement!r}; write it as NAME>=LOWEST,<ABOVE")
    return f"{name_of(requirement)}=={end[1]}"


def core_requirements(end: str) -> list[str]:
    """What the engine needs, at one end of the ranges; torch must only lie within its own."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    core = project["dependencies"]
    return [lowest(each) if end == "lowest" and name_of(each) != "torch" else each for each in core]


def make_environment(folder: Path, requirements: list[str]) -> Path:
    """The Python of a fresh environment in a folder, with torch and what else is required."""
    venv.create(folder / "venv")
    python = folder / "venv" / "bin" / "python"
    # Shared from beside the environment, not from inside, so that pip takes it as it is and never writes there.
    shared = folder / "shared"
    shared.mkdir()
    _share("torch", shared, set())
    [packages] = (folder / "venv" / "lib").glob("python*/site-packages")
    (packages / "shared.pth").write_text(f"{shared}\n", encoding="utf-8")
    install(python, f"torch=={version('torch')}", *requirements)
    return python


def install(python: Path, *what: str) -> None:
    """Let pip install something into the environment of a Python, which has no pip of its own."""
    pip = [sys.executable, "-m", "pip", "--python", python]
    subprocess.run([*pip, "install", "--quiet", *what], check=True)


def _share(name: str, folder: Path, seen: set[str]) -> None:
    """Link an installed library, and those that it requires, into a folder."""
    if name in seen:
        return
    seen.add(name)
    try:
        library = distribution(name)
    except PackageNotFoundError:  # required elsewhere: another system, another Python
        return
    for part in {file.parts[0] for file in library.files or []} - {"..", "__pycache__"}:
        if not (folder / part).exists():
            (folder / part).symlink_to(library.locate_file(part))
    for requirement in library.requires or []:
        if "extra ==" not in requirement:
            _share(name_of(requirement), folder, seen)
