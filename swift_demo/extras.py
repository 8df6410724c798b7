"""Optional libraries, which only some parts of the package need."""

from __future__ import annotations

from importlib.util import find_spec


class MissingExtra(ModuleNotFoundError):
    """A part of the package was imported without its libraries; the message says how to get them."""


def require(extra: str, *libraries: str) -> None:
    """Go on only if all these libraries are installed.

    Raises:
        MissingExtra: If one is not.
    """
    if missing := [name for name in libraries if find_spec(name) is None]:
        raise MissingExtra(
            f"{', '.join(missing)} not found; pip install 'swift-demo[{extra}]' brings what is needed"
        )
