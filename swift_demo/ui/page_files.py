"""The page's own scripts and styles: where they are served, and what the page's head says of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from html import escape
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

# A place of its own below Gradio's: what stands in front of Gradio passes on whatever begins so.
_PLACE = "gradio_api/page"
_TYPES = {".js": "text/javascript", ".css": "text/css"}
_WATCH = Path(__file__).parent / "static" / "incomplete.js"


class PageFiles:
    """The files that the page consists of, kept in memory, so that what happens on disk is no matter.

    Their addresses are relative, so they hold behind any proxy, and say nothing of where the files lie. They
    carry a digest of all contents, so browsers may keep what they have got, and never mix two versions.

    Args:
        files: Scripts and styles by their names, in the order of the head.
    """

    def __init__(self, files: Mapping[str, str]):
        self._watch = _WATCH.read_text(encoding="utf-8")
        self._contents = {name: text.encode() for name, text in files.items()}
        self._digest = hashlib.sha256(b"\0".join(self._contents.values())).hexdigest()[:16]

    @property
    def head(self) -> str:
        """What asks for the files, and names those that do not come."""
        return f"<script>{self._watch}</script>" + "".join(map(self._element, self._contents))

    @property
    def routes(self) -> list[Route]:
        """Where a server answers for them."""
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
