"""The page's own scripts and styles: where they are served, and how the page's head asks for them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from html import escape
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

# A path of its own below Gradio's: a proxy in front of Gradio passes on whatever begins like this.
_PLACE = "gradio_api/page"
_TYPES = {".js": "text/javascript", ".css": "text/css"}
_WATCH = Path(__file__).parent / "static" / "incomplete.js"


class PageFiles:
    """The files of the page, read once at the start, so later changes on disk have no effect.

    Their addresses are relative, so they work behind any proxy, and do not reveal where the files are. They
    carry a digest of all contents, so browsers may cache files and never mix two versions.

    Args:
        files: Scripts and styles by their names, in the order of the head.
    """

    def __init__(self, files: Mapping[str, str]):
        self._watch = _WATCH.read_text(encoding="utf-8")
        self._contents = {name: text.encode() for name, text in files.items()}
        self._digest = hashlib.sha256(b"\0".join(self._contents.values())).hexdigest()[:16]

    @property
    def head(self) -> str:
        """HTML that asks for the files, and names those that do not arrive."""
        return f"<script>{self._watch}</script>" + "".join(map(self._element, self._contents))

    @property
    def routes(self) -> list[Route]:
        """The routes that serve them."""
        return [Route(f"/{_PLACE}/{{digest}}/{{name}}", self._answer)]

    def _element(self, name: str) -> str:
        address = escape(f"{_PLACE}/{self._digest}/{quote(name)}")
        if name.endswith(".css"):
            # Linked rather than given as css_paths: Gradio would confine every rule to its own container.
            return f'<link rel="stylesheet" href="{address}">'
        return f'<script src="{address}"></script>'

    def _answer(self, request: Request) -> Response:
        name = request.path_params["name"]
        if request.path_params["digest"] != self._digest or name not in self._contents:
            return PlainTextResponse("There is no such file; load the page again.", status_code=404)
        return Response(
            self._contents[name],
            media_type=_TYPES[Path(name).suffix],
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )
