"""A stand-in for the Hub: a small HTTP server that knows one model and a few ways to fail."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "a" * 40
MODEL = "somebody/tiny"
OTHERS = {
    "somebody/adapter": ["adapter_config.json", "adapter_model.safetensors"],
    "somebody/whole-adapter": ["adapter_config.json", "config.json", "model.safetensors"],
    "somebody/gguf": ["README.md", "model.Q4_K_M.gguf"],
    "somebody/diffuser": ["model_index.json"],
}


class _Server(ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = True
    folder: Path


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.split("?")[0].removeprefix("/api/models").lstrip("/")
        name = "/".join(path.split("/")[:2])
        if name == MODEL:
            return self._model(path)
        if name in OTHERS and self.path.startswith("/api/"):
            return self._list(name, OTHERS[name])
        if name == "somebody/gated":
            return self._answer(401, b"{}", {"X-Error-Code": "GatedRepo", "X-Error-Message": "terms first"})
        if name == "somebody/broken":
            return self._answer(500, b"{}")
        return self._answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def _model(self, path: str) -> None:
        if self.path.startswith("/api/"):
            if "/tree/" in path:
                return self._answer(200, b"[]")
            return self._list(MODEL, [file.name for file in self.server.folder.iterdir()])
        file = self.server.folder / path.rsplit("/", 1)[-1]
        if not file.is_file():
            return self._answer(404, b"", {"X-Error-Code": "EntryNotFound"})
        content = file.read_bytes()
        return self._answer(200, content, {"ETag": f'"{hashlib.sha256(content).hexdigest()}"'})

    def _list(self, name: str, files: list[str]) -> None:
        siblings = [{"rfilename": file} for file in files]
        self._answer(200, json.dumps({"id": name, "sha": COMMIT, "siblings": siblings}).encode())

    def _answer(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Connection", "close")  # so that a stopped server answers nobody any more
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


class StandInHub:
    """Serves a saved model as ``somebody/tiny``; can be stopped and started again at the same port."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._server = _Server(("127.0.0.1", self._port), _Handler)
        self._server.folder = self._folder
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
